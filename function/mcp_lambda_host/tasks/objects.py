"""Objects in an S3 bucket."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from mcp_lambda_aws.service import Resource, ask


class Bucket:
    """A bucket of the function's region.

    Args:
        name: The bucket's name.
        neighbour: ARN of something in the same region and partition, which a bucket's own ARN does not say.
        environ: Environment variables, with the credentials and perhaps another endpoint; see `service.ask`.
    """

    def __init__(self, name: str, neighbour: str, environ: Mapping[str, str]) -> None:
        beside = Resource.from_arn(neighbour)
        self._resource = Resource(beside.arn, beside.partition, "s3", beside.region)
        self._name = name
        self._environ = environ

    def put(self, key: str, body: bytes) -> None:
        """Write an object.

        Args:
            key: Letters, digits, "-" and "/" alone: S3 signs a path as it is, other services sign it encoded.
            body: What it holds.

        Raises:
            ServiceError: S3 refused, or did not answer.
        """
        self._ask("PUT", key, body)

    def get(self, key: str) -> bytes:
        """What an object holds.

        Raises:
            ServiceError: S3 refused, or did not answer.
        """
        return self._ask("GET", key)

    def _ask(self, method: str, key: str, body: bytes = b"") -> bytes:
        # S3 asks for the body's hash among the headers. The bucket stands in the path, where its name may have dots.
        headers = {"x-amz-content-sha256": hashlib.sha256(body).hexdigest()}
        action = f"{method.title()}Object"
        path = f"/{self._name}/{key}"
        return ask(self._resource, action, headers, body, self._environ, method=method, path=path)
