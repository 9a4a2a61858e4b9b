"""A register of consents: it knows persons by a keyed hash alone, and seals what it notes about them."""

import hashlib
import hmac
import os
from datetime import UTC, datetime
from typing import Annotated, Literal

import boto3
from boto3.dynamodb.conditions import Key
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

table = boto3.resource("dynamodb").Table(os.environ["CONSENTS_TABLE"])
mcp = MCPServer("consents", instructions="Ask consents_of before you write to a person or use data about one.")

Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", examples=["ada@example.com"])]
Purpose = Literal["newsletter", "surveys", "profiling"]


class Consent(BaseModel):
    """What a person has said about one purpose."""

    purpose: Purpose
    given: bool
    since: datetime


def keyed(secret: str, text: str) -> str:
    """Hash a text with one of the server's secrets."""
    return hmac.new(os.environ[secret].encode(), text.encode(), hashlib.sha256).hexdigest()


def rows(person: str) -> list[dict[str, str]]:
    """Read what is noted about a person, one row for each purpose."""
    found: list[dict[str, str]] = table.query(KeyConditionExpression=Key("person").eq(person))["Items"]
    return found


@mcp.tool()
def record_consent(email: Email, purpose: Purpose, given: bool) -> Consent:
    """Note that a person agreed to a purpose, or did not, or no longer does."""
    person = keyed("PERSON_KEY", email.lower())
    consent = Consent(purpose=purpose, given=given, since=datetime.now(UTC))
    noted = consent.model_dump_json()
    seal = keyed("SEAL_KEY", person + noted)
    table.put_item(Item={"person": person, "purpose": purpose, "noted": noted, "seal": seal})
    return consent


@mcp.tool()
def consents_of(email: Email) -> list[Consent]:
    """Say what a person agreed to. A purpose that is not in the answer has never been agreed to."""
    person = keyed("PERSON_KEY", email.lower())
    found = rows(person)
    for row in found:
        if not hmac.compare_digest(row["seal"], keyed("SEAL_KEY", person + row["noted"])):
            raise ToolError(f"the consent to {row['purpose']} was changed past the register: ask the person again")
    return [Consent.model_validate_json(row["noted"]) for row in found]


@mcp.tool()
def forget_person(email: Email) -> int:
    """Delete what is noted about a person, and say how many consents that were."""
    found = rows(keyed("PERSON_KEY", email.lower()))
    with table.batch_writer() as batch:
        for row in found:
            batch.delete_item(Key={"person": row["person"], "purpose": row["purpose"]})
    return len(found)
