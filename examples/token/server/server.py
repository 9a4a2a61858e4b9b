"""Feature switches: every key may look at them, some may turn them, and who did is kept."""

import os
from datetime import UTC, datetime
from typing import Annotated

import boto3
from mcp.server import MCPServer
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

table = boto3.resource("dynamodb").Table(os.environ["SWITCHES_TABLE"])
mcp = MCPServer("switches")

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$", examples=["new-checkout"])]


class Switch(BaseModel):
    """A feature switch, and who last turned it."""

    name: Name
    on: bool
    turned_by: str
    turned_at: datetime


@mcp.tool()
def list_switches() -> list[Switch]:
    """List all feature switches, by name."""
    switches = map(Switch.model_validate, table.scan()["Items"])
    return sorted(switches, key=lambda switch: switch.name)


@mcp.tool()
def turn_switch(name: Name, on: bool) -> Switch:
    """Turn a feature on or off; a switch that is not there yet is made."""
    caller = get_access_token()
    if caller is None:  # the gateway and required_scopes let nobody come this far
        raise ToolError("it is not known who is calling")
    switch = Switch(name=name, on=on, turned_by=caller.client_id, turned_at=datetime.now(UTC))
    table.put_item(Item=switch.model_dump(mode="json"))
    return switch
