"""Orders of the shop: one look-up, as a REST route for programs and as a tool for models."""

import os
from typing import Annotated

import boto3
from fastapi import FastAPI, HTTPException
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import BaseModel, Field

table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
mcp = MCPServer("shop-orders", subscriptions=False)  # nothing to listen to: an answer is sent when it is complete

OrderId = Annotated[str, Field(pattern=r"^[A-Z]-\d{4}$", examples=["A-1001"])]


class Order(BaseModel):
    """An order as the shop keeps it."""

    order_id: str
    status: str
    items: list[str]


def find(order_id: str) -> Order | None:
    """Read one order; None if there is no such order."""
    item = table.get_item(Key={"order_id": order_id}).get("Item")
    return Order.model_validate(item) if item else None


@mcp.tool()
def get_order(order_id: OrderId) -> Order:
    """Look up an order: its status and what was bought."""
    order = find(order_id)
    if order is None:
        raise ToolError(f"there is no order {order_id}")
    return order


mcp_app = mcp.streamable_http_app(
    stateless_http=True,
    # The Lambda host has checked Host and Origin before this app is called, and knows the names that are right.
    transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
)
app = FastAPI(title="Shop orders", lifespan=lambda _: mcp.session_manager.run())


@app.get("/orders/{order_id}")
def read_order(order_id: OrderId) -> Order:
    """Look up an order over REST."""
    order = find(order_id)
    if order is None:
        raise HTTPException(404, f"there is no order {order_id}")
    return order


app.mount("/", mcp_app)  # last, since it answers every path: it serves /mcp
