from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("integration", "integration tests against a deployed endpoint")
    group.addoption("--url", help="test this MCP endpoint, https://…/mcp, instead of one on the local AWS")
    group.addoption("--token", help="bearer token for --url")
