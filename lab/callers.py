"""How a client proves who it is to a deployed example."""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Mapping
from typing import Any

import boto3
import httpx2
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from authorizer.new_key import make
from lab.local_aws import LocalAWS


class SigV4(httpx2.Auth):
    """Signs requests for an API with `auth.type = "iam"`, as AWS's own client-side proxy does; for both HTTP clients.

    Args:
        environ: The key and the region, in AWS's environment variables.
    """

    requires_request_body = True

    def __init__(self, environ: Mapping[str, str]) -> None:
        token = environ.get("AWS_SESSION_TOKEN")
        key = Credentials(environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"], token)
        self._signer = SigV4Auth(key, "execute-api", environ["AWS_REGION"])

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the signature's headers to a request of `requests`."""
        unsigned = AWSRequest(request.method, request.url, data=request.body)
        self._signer.add_auth(unsigned)
        request.headers.update(dict(unsigned.headers))
        return request

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Add the signature's headers."""
        unsigned = AWSRequest(request.method, str(request.url), data=request.content)
        self._signer.add_auth(unsigned)
        request.headers.update(dict(unsigned.headers))
        yield request


def own_signer() -> SigV4:
    """Signs with the credentials and the region that boto3 finds: of the environment, a profile or a role.

    Raises:
        ValueError: There are none.
    """
    session = boto3.Session()
    found = session.get_credentials()
    region = os.environ.get("AWS_REGION") or session.region_name  # boto3 does not read the first
    if found is None or region is None:
        raise ValueError("no AWS credentials or no region were found: set AWS_PROFILE and AWS_REGION, or their like")
    key = found.get_frozen_credentials()
    environ = {
        "AWS_ACCESS_KEY_ID": key.access_key,
        "AWS_SECRET_ACCESS_KEY": key.secret_key,
        "AWS_SESSION_TOKEN": key.token,
        "AWS_REGION": region,
    }
    return SigV4({name: value for name, value in environ.items() if value})


def access(aws: LocalAWS, outputs: dict[str, Any]) -> dict[str, Any]:
    """What the HTTP client needs for an example, by its outputs: `headers`, `auth`, or nothing."""
    if "token_url" in outputs:
        return {"headers": {"authorization": f"Bearer {access_token(aws, outputs)}"}}
    if "keys_parameter" in outputs:
        key, entry = make("demo", ["switches:write"], None)
        value = json.dumps({"keys": [entry]})
        aws.client("ssm").put_parameter(
            Name=outputs["keys_parameter"], Type="SecureString", Value=value, Overwrite=True
        )
        return {"headers": {"authorization": f"Bearer {key}"}}
    if "execution_arn" in outputs:
        return {"auth": SigV4(aws.environ)}
    return {}


def access_token(aws: LocalAWS, outputs: dict[str, Any]) -> str:
    """A token for the machine client of an example, from the local AWS's Cognito.

    Its `token_url` is a name of AWS; the emulator answers the same path on its own address.
    """
    answer = requests.post(
        f"{aws.endpoint}/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(outputs["client_id"], outputs["client_secret"]),
        timeout=30,
    )
    answer.raise_for_status()
    token: str = answer.json()["access_token"]
    return token
