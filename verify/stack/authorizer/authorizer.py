"""An authorizer of a user's own for REST APIs: it says when it was asked, and refuses who asks to be refused."""

import time
from typing import Any


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Answer with a policy for all methods of the stage."""
    (presented,) = [value for name, value in event["headers"].items() if name.lower() == "authorization"]
    api, stage, *_ = event["methodArn"].split("/")
    effect = "Deny" if presented.endswith("refuse") else "Allow"
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": f"{api}/{stage}/*"}
    return {
        "principalId": "verify",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"client_id": "verify", "sub": str(time.time_ns()), "reason": "asked-for"},
    }
