"""What README.md repeats from the module's files. Run this file to write the tables of variables and outputs anew."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import hcl2
from hcl2.utils import SerializationOptions

REPOSITORY = Path(__file__).parents[1]
README = REPOSITORY / "README.md"
TABLES = {"variables": ["name", "type", "default", "what it is"], "outputs": ["name", "what it is"]}


@cache
def hcl(file: str) -> dict[str, Any]:
    """A Terraform file of the repository, as python-hcl2 reads it."""
    options = SerializationOptions(with_comments=False, explicit_blocks=False, strip_string_quotes=True)
    return hcl2.loads((REPOSITORY / file).read_text(), serialization_options=options)


def blocks(kind: str) -> dict[str, dict[str, Any]]:
    """The blocks of a kind, such as `variable`, by name: those without a default first, then as in the files."""
    files = [hcl(file.name) for file in sorted(REPOSITORY.glob("*.tf"))]
    found = [entry for file in files for block in file.get(kind, []) for entry in block.items()]
    return dict(sorted(found, key=lambda entry: "default" in entry[1]))


def table(name: str) -> list[str]:
    """The lines of a table, made from the Terraform files."""
    rows = {"variables": _variables, "outputs": _outputs}[name]()
    return [_row(cells) for cells in [TABLES[name], ["---"] * len(TABLES[name]), *rows]]


def shown(name: str) -> list[str]:
    """The lines that README.md shows for a table."""
    return _place(name, README.read_text())[1].splitlines()


def code(language: str) -> list[str]:
    """The code blocks of README.md in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)


def write_tables() -> None:
    """Replace both tables in README.md."""
    for name in TABLES:
        before, _, after = _place(name, README.read_text())
        README.write_text(before + "\n".join(table(name)) + after)


def _place(name: str, text: str) -> tuple[str, str, str]:
    """The text before a table, the table below its heading, and the text from the empty line after it on."""
    heading = f"\n## {name.capitalize()}\n\n"
    before, found, rest = text.partition(heading)
    if not found:
        raise ValueError(f"{README.name} has no heading {heading.strip()!r}")
    shown, blank, after = rest.partition("\n\n")
    return before + heading, shown, blank + after


def _variables() -> list[list[str]]:
    return [
        [f"`{name}`", _type(variable), _default(variable), _text(variable["description"])]
        for name, variable in blocks("variable").items()
    ]


def _outputs() -> list[list[str]]:
    return [[f"`{name}`", _text(output["description"])] for name, output in blocks("output").items()]


def _type(variable: dict[str, Any]) -> str:
    """The type without the attributes of an object, which its description names."""
    return re.sub(r"object\(.*\)", "object", variable["type"].removeprefix("${").removesuffix("}"))


def _default(variable: dict[str, Any]) -> str:
    return f"`{json.dumps(variable['default'])}`" if "default" in variable else "required"


def _text(description: str) -> str:
    """A description in a cell of a table, where Markdown must not read more into it."""
    return re.sub(r"([|<*])", r"\\\1", description)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    write_tables()
