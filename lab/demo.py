"""The demonstration behind scripts/demo."""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests
import tftest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp_types import CallToolResult, Tool
from rich.console import Console
from rich.table import Table

from lab import local_aws
from lab.callers import access
from lab.local_aws import REPOSITORY, LocalAWS, LocalAWSError

Call = tuple[str, dict[str, Any]]

CALLS: dict[str, list[Call]] = {
    "basic": [
        ("working_days", {"start": "2026-12-01", "end": "2026-12-31", "holidays": ["2026-12-25"]}),
        ("convert", {"value": 26.2, "from_unit": "mi", "to_unit": "km"}),
        ("text_statistics", {"text": "Serverless means there is one server less to count. Count the words instead."}),
    ],
    "jwt": [
        ("next_version", {"current": "1.4.2", "commits": ["fix: close the door", "feat: add a bell"]}),
        ("release_notes", {"version": "1.5.0", "commits": ["fix: close the door", "feat: add a bell"]}),
        ("who_am_i", {}),
    ],
    "iam": [("cut", {"block": "10.20.0.0/16", "parts": 3}), ("who_am_i", {})],
    "token": [("turn_switch", {"name": "new-checkout", "on": True}), ("list_switches", {})],
    "existing-stack": [("get_order", {"order_id": "A-1001"})],
    "long-tool": [("sales_report", {})],
    "complete": [
        ("record_consent", {"email": "ada@example.com", "purpose": "newsletter", "given": True}),
        ("consents_of", {"email": "ada@example.com"}),
        ("forget_person", {"email": "ada@example.com"}),
    ],
    "fastmcp": [("contrast", {"text": "#767676", "background": "#ffffff"})],
    "fastapi-app": [("check_iban", {"iban": "DE89 3704 0044 0532 0130 00"})],
}
"""What is called in each example."""

WORK = REPOSITORY / ".build"
ERAS = {"auto": "2026-07-28", "legacy": "handshake"}
STATES = {"OK": "OK", "ALARM": "in alarm", "INSUFFICIENT_DATA": "no data yet"}
ANSWER_SECONDS = 60
KEPT = "kept"  # a file that says: leave this directory alone

console = Console(highlight=False)
canvas = Console(highlight=False, record=True, file=io.StringIO(), width=110, no_color=False)
"""Records what a picture shows: all that is printed but what differs from run to run, such as times."""


class DemoError(Exception):
    """Ends the demonstration with one line."""


def main() -> int:
    """Run the demonstration; 0, or 1 after one line on what went wrong, with nothing left behind."""
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that an end from outside cleans up, too
    sweep()
    directory = WORK / f"demo-{os.getpid()}"
    directory.mkdir(parents=True)
    try:
        demonstrate(arguments.example, directory, keep=arguments.keep)
        if arguments.picture:
            canvas.save_svg(str(arguments.picture), title="scripts/demo", unique_id="demo")
    except (DemoError, LocalAWSError) as error:
        console.print(f"demo: {error}", style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("demo: interrupted; nothing is left running", style="red")
        return 130
    finally:
        if not (directory / KEPT).exists():
            shutil.rmtree(directory)
    return 0


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--example", choices=sorted(CALLS), default="basic", help="which example (%(default)s)")
    parser.add_argument("--keep", action="store_true", help="leave it running and say how to connect to it")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="also draw what it prints, as SVG")
    return parser.parse_args()


def sweep() -> None:
    """Remove what a demonstration left that was killed."""
    for directory in WORK.glob("demo-*"):
        owner = int(directory.name.removeprefix("demo-"))
        try:
            os.kill(owner, 0)
        except ProcessLookupError:
            if not (directory / KEPT).exists():
                shutil.rmtree(directory)


def demonstrate(example: str, directory: Path, *, keep: bool) -> None:
    """Apply the example, show it, and destroy it unless it is to be kept."""
    with step("starting the local AWS") as done:
        aws = local_aws.start(directory / "ministack.log", tied=not keep)
        done(aws.endpoint, in_picture=False)
    try:
        terraform = initialised(directory, example, aws)
        outputs = apply(terraform)
        url = aws.url(outputs["api_id"])
        wait_for_answer(aws.url(outputs["api_id"], "/health"))
        show_server(url, caller := access(aws, outputs), CALLS[example])
        show_alarms(aws)
        if keep:
            (directory / KEPT).touch()
            explain_connection(aws, directory, example, url, caller)
        else:
            with step("terraform destroy"):
                run(terraform.destroy)
    except BaseException:
        aws.stop()
        raise
    if not keep:
        aws.stop()
        console.print("\nNothing is left running. scripts/demo --keep leaves it up to connect a client to.")


def initialised(directory: Path, example: str, aws: LocalAWS) -> tftest.TerraformTest:
    """Terraform in a copy of the example."""
    with step("terraform init"):
        copy = directory / "copy"
        copy.mkdir()
        root = local_aws.copy_of_repository(copy) / "examples" / example
        return run(local_aws.stack, root, aws.environ)


def apply(terraform: tftest.TerraformTest) -> dict[str, Any]:
    """Apply; the outputs by name."""
    with step("terraform apply") as done:
        said = run(terraform.apply)
        done(re.findall(r"(\d+) added", said)[-1] + " resources")
        values = terraform.output()
        return {name: values[name] for name in values}


