"""Plans of the module, nested modules included, in which it is known what AWS would answer (aws.tfmock.hcl)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.plan.offline import terraform

MOCKED: dict[str, Any] = {
    "mock_provider": {"aws": {"source": "./tests/mocks", "override_during": "plan"}},
    "override_resource": [
        {"target": target, "values": values, "override_during": "plan"}
        for target, values in {
            "terraform_data.upload": {"output": "uploaded"},  # a check that is unknown at plan fails a test
            "terraform_data.uploaded": {"output": "uploaded"},
            "aws_cloudwatch_metric_alarm.server": {"arn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:orders"},
        }.items()
    ],
}

Attributes = dict[str, Any]


@dataclass(frozen=True)
class Planned:
    """What would be there after an apply.

    Attributes:
        outputs: The module's outputs.
        resources: Attributes of each resource, by its address.
    """

    outputs: Attributes
    resources: dict[str, Attributes]

    def named(self, resource: str) -> dict[str, Attributes]:
        """The instances of a resource, such as `aws_lambda_alias.live`, in whichever module, by their keys or ""."""
        found = {}
        for address, attributes in self.resources.items():
            place, _, key = address.partition(resource)
            if place != address and (not place or place.endswith(".")) and (not key or key.startswith("[")):
                found[key.strip('["]')] = attributes
        return found

    def one(self, resource: str) -> Attributes:
        """The only instance of a resource."""
        (attributes,) = self.named(resource).values()
        return attributes


def plan_each(
    runs: dict[str, Attributes], checkout: Path, *, warnings: Mapping[str, list[str]] = MappingProxyType({})
) -> dict[str, Planned]:
    """Plan the module of a copy of the repository once with each set of inputs; the plans, by the run's name.

    Args:
        runs: The inputs, by the run's name.
        checkout: The copy.
        warnings: The checks that must fail, by the run's name; no others may.
    """
    test = checkout / "tests" / "mocked.tftest.json"
    steps = {
        name: {"command": "plan", "variables": inputs, "expect_failures": warnings.get(name, [])}
        for name, inputs in runs.items()
    }
    test.write_text(json.dumps(MOCKED | {"run": steps}))
    terraform("init", "-test-directory=tests", directory=checkout)
    tested = terraform("test", "-json", "-verbose", "-test-directory=tests", directory=checkout)
    test.unlink()
    messages = tested.stdout.splitlines()
    assert tested.returncode == 0, [message for message in messages if '"type":"diagnostic"' in message]
    plans = (json.loads(message) for message in messages if message.endswith('"type":"test_plan"}'))
    return {plan["@testrun"]: _read(plan["test_plan"]) for plan in plans}


def _read(plan: Attributes) -> Planned:
    outputs = {name: change["after"] for name, change in plan["output_changes"].items() if "after" in change}
    return Planned(outputs, {change["address"]: change["change"]["after"] for change in plan["resource_changes"]})
