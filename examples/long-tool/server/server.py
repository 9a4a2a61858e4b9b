"""Reports of the shop. Nothing here knows of tasks: the module's input `tasks` names the tool."""

import asyncio
import os

import boto3
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from pydantic import BaseModel

PAGE_ITEMS = 2
PAUSE_SECONDS = 0.5  # leaves the table to its other readers

table = boto3.resource("dynamodb").Table(os.environ["SALES_TABLE"])
mcp = MCPServer("shop-reports")


class Report(BaseModel):
    """What was sold."""

    months: int
    euros: int
    best_month: str


@mcp.tool()
async def sales_report(ctx: Context) -> Report:
    """Read all sales of the shop, and sum them up. It takes long: its progress tells how far it is."""
    sold: dict[str, int] = {}
    place: dict[str, object] = {}
    while True:
        page = await asyncio.to_thread(table.scan, Limit=PAGE_ITEMS, **place)
        sold |= {item["month"]: int(item["euros"]) for item in page["Items"]}
        await ctx.report_progress(len(sold), message=f"{len(sold)} months read")
        if "LastEvaluatedKey" not in page:
            return Report(months=len(sold), euros=sum(sold.values()), best_month=max(sold, key=sold.__getitem__))
        place = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        await asyncio.sleep(PAUSE_SECONDS)
