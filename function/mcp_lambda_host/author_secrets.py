"""Makes the author's secrets environment variables, which are in this process alone.

They are in no configuration of the function, and Terraform, which knows their ARNs only, has them in no state.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

from mcp_lambda_aws.values import UnreadableError, get_value

from .errors import StartError

AT_ONCE = 10
"""At most so many secrets are read at the same time."""

MISSING = "Store it, or correct its ARN in secrets."

ADVICE = {
    "AccessDeniedException": "If it lies under a key of your own other than kms_key_arn, allow kms:Decrypt on that key "
    "in policy_json, and let the key's policy allow this function's role.",
    "ParameterNotFound": MISSING,
    "ResourceNotFoundException": MISSING,
    "TimeoutError": "In a VPC, the function needs a NAT gateway or the service's VPC endpoint.",
}
"""What to do when a secret cannot be read, by AWS's name for the reason."""


def offer_secrets(
    secrets: Mapping[str, str], variables: MutableMapping[str, str], seconds: float | None = None
) -> None:
    """Set the environment variables, all or none, to what the secrets hold now.

    This is called before the author's module is imported. A snapshot (SnapStart) holds what they were when it was made,
    so it is called again after a restore; a module that has kept a copy has to read the variable anew.

    Args:
        secrets: ARNs of SSM parameters or Secrets Manager secrets, by the variable's name.
        variables: The process's environment variables, which also have the credentials to read secrets with.
        seconds: How long it may take; None: as long as all attempts.

    Raises:
        StartError: They were not all read in time, or a secret cannot be read. The message says which and why, and
            no value.
    """
    pool = ThreadPoolExecutor(min(AT_ONCE, len(secrets)))
    try:
        read = pool.map(_read, secrets.keys(), secrets.values(), repeat(variables), timeout=seconds)
        values = dict(zip(secrets, read, strict=True))
    except TimeoutError:
        raise StartError(f"The secrets were not read within {seconds:.0f} s. {ADVICE['TimeoutError']}") from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    variables.update(values)


def _read(name: str, arn: str, variables: Mapping[str, str]) -> str:
    try:
        value = get_value(arn, variables)
    except UnreadableError as error:
        raise StartError(f"The secret {name} ({arn}) {error}. {ADVICE.get(error.code, '')}".rstrip()) from None
    if "\0" in value:
        raise StartError(f"The secret {name} ({arn}) holds a NUL character, which no environment variable can.")
    return value
