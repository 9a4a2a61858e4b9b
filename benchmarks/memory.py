"""Right-sizing: calls a tool of a deployed function with several memory sizes, and says which one to take.

The calls are real, and so is what the tool does: name one that only reads. They go to $LATEST, so the alias that the
API calls, and with it all traffic, stays as it is; but they count against the function's reserved concurrency.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from typing import Any

from cost import Parser

from .deployed import Deployed, DeployedError
from .sizes import Size, compared

SIZES = (256, 512, 1024, 1769, 3008)  # 1769 MB is one processor; a new account has no more than 3008
MOST_CALLS = 1000


def main(words: Sequence[str] | None = None) -> int:
    """Measure and print; 0, 1 after a sentence on what went wrong, 130 if interrupted."""
    arguments = parsed(words)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that an end from outside puts the memory back, too
    try:
        run(arguments)
    except DeployedError as error:
        print(f"memory: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("memory: interrupted; the memory is what it was before", file=sys.stderr)
        return 130
    return 0


def run(arguments: argparse.Namespace) -> None:
    """Try all sizes in turn, as often as there are rounds, and print what came of it."""
    function = Deployed(arguments.function)
    # The present size comes last: giving a function the size that it has might not start a new environment.
    sizes = sorted(arguments.sizes, key=lambda memory: memory == function.memory)
    measured = [Size(memory, function.architecture) for memory in sizes]
    print(
        f"{arguments.tool} of {function.name}: {len(sizes)} sizes × {arguments.rounds} rounds ×"
        f" (1 cold + {arguments.warm} warm) = {number_of_calls(arguments)} calls\n",
        flush=True,
    )
    with function.kept_memory():
        for size in measured * arguments.rounds:
            measure(function, size, arguments)
    print(compared(sorted(measured, key=lambda size: size.memory), function.memory))


def parsed(words: Sequence[str] | None) -> argparse.Namespace:
    """The command line; ends with a sentence if it cannot be."""
    first = (__doc__ or "").split("\n\n")
    parser = Parser(prog="python -m benchmarks.memory", description=first[0], epilog=first[1])
    parser.add_argument("function", metavar="FUNCTION", help="name or ARN of the function, without version or alias")
    parser.add_argument("tool", metavar="TOOL", help="the tool to call")
    parser.add_argument("arguments", metavar="ARGUMENTS", nargs="?", default={}, type=_json, help="its arguments, JSON")
    parser.add_argument("--claims", default={}, type=_json, help="claims of the caller, JSON, if the tool asks for any")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, metavar="MB", help=f"default {SIZES}")
    parser.add_argument("--rounds", type=int, default=2, metavar="N", help="cold starts for each size (%(default)s)")
    parser.add_argument("--warm", type=int, default=10, metavar="N", help="warm calls after each (%(default)s)")
    arguments = parser.parse_args(words)
    calls = number_of_calls(arguments)
    if len(set(arguments.sizes)) != len(arguments.sizes) or len(arguments.sizes) < 2:
        parser.error(
            f"--sizes has {arguments.sizes}, but must be two different sizes or more: there is nothing to compare."
        )
    if not all(128 <= memory <= 10_240 for memory in arguments.sizes):
        parser.error(f"--sizes has {arguments.sizes}, but Lambda gives a function 128 to 10240 MB.")
    if arguments.rounds < 1 or arguments.warm < 1:
        parser.error("--rounds and --warm must be 1 or more: without a call there is no median.")
    if calls > MOST_CALLS:
        parser.error(
            f"that makes {calls} calls, but no more than {MOST_CALLS} are made: take fewer sizes, rounds or warm calls."
        )
    return arguments


def number_of_calls(arguments: argparse.Namespace) -> int:
    """How often the function will be invoked."""
    count: int = len(arguments.sizes) * arguments.rounds * (1 + arguments.warm)
    return count


def measure(function: Deployed, size: Size, arguments: argparse.Namespace) -> None:
    """One cold call of a size and its warm ones: with a new configuration, the first call starts a new environment."""
    function.resize(size.memory)
    for number in range(1 + arguments.warm):
        told = function.call(arguments.tool, arguments.arguments, arguments.claims)
        (size.warm if number else size.cold).append(told)


def _json(text: str) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError(f'{text!r} is not a JSON object, such as {{"city": "Bern"}}')
    return value


_json.__name__ = "JSON object"  # argparse names it when the text is no JSON at all


if __name__ == "__main__":
    sys.exit(main())
