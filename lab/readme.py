"""What README.md and docs/ repeat from the module's files. Run this file to write the tables anew."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

import hcl2
from hcl2.utils import SerializationOptions

from lab import figures

REPOSITORY = Path(__file__).parents[1]
README = REPOSITORY / "README.md"
REFERENCE = REPOSITORY / "docs" / "reference.md"
BENCHMARKS = REPOSITORY / "docs" / "benchmarks.md"
INTERFACE = {"variables": ["name", "type", "default", "what it is"], "outputs": ["name", "what it is"]}
TABLES = INTERFACE | figures.TABLES
PAGES = dict.fromkeys(INTERFACE, REFERENCE) | dict.fromkeys(figures.TABLES, BENCHMARKS)
"""The page that shows a table, below a heading with the table's name."""


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


def front_output(front: str, name: str) -> Any:
    """The value of an output of a front (http or rest), as its file has it."""
    declared = {key: output for block in hcl(f"fronts/{front}/outputs.tf")["output"] for key, output in block.items()}
    return declared[name]["value"]


def table(name: str) -> list[str]:
    """The lines of a table, made from the Terraform files or from the results of the benchmarks."""
    makers = {"variables": _variables, "outputs": _outputs}
    rows = makers[name]() if name in makers else figures.rows(name)
    return [_row(cells) for cells in [TABLES[name], ["---"] * len(TABLES[name]), *rows]]


def shown(name: str) -> list[str]:
    """The lines that the page of a table shows for it."""
    return _place(name)[1].splitlines()


def code(language: str, text: str) -> list[str]:
    """The code blocks in a language of a Markdown text."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def section(heading: str, page: Path = README) -> str:
    """The text below a second-level heading of a page, up to the next one.

    Raises:
        ValueError: The page has no such heading.
    """
    _, found, rest = page.read_text().partition(f"\n## {heading}\n")
    if not found:
        raise ValueError(f"{page.name} has no heading '## {heading}'")
    return rest.partition("\n## ")[0]


def write_tables() -> None:
    """Replace all tables in their pages."""
    for name in TABLES:
        before, _, after = _place(name)
        PAGES[name].write_text(before + "\n".join(table(name)) + after)


def _place(name: str) -> tuple[str, str, str]:
    """The text before a table, the table below its heading, and the text from the empty line after it on."""
    page, heading = PAGES[name], f"\n## {name.capitalize()}\n\n"
    before, found, rest = page.read_text().partition(heading)
    if not found:
        raise ValueError(f"{page.name} has no heading {heading.strip()!r}")
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
    """Type of a variable, an object without its keys, which its description names; `any` stands for an object."""
    declared = variable["type"].removeprefix("${").removesuffix("}")
    return "object" if declared == "any" else re.sub(r"object\(.*\)", "object", declared)


def _default(variable: dict[str, Any]) -> str:
    return f"`{json.dumps(variable['default'])}`" if "default" in variable else "required"


def _text(description: str) -> str:
    """A description in a cell of a table, where Markdown must not read more into it.

    A heredoc, which the parser returns as it stands in the file, becomes lines of the cell.
    """
    heredoc = re.fullmatch(r"<<-?(\w+)\n(.*)\n\s*\1", description, re.DOTALL)
    lines = dedent(heredoc[2]).splitlines() if heredoc else [description]
    return "<br>".join(re.sub(r"([|<*])", r"\\\1", line) for line in lines)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    write_tables()
