"""Stands in for the AWS CLI in the commands of docs/: refuses what AWS has not, by botocore's models, and does no more.

The CLI's commands and options are the operations and parameters of these models, in its own spelling.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.model import Shape
from botocore.validate import validate_parameters

GLOBAL = {"query", "output", "region", "profile", "max-items"}
"""Options of the CLI itself, each with one value."""


def main(arguments: list[str]) -> None:
    """Check `aws SERVICE OPERATION --option value…`.

    Raises:
        Exception: There is no such service, operation or option, one is missing, or a value has a wrong type.
    """
    service, command, *rest = arguments
    model = botocore.session.Session().get_service_model(service)
    operation = model.operation_model({xform_name(name, "-"): name for name in model.operation_names}[command])
    shape = operation.input_shape
    if shape is None:
        raise ValueError(f"{command} takes nothing: the check below needs parameters")
    names = {xform_name(name, "-"): name for name in shape.members}
    given = {
        names[option]: _value(shape.members[names[option]], values)
        for option, values in _options(rest).items()
        if option not in GLOBAL
    }
    validate_parameters(given, shape)
    print("Complete")  # the status of a query, and good enough for an id


def _options(words: list[str]) -> dict[str, list[str]]:
    options: dict[str, list[str]] = {}
    for word in words:
        if word.startswith("--"):
            values = options.setdefault(word.removeprefix("--"), [])
        else:
            values.append(word)
    return options


def _value(shape: Shape, words: list[str]) -> Any:
    """Words of a command line as a parameter: shorthand (`A=1,B=2`) for structures, several words for lists."""
    if shape.type_name == "list":
        return [_value(shape.member, [word]) for word in words]  # type: ignore[attr-defined]
    (word,) = words
    if shape.type_name == "structure":
        pairs = (pair.split("=") for pair in word.split(","))
        return {name: _value(shape.members[name], [value]) for name, value in pairs}  # type: ignore[attr-defined]
    return word if shape.type_name == "string" else json.loads(word)


if __name__ == "__main__":
    main(sys.argv[1:])
