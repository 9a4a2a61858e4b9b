"""Address arithmetic for a network team, which models get wrong in their heads."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from mcp.server import MCPServer
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

mcp = MCPServer("network-notes")

Block = Annotated[str, Field(description="a CIDR block, such as 10.20.0.0/16", max_length=64)]


class Plan(BaseModel):
    """A block cut into equal subnets."""

    subnets: list[str]
    addresses_each: int


def network(block: str) -> IPv4Network | IPv6Network:
    """Read a block, or say what is wrong with it."""
    try:
        return ip_network(block)
    except ValueError as error:
        raise ToolError(f"not a CIDR block: {error}") from None


@mcp.tool()
def overlap(blocks: Annotated[list[Block], Field(min_length=2, max_length=200)]) -> list[str]:
    """Name every pair of blocks that overlap, as two VPCs must not if they are to be peered."""
    networks = [network(block) for block in blocks]
    pairs = [(a, b) for index, a in enumerate(networks) for b in networks[index + 1 :] if a.version == b.version]
    return [f"{a} and {b}" for a, b in pairs if a.overlaps(b)]


@mcp.tool()
def cut(block: Block, parts: Annotated[int, Field(ge=1, le=256)]) -> Plan:
    """Cut a block into at least this many subnets of equal size; AWS takes five addresses of each."""
    whole = network(block)
    bits = (parts - 1).bit_length()
    if whole.prefixlen + bits > whole.max_prefixlen:
        raise ToolError(f"{block} has too few addresses for {parts} subnets")
    subnets = list(whole.subnets(bits))
    return Plan(subnets=[str(subnet) for subnet in subnets[:parts]], addresses_each=subnets[0].num_addresses)


@mcp.tool()
def who_am_i() -> str:
    """Say under which ARN the caller signed."""
    caller = get_access_token()
    if caller is None:
        raise ToolError("the call carried no verified identity")
    return caller.client_id
