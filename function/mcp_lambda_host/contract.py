"""What the host and Terraform must agree on, read from contract.json, which both read; and what the builder tells.

The file also has what Terraform shares with the builder and the authorizer, which need no copy here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_CONTRACT: dict[str, Any] = json.loads(Path(__file__).with_name("contract.json").read_text("utf-8"))

SETTINGS_VARIABLE: str = _CONTRACT["settings_variable"]
"""Name of the environment variable that holds the settings."""

LOCAL_KEY_VARIABLE: str = _CONTRACT["local_key_variable"]
"""Name of the environment variable with the key of request state where there is no parameter: for the environments of
`serve.py`, which share it, those after a reload, too. On AWS nobody can set it: Terraform refuses such names."""

MCP_PATH: str = _CONTRACT["mcp_path"]
"""Path of the MCP endpoint, as clients are told."""

HEALTH_PATH: str = _CONTRACT["health_path"]

METADATA_PATH: str = _CONTRACT["metadata_path"]
"""Where a client learns where to get a token, and which scopes there are (RFC 9728)."""

SECONDS_TO_ANSWER: float = _CONTRACT["seconds_to_answer"]
"""Kept of the time that Lambda leaves, so that the answer "too late" still gets out."""

LOG_LEVELS: Sequence[str] = _CONTRACT["log_levels"]
"""Lambda's levels, lowest first (Lambda Developer Guide, "Log-level filtering")."""

LOG_SUBJECTS: Sequence[str] = _CONTRACT["log_subjects"]
METRICS_CHOICES: Sequence[str] = _CONTRACT["metrics_choices"]

TASK_MODES: Sequence[str] = _CONTRACT["task_modes"]
"""When a call of a tool becomes a task: whenever its client knows tasks (`optional`), or only then (`required`), or
once the client has answered what the tool asks first (`after_input`)."""

METRIC_NAMESPACE: str = _CONTRACT["metric_namespace"]
"""First part of the CloudWatch namespace; the server's name is the second."""

METRICS: Mapping[str, str] = _CONTRACT["metrics"]
"""CloudWatch's names of the metrics, by ours."""


@dataclass(frozen=True)
class Author:
    """What the builder has written down of the author's part of the zip.

    Attributes:
        files: Top-level files and folders.
        entrypoint: Where the server is, as `module:attribute`.
        sdk_1_compatibility: Whether SDK 1's names are to stand for those of SDK 2.
    """

    files: frozenset[str]
    entrypoint: str
    sdk_1_compatibility: bool

    @classmethod
    def read(cls, path: Path) -> Author:
        """Read what `build.py` has written."""
        written = json.loads(path.read_text("utf-8"))
        return cls(**{**written, "files": frozenset(written["files"])})


_WRITTEN = Path(__file__).with_name("author.json")
AUTHOR = Author.read(_WRITTEN) if _WRITTEN.is_file() else None
"""None: this is no zip, but a test or a server that is run by hand."""
