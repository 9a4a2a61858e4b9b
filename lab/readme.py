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

REPOSITORY = Path(__file__).parents[1]
README = REPOSITORY / "README.md"
REFERENCE = REPOSITORY / "docs" / "reference.md"
BENCHMARKS = REPOSITORY / "docs" / "benchmarks.md"
RESULTS = REPOSITORY / "benchmarks" / "results.json"
INTERFACE = {"variables": ["name", "type", "default", "what it is"], "outputs": ["name", "what it is"]}
FIGURES = {
    "cold starts": ["zip", "cold start", "zipped", "unpacked", "memory", "modules imported"],
    "node.js": ["zip", "cold start", "zipped", "unpacked", "memory"],
    "warm calls, growth and load": ["measured", "beside", "ratio"],
}
SDK = "the SDK alone"
TABLES = INTERFACE | FIGURES
PAGES = dict.fromkeys(INTERFACE, REFERENCE) | dict.fromkeys(FIGURES, BENCHMARKS)
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
    makers = {"variables": _variables, "outputs": _outputs, "cold starts": _cold_starts, "node.js": _node}
    rows = makers.get(name, _ratios)()
    return [_row(cells) for cells in [TABLES[name], ["---"] * len(TABLES[name]), *rows]]


def results() -> dict[str, Any]:
    """What scripts/benchmark measured last, by part."""
    read: dict[str, Any] = json.loads(RESULTS.read_text())
    return read


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


def _cold_starts() -> list[list[str]]:
    return [[*_zip(name, figures), str(figures["modules"])] for name, figures in results()["cold"].items()]


def _node() -> list[list[str]]:
    return [_zip(name, figures) for name, figures in results()["node"]["cold"].items()]


def _zip(name: str, figures: dict[str, Any]) -> list[str]:
    return [
        name,
        f"{figures['ratio']:.2f}",
        *(f"{figures[size] / 2**20:.1f} MB" for size in ("zipped_bytes", "unpacked_bytes")),
        f"{figures['peak_kb'] / 2**10:.0f} MB",
    ]


def _ratios() -> list[list[str]]:
    """The figures that are ratios within the host, or to the SDK without it."""
    warm, growth, load = (results()[part] for part in ("warm", "growth", "load"))
    tools, answers = growth["tools"], growth["answers"]
    return [
        *([name, SDK, f"{figures['ratio']:.2f}"] for name, figures in warm["calls"].items()),
        *([f"{name}, Node.js", SDK, f"{figures['ratio']:.2f}"] for name, figures in results()["node"]["calls"].items()),
        *([f"answer of {size}", SDK, f"{figures['ratio']:.2f}"] for size, figures in answers.items()),
        *([f"cold start with {n} tools", "with one", f"{tools[n]['ratio']:.2f}"] for n in list(tools)[1:]),
        ["memory after 10,000 calls", "after 1,000", f"{warm['memory']['rss_ratio']:.2f}"],
        *(
            [
                f"calls a second, {n} clients",
                "one",
                f"{load[n]['calls_per_second'] / load['1']['calls_per_second']:.2f}",
            ]
            for n in list(load)[1:]
        ),
    ]


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
