"""Checks bank account numbers: a REST route for programs, and the same as a tool for models."""

from typing import Annotated

from fastapi import FastAPI
from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import BaseModel, Field

mcp = MCPServer("accounts", subscriptions=False)  # nothing to listen to: an answer is sent when it is complete

Iban = Annotated[str, Field(min_length=5, max_length=42, examples=["DE89 3704 0044 0532 0130 00"])]


class Check(BaseModel):
    """What is to say about an IBAN."""

    iban: str
    valid: bool
    country: str


def check(iban: str) -> Check:
    """Check an IBAN by its check digits (ISO 13616: the rearranged number modulo 97 is 1)."""
    compact = "".join(iban.split()).upper()
    digits = "".join(str(int(character, 36)) for character in compact[4:] + compact[:4] if character.isalnum())
    plain = compact.isascii() and compact.isalnum() and compact[:2].isalpha()
    return Check(iban=compact, valid=plain and int(digits) % 97 == 1, country=compact[:2])


@mcp.tool()
def check_iban(iban: Iban) -> Check:
    """Say whether an IBAN can be right, before money is sent to it."""
    return check(iban)


mcp_app = mcp.streamable_http_app(
    stateless_http=True,
    # The Lambda host has checked Host and Origin before this app is called, and knows the names that are right.
    transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
)
app = FastAPI(title="Accounts", lifespan=lambda _: mcp.session_manager.run())


@app.get("/ibans/{iban}")
def read_iban(iban: Iban) -> Check:
    """The same over REST."""
    return check(iban)


app.mount("/", mcp_app)  # last, since it answers every path: it serves /mcp
