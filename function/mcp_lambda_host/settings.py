"""What the Terraform module tells the function through its environment variables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Settings:
    """The module's inputs that reach the function.

    Attributes:
        name: The module's name, which separates this server from others in one account.
        entrypoint: Where the author's server is, as `module:attribute`.
        origins: Origins a browser may send, exact; `*` admits any.
        issuer: The authorization server whose tokens the gateway takes; None: it takes no JWT.
        scopes: Of which the gateway asks a token for at least one.
        required_scopes: Scopes by what needs them: `tools/<name>`, `prompts/<name>`, `resources/<URI or template>`.
        catalogue_seconds: For how long a client may keep the lists of tools, prompts and resources.
        request_state_parameter: ARN of the SSM parameter with the keys for `requestState`; None: keys of this process.
        secrets: ARNs of the author's secrets by the environment variable that each becomes.
        log_level: The lowest that is written: TRACE, DEBUG, INFO, WARN, ERROR or FATAL.
        log_subject: How a line names the caller: hash, plain or none.
        log_payloads: Whether lines have the arguments and the answer.
        metrics: What is counted: `server` (in all), `tools` (by tool, method and era, too) or `none`.
        xray_daemon: Where subsegments go, as host:port; None: there are none.
        provisioned: Whether the environment was started ahead of its first request.
    """

    name: str
    entrypoint: str = "server:mcp"
    origins: frozenset[str] = frozenset()
    issuer: str | None = None
    scopes: frozenset[str] = frozenset()
    required_scopes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    catalogue_seconds: int = 300
    request_state_parameter: str | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    log_level: str = "INFO"
    log_subject: str = "hash"
    log_payloads: bool = False
    metrics: str = "none"
    xray_daemon: str | None = None
    provisioned: bool = False

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings; the module sets every one of them, the defaults serve a run by hand."""
        auth = json.loads(environ.get("MCP_LAMBDA_AUTH") or "{}")
        required = json.loads(environ.get("MCP_LAMBDA_REQUIRED_SCOPES") or "{}")
        observe = json.loads(environ.get("MCP_LAMBDA_OBSERVE") or "{}")
        return cls(
            name=environ.get("MCP_LAMBDA_NAME", "mcp"),
            entrypoint=environ.get("MCP_LAMBDA_ENTRYPOINT", "server:mcp"),
            origins=frozenset(filter(None, environ.get("MCP_LAMBDA_ORIGINS", "").split(","))),
            issuer=auth.get("issuer"),
            scopes=frozenset(auth.get("scopes") or ()),
            required_scopes={name: frozenset(scopes) for name, scopes in required.items()},
            catalogue_seconds=int(environ.get("MCP_LAMBDA_CATALOGUE_SECONDS", "300")),
            request_state_parameter=environ.get("MCP_LAMBDA_REQUEST_STATE_PARAMETER") or None,
            secrets=json.loads(environ.get("MCP_LAMBDA_SECRETS") or "{}"),
            log_level=observe.get("log_level", "INFO"),
            log_subject=observe.get("log_subject", "hash"),
            log_payloads=observe.get("log_payloads", False),
            metrics=observe.get("metrics", "none"),
            xray_daemon=environ.get("AWS_XRAY_DAEMON_ADDRESS") if observe.get("tracing") else None,
            provisioned=environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "provisioned-concurrency",
        )
