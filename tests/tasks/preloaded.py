"""Imports what each worker's process needs, in the process that these are forked from: ten starts would take long."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "function"))

import mcp.server.mcpserver  # noqa: F401

import mcp_lambda_host.environment
import mcp_lambda_host.tasks.worker  # noqa: F401
