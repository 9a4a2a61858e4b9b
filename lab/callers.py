"""How a client proves who it is to a deployed example."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import httpx2
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from authorizer.new_key import make
from lab.local_aws import LocalAWS


class SigV4(httpx2.Auth):
    """Signs requests for an API with `auth.type = "iam"`, as AWS's own client-side proxy does."""

    requires_request_body = True

    def __init__(self, environ: dict[str, str]) -> None:
        key = Credentials(environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"])
        self._signer = SigV4Auth(key, "execute-api", environ["AWS_REGION"])

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Add the signature's headers."""
        unsigned = AWSRequest(request.method, str(request.url), data=request.content)
        self._signer.add_auth(unsigned)
        request.headers.update(dict(unsigned.headers))
        yield request


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
