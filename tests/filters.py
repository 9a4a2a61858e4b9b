"""The filters that count calls of tools, as CloudWatch reads them (Logs User Guide, "Filter pattern syntax")."""

from __future__ import annotations

import re
from typing import Any

from lab.local_aws import REPOSITORY

CONDITION = re.compile(r'\(\$\.(\w+) (?:(!?=) "(.+?)"|NOT EXISTS)\)')


def filter_pattern(writer: str) -> str:
    """The pattern for the log of the server or of the worker, as telemetry.tf has it."""
    text = (REPOSITORY / "telemetry.tf").read_text().replace('\\"', '"')
    runs = dict(zip(("server", "worker"), re.findall(r'runs = "(.+?)"(?: \}|\n)', text), strict=True))
    (pattern,) = re.findall(r'pattern += "(.+)"\n', text)
    return str(pattern.replace("${each.value.runs}", runs[writer]))


def is_counted(line: dict[str, Any], writer: str = "server") -> bool:
    """Whether the filter counts a line as a call of a tool."""
    conditions = CONDITION.findall(filter_pattern(writer))
    return all(
        {"": name not in line, "=": name in line and value in ("*", line[name]), "!=": line.get(name) != value}[sign]
        for name, sign, value in conditions
    )
