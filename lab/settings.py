"""Settings for a host that Terraform did not start: in a test, in a benchmark, by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from mcp_lambda_host.contract import SETTINGS_VARIABLE
from mcp_lambda_host.settings import Settings

PLAIN: dict[str, Any] = {
    "name": "orders",
    "entrypoint": "server:mcp",
    "origins": [],
    "auth_type": "none",
    "issuer": None,
    "scopes": [],
    "scope_claims": [],
    "advertised_scopes": [],
    "required_scopes": {},
    "catalogue_seconds": 300,
    "request_state_parameter": None,
    "request_state_keys": ["1"],
    "secrets": {},
    "log_level": "INFO",
    "log_sample_rate": 1,
    "log_subject": "hash",
    "log_payloads": False,
    "metrics": "none",
    "tracing": False,
    "tasks": None,
}
"""All settings, as JSON has them, of a server without anything special."""


def as_json(**changes: Any) -> str:
    """The settings as Terraform writes them, with other values for some."""
    return json.dumps(PLAIN | changes)


def settings_variable(**changes: Any) -> dict[str, str]:
    """The environment variable from which a process reads its settings."""
    return {SETTINGS_VARIABLE: as_json(**changes)}


def settings(**changes: Any) -> Settings:
    """The settings as the host has them, with other values for some fields."""
    return replace(Settings.from_json(as_json()), **changes)
