"""AWS Signature Version 4, and the credentials that Lambda gives a function to sign with."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from .transport import send


class Credentials(NamedTuple):
    """Credentials that a request is signed with; those of a role have a token."""

    key_id: str
    secret: str
    token: str | None


def credentials(environ: Mapping[str, str]) -> Credentials:
    """The credentials of the function's role.

    They are environment variables, except under SnapStart, where they would be frozen into the snapshot: there they are
    fetched anew from an address on the machine (Lambda Developer Guide, Activating and managing Lambda SnapStart).

    Raises:
        OSError: They cannot be fetched from that address.
    """
    address = environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    if address and "AWS_ACCESS_KEY_ID" not in environ:
        status, answer = send("GET", address, {"authorization": environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"]})
        if status != 200:
            raise OSError(f"{address} answered {status}")
        given = json.loads(answer)
        return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["Token"])
    key_id, secret = environ.get("AWS_ACCESS_KEY_ID", ""), environ.get("AWS_SECRET_ACCESS_KEY", "")
    return Credentials(key_id, secret, environ.get("AWS_SESSION_TOKEN"))


def signed(
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    service: str,
    region: str,
    by: Credentials,
    now: datetime,
) -> dict[str, str]:
    """The headers of a request without a query, with those that sign it.

    AWS describes the steps: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

    Args:
        method: `POST`, say.
        path: The path as it is sent. The signature covers it encoded once more, as it does with all services but S3.
        headers: All that are sent, `host` among them, with names in lower case.
        body: The body that is sent.
        service: The service's name in an ARN, such as `ssm`.
        region: The service's region.
        by: Credentials of the caller.
        now: The time, in UTC.
    """
    time = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{time[:8]}/{region}/{service}/aws4_request"
    sent = {**headers, "x-amz-date": time} | ({"x-amz-security-token": by.token} if by.token else {})
    names = ";".join(sorted(sent))
    lines = "".join(f"{name}:{sent[name]}\n" for name in sorted(sent))
    request = f"{method}\n{quote(path, safe='/~')}\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    text = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{by.secret}".encode()
    for part in [*scope.split("/"), text]:
        key = hmac.digest(key, part.encode(), "sha256")
    signature = f"Credential={by.key_id}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
    return sent | {"authorization": f"AWS4-HMAC-SHA256 {signature}"}
