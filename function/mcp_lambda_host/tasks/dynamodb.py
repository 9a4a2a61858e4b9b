"""Items of a DynamoDB table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mcp_lambda_aws.service import Resource, ServiceError, ask
from mcp_lambda_aws.transport import SECONDS

CONTENT_TYPE = "application/x-amz-json-1.0"
VERSION = "DynamoDB_20120810"

Item = Mapping[str, Any]
"""Attributes by name, each in DynamoDB's form: {"S": "text"}, {"N": "1"}, {"B": "base64"} …"""


class Refused(Exception):  # noqa: N818  (no failure: what a conditional write is made for)
    """A condition does not hold, so nothing was written.

    Attributes:
        item: The item as it is; empty: there is none.
    """

    def __init__(self, item: Item) -> None:
        super().__init__("the condition does not hold")
        self.item = item


class Table:
    """A table with a partition key alone.

    Args:
        arn: ARN of the table.
        environ: Environment variables, with the credentials and perhaps another endpoint; see `service.ask`.

    Attributes:
        name: The table's name.
    """

    def __init__(self, arn: str, environ: Mapping[str, str]) -> None:
        self._resource = Resource.from_arn(arn)
        self.name = arn.partition(":table/")[2]
        self._environ = environ

    def get(self, key: Item, *, seconds: float = SECONDS) -> Item:
        """The item, with all that was written before; empty: there is none.

        Raises:
            ServiceError: DynamoDB refused, or did not answer.
        """
        found: Item = self._ask("GetItem", {"Key": key, "ConsistentRead": True}, seconds).get("Item", {})
        return found

    def put(self, item: Item, condition: str, *, seconds: float = SECONDS) -> None:
        """Write a whole item, if the condition holds.

        Raises:
            Refused: It does not.
            ServiceError: DynamoDB refused, or did not answer.
        """
        self._write("PutItem", {"Item": item, "ConditionExpression": condition}, seconds)

    def update(self, key: Item, arguments: Mapping[str, Any], *, seconds: float = SECONDS) -> Item:
        """Change an item, and give it as it is then.

        Args:
            key: The item's key.
            arguments: Expressions and their names and values, as UpdateItem takes them.
            seconds: Timeout to connect, and of each wait for an answer.

        Raises:
            Refused: The condition does not hold.
            ServiceError: DynamoDB refused, or did not answer.
        """
        changed: Item = self._write("UpdateItem", {"Key": key, "ReturnValues": "ALL_NEW", **arguments}, seconds)
        return changed

    def delete(self, key: Item, arguments: Mapping[str, Any], *, seconds: float = SECONDS) -> None:
        """Delete an item, if the condition among the arguments holds.

        Raises:
            Refused: It does not.
            ServiceError: DynamoDB refused, or did not answer.
        """
        self._write("DeleteItem", {"Key": key, **arguments}, seconds)

    def _write(self, action: str, arguments: Mapping[str, Any], seconds: float) -> Item:
        try:
            answer = self._ask(action, {"ReturnValuesOnConditionCheckFailure": "ALL_OLD", **arguments}, seconds)
        except ServiceError as error:
            if error.code == "ConditionalCheckFailedException":
                raise Refused(error.answer.get("Item", {})) from None
            raise
        written: Item = answer.get("Attributes", {})
        return written

    def _ask(self, action: str, arguments: Mapping[str, Any], seconds: float) -> Mapping[str, Any]:
        headers = {"content-type": CONTENT_TYPE, "x-amz-target": f"{VERSION}.{action}"}
        body = json.dumps({"TableName": self.name, **arguments}).encode()
        answer = ask(self._resource, action, headers, body, self._environ, seconds=seconds)
        parsed: Mapping[str, Any] = json.loads(answer)
        return parsed
