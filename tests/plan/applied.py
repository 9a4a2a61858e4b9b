"""What the module makes, nested modules included: applied to a mocked provider by Terraform's own test command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.plan.offline import terraform

MOCKED: dict[str, Any] = {
    "mock_provider": {"aws": {"source": "./tests/plan"}},
    "override_resource": [{"target": "terraform_data.upload", "values": {"output": "uploaded"}}],
}

Attributes = dict[str, Any]


@dataclass(frozen=True)
class Applied:
    """What is there after an apply.

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


def apply_each(runs: dict[str, Attributes], checkout: Path) -> dict[str, Applied]:
    """Apply the module of a copy of the repository once with each set of inputs; what is there, by the run's name."""
    test = checkout / "tests" / "applied.tftest.json"
    steps = {name: {"command": "apply", "variables": inputs} for name, inputs in runs.items()}
    test.write_text(json.dumps(MOCKED | {"run": steps}))
    terraform("init", "-test-directory=tests", directory=checkout)
    tested = terraform("test", "-json", "-verbose", "-test-directory=tests", directory=checkout)
    test.unlink()
    messages = [(message, json.loads(message)["type"]) for message in tested.stdout.splitlines() if len(message) < 1e5]
    assert tested.returncode == 0, [message for message, kind in messages if kind == "diagnostic"]
    states = (json.loads(message) for message in tested.stdout.splitlines() if '"type":"test_state"' in message[-99:])
    return {state["@testrun"]: read_state(state["test_state"]) for state in states}


def read_state(state: Attributes) -> Applied:
    """A state as `terraform show -json` has it."""
    outputs = {name: output["value"] for name, output in state["outputs"].items()}
    return Applied(outputs, {one["address"]: one["values"] for one in resources_in(state["root_module"])})


def resources_in(module: Attributes) -> Iterator[Attributes]:
    """The resources of a module and of those that it calls."""
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from resources_in(child)
