"""Which AWS account and region would be used, and as whom."""

from __future__ import annotations

import os
from dataclasses import dataclass

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from .errors import VerifyError

ROOM = 120
"""Environments that an account must have unreserved: 100 are always left, and the stack reserves some of its own."""


@dataclass(frozen=True)
class Account:
    """An account as credentials and a region lead to it.

    Attributes:
        number: Its twelve digits.
        alias: Its name; None: it has none, or it may not be read.
        caller: The role or user whose credentials are used.
        region: The region that is used.
        is_local: Whether it is the local AWS.
        can_reserve: Whether its quota lets a function reserve or provision environments.
        can_log: Whether it names a role with which REST APIs write access logs.
    """

    number: str
    alias: str | None
    caller: str
    region: str
    is_local: bool
    can_reserve: bool
    can_log: bool

    def __str__(self) -> str:
        """Enough to recognise it by, and not the whole number."""
        name = "the local AWS" if self.is_local else f"…{self.number[-4:]}"
        return f"{name} ({self.alias})" if self.alias else name


def find_account(region: str | None) -> Account:
    """The account that the credentials of the environment, a profile or a role lead to.

    Boto3 and Terraform find the same ones, and from here on the same region, which this writes into the environment.

    Args:
        region: The one to use; None: that of the environment or of the profile.

    Raises:
        VerifyError: There are no credentials or no region, or AWS refuses them.
    """
    try:
        region = region or os.environ.get("AWS_REGION") or boto3.Session().region_name
        if boto3.Session().get_credentials() is None:
            raise VerifyError("there are no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and its like.")
        if region is None:
            raise VerifyError("there is no region: give --region, such as --region eu-west-1, or set AWS_REGION.")
        os.environ["AWS_REGION"] = os.environ["AWS_DEFAULT_REGION"] = region
        identity = boto3.client("sts").get_caller_identity()
        quota = boto3.client("lambda").get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    except (BotoCoreError, ClientError) as error:
        where = f" in {region}" if region else ""
        raise VerifyError(f"AWS cannot be asked with these credentials{where}: {error}") from None
    return Account(
        number=identity["Account"],
        alias=_alias(),
        caller=identity["Arn"].split(":", 5)[5],
        region=region,
        is_local="AWS_ENDPOINT_URL" in os.environ,
        can_reserve=quota >= ROOM,
        can_log=_names_a_log_role(),
    )


def _alias() -> str | None:
    try:
        aliases: list[str] = boto3.client("iam").list_account_aliases()["AccountAliases"]
    except (BotoCoreError, ClientError):
        return None  # a right that not everybody has
    return aliases[0] if aliases else None


def _names_a_log_role() -> bool:
    try:
        return bool(boto3.client("apigateway").get_account().get("cloudwatchRoleArn"))
    except (BotoCoreError, ClientError):
        return False  # a right that not everybody has
