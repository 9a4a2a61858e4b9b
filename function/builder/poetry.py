"""Poetry's own table of a project, which is older than the standard's, in the terms of the standard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .inputs import BuildError


def standard(table: dict[str, Any]) -> dict[str, Any]:
    """The table `[project]` that says what a table `[tool.poetry]` does.

    Raises:
        BuildError: A dependency has a form that has no counterpart.
    """
    dependencies = dict(table.get("dependencies", {}))
    python = dependencies.pop("python", "*")
    lines = {name: list(_requirements(name, wanted)) for name, wanted in dependencies.items()}
    optional = {name for name, wanted in dependencies.items() if isinstance(wanted, dict) and wanted.get("optional")}
    scripts = {name: script for name, script in table.get("scripts", {}).items() if isinstance(script, str)}
    return {
        "name": table.get("name", ""),
        "version": table.get("version", ""),
        "description": table.get("description", ""),
        "requires-python": _specifier(python, "python"),
        "dependencies": [line for name in lines if name not in optional for line in lines[name]],
        "optional-dependencies": {
            extra: [line for name in names for line in lines.get(name, ())]
            for extra, names in table.get("extras", {}).items()
        },
        "scripts": scripts,
        "entry-points": table.get("plugins", {}),
    }


def _requirements(name: str, wanted: Any) -> Iterator[str]:
    """The requirements that an entry of poetry's dependencies stands for."""
    for entry in wanted if isinstance(wanted, list) else [wanted]:
        table = entry if isinstance(entry, dict) else {"version": entry}
        extras = f"[{','.join(table['extras'])}]" if table.get("extras") else ""
        markers = [f"({table['markers']})"] if table.get("markers") else []
        if "python" in table:
            clauses = _specifier(table["python"], name).split(",")
            markers += [re.sub(r"^([<>=!~]+)(.+)", r"python_version \1 '\2'", clause) for clause in clauses if clause]
        if table.get("platform"):
            markers.append(f"sys_platform == '{table['platform']}'")
        marker = f" ; {' and '.join(markers)}" if markers else ""
        if place := next((table[key] for key in ("git", "path", "url", "file") if key in table), None):
            yield f"{name}{extras} @ {'git+' if 'git' in table else ''}{place}{marker}"
        else:
            yield f"{name}{extras}{_specifier(table.get('version', '*'), name)}{marker}"


def _specifier(constraint: str, name: str) -> str:
    """A range in the standard's terms: `>=1.2,<2` for `^1.2`."""
    if "|" in constraint:
        raise BuildError(
            f"pyproject.toml asks for {name} {constraint!r}, a choice that other tools than poetry do not know: write "
            "one range, or a requirements.txt, such as `poetry export` makes"
        )
    clauses = [re.sub(r"\s+", "", clause) for clause in re.split(r",|(?<=[\w*])\s+(?=[<>=!~^])", constraint)]
    return ",".join(filter(None, map(_clause, clauses)))


def _clause(clause: str) -> str:
    if clause in ("*", ""):
        return ""
    if found := re.fullmatch(r"(\^|~(?!=))v?(\d+(?:\.\d+)*)(.*)", clause):
        numbers = [int(number) for number in found[2].split(".")]
        if found[1] == "~":
            place = min(1, len(numbers) - 1)
        else:  # the first number that is not 0, or else the last
            place = next((place for place, number in enumerate(numbers) if number), len(numbers) - 1)
        ceiling = [*numbers[:place], numbers[place] + 1]
        return f">={found[2]}{found[3]},<{'.'.join(map(str, ceiling))}"
    if clause[0].isdigit():
        return f"=={clause}"
    return re.sub(r"^=(?!=)", "==", clause)