def wait_for_answer(health: str) -> None:
    """Wait until the server answers for the first time."""
    with step("first answer, from a cold start"):
        end = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < end:
            with suppress(requests.RequestException):
                answer = requests.get(health, timeout=ANSWER_SECONDS)
                if answer.ok:
                    return
                raise DemoError(f"{health} answers with {answer.status_code}: {answer.text[:200]}")
        raise DemoError(f"{health} did not answer within {ANSWER_SECONDS} s")


def show_server(url: str, access: dict[str, Any], calls: list[Call]) -> None:
    """List the tools once, and call them in both eras of the protocol."""
    console.print(f"\n[bold]{url}\n", soft_wrap=True)
    columns = ("era", "call", "answer")
    answers, pictured = (
        Table(*columns, *further, title="calls with the official client", title_justify="left")
        for further in (["ms"], [])
    )
    for mode, era in ERAS.items():
        try:
            tools, answered = asyncio.run(session(url, access, mode, calls))
        except Exception as error:
            raise DemoError(f"the {era} client failed: {innermost(error)}") from None
        if mode == "auto":
            show_tools(tools)
        for (name, arguments), (result, seconds) in zip(calls, answered, strict=True):
            text = " ".join(" ".join(getattr(part, "text", "…") for part in result.content).split())
            if result.is_error:
                raise DemoError(f"{name} failed in the {era} era: {text}")
            said = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
            cells = (era, f"{name}({said})", text)
            answers.add_row(*cells, f"{seconds * 1000:.0f}")
            pictured.add_row(*cells)
    console.print(answers)
    canvas.print(pictured)


async def session(
    url: str, access: dict[str, Any], mode: str, calls: list[Call]
) -> tuple[list[Tool], list[tuple[CallToolResult, float]]]:
    """The tools, and each call's result with its seconds."""
    answered = []
    async with (
        create_mcp_http_client(**access) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        tools = (await client.list_tools()).tools
        for name, arguments in calls:
            begun = time.perf_counter()
            result = await client.call_tool(name, arguments)
            answered.append((result, time.perf_counter() - begun))
    return tools, answered


def innermost(error: BaseException) -> BaseException:
    """What really happened, inside the task groups of the client."""
    return innermost(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


def show_tools(tools: list[Tool]) -> None:
    """A table of the tools."""
    table = Table("tool", "arguments", "what it does", title="tools", title_justify="left")
    for tool in tools:
        table.add_row(tool.name, ", ".join(tool.input_schema.get("properties", {})), tool.description)
    show(table)


def show_alarms(aws: LocalAWS) -> None:
    """A table of the alarms that watch the server."""
    cloudwatch = aws.client("cloudwatch")
    table = Table("alarm", "goes off at", "state", title="alarms", title_justify="left")
    for alarm in cloudwatch.describe_alarms()["MetricAlarms"]:
        metric = f"{alarm.get('ExtendedStatistic') or alarm['Statistic']} {alarm['MetricName']}"
        share = [query["Label"] for query in alarm.get("Metrics", []) if "Expression" in query]
        threshold = f"{(share or [metric])[0]} ≥ {alarm['Threshold']:g}"
        table.add_row(alarm["AlarmName"], threshold, STATES[alarm["StateValue"]])
    show(table)


def show(table: Table) -> None:
    """Print a table, which is in the picture, too."""
    console.print(table)
    canvas.print(table)


def explain_connection(aws: LocalAWS, directory: Path, example: str, url: str, access: dict[str, Any]) -> None:
    """How to use what was kept, and how to end it."""
    header = "".join(f' --header "{name}: {value}"' for name, value in access.get("headers", {}).items())
    console.print("\n[bold]It stays up. Connect to it:")
    console.print(f"  npx @modelcontextprotocol/inspector --cli {url} --method tools/list{header}", soft_wrap=True)
    console.print(f"  claude mcp add --transport http {example} {url}{header}", soft_wrap=True)
    console.print(f"[bold]End it:\n  kill {aws.pid} && rm -rf {directory}", soft_wrap=True)


@contextmanager
def step(what: str) -> Iterator[Any]:
    """Show a step while it goes on, and what came of it in how many seconds."""
    outcome = pictured = ""

    def done(result: str, *, in_picture: bool = True) -> None:
        nonlocal outcome, pictured
        outcome = f": {result}"
        pictured = outcome if in_picture else ""

    begun = time.monotonic()
    with console.status(what):
        yield done
    console.print(f"[green]✓[/] {what}{outcome} [dim]{time.monotonic() - begun:.1f} s")
    canvas.print(f"[green]✓[/] {what}{pictured}")


def run(command: Any, *arguments: Any) -> Any:
    """Run Terraform through tftest; its errors become one line."""
    try:
        return command(*arguments)
    except tftest.TerraformTestError as error:
        said = re.sub(r"\x1b\[[0-9;]*m|[│╷╵]", "", str(error.cmd_error or error))
        errors = re.findall(r"^\s*(?:build\.py: )?[Ee]rror: .+", said, re.MULTILINE)
        raise DemoError("; ".join(dict.fromkeys(line.strip() for line in errors)) or said.strip()[:500]) from None


if __name__ == "__main__":
    raise SystemExit(main())
