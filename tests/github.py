"""What a job of GitHub Actions has on the local AWS: accounts, their administrators, and a role for its token."""

from __future__ import annotations

from typing import Any

import boto3
import jwt

from lab.local_aws import LocalAWS
from tests.workflow import Environ

ISSUER = "https://token.actions.githubusercontent.com"
REPOSITORY = "example@1/toolbox@2"


def in_account(aws: LocalAWS, account: str) -> Environ:
    """The variables of an administrator of that account; the emulator takes the account from the key."""
    return aws.environ | {"AWS_ACCESS_KEY_ID": account}


def client(service: str, environ: Environ) -> Any:
    """A boto3 client with the credentials of these variables."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=environ["AWS_ENDPOINT_URL"],
        region_name=environ["AWS_REGION"],
        aws_access_key_id=environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=environ.get("AWS_SESSION_TOKEN"),
    )


def sign_in(aws: LocalAWS, role: str, subject: str) -> Environ:
    """What configure-aws-credentials does with the token that GitHub gives a job."""
    token = jwt.encode({"iss": ISSUER, "aud": "sts.amazonaws.com", "sub": subject}, "GitHub's" * 8)
    given = aws.client("sts").assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="GitHubActions", WebIdentityToken=token
    )["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }
