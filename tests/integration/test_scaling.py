"""What keeps execution environments ready, as the local AWS holds it."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
import tftest

from tests.integration.conftest import Endpoint

DeployStack = Callable[..., Endpoint]


def test_a_fixed_number_of_environments_is_provisioned_on_the_alias_changed_and_taken_away(
    deploy_stack: DeployStack,
) -> None:
    def provisioned(number: int | None) -> Endpoint:
        wanted = {"environments": number} if number else None
        return deploy_stack("provisioned", provisioned_concurrency=wanted)

    functions = provisioned(2).client("lambda")
    alias = {"FunctionName": "provisioned", "Qualifier": "live"}
    first = functions.get_provisioned_concurrency_config(**alias)
    provisioned(3)
    second = functions.get_provisioned_concurrency_config(**alias)
    with pytest.raises(tftest.TerraformTestError, match="Alias with weights"):  # as docs/rollout.md says
        deploy_stack("provisioned", provisioned_concurrency={"environments": 4}, environment={"CHANGED": "1"})
    provisioned(None)

    assert first["RequestedProvisionedConcurrentExecutions"] == 2
    assert second["RequestedProvisionedConcurrentExecutions"] == 3
    with pytest.raises(functions.exceptions.ProvisionedConcurrencyConfigNotFoundException):
        functions.get_provisioned_concurrency_config(**alias)


@pytest.mark.skipif(
    sys.version_info < (3, 12),
    reason="the local AWS runs functions in this Python, of which SnapStart takes 3.12 and newer",
)
def test_versions_start_from_snapshots_and_go_with_them_until_that_is_switched_off(deploy_stack: DeployStack) -> None:
    def release(number: int, snap_start: bool = True) -> Endpoint:
        return deploy_stack("snapshots", snap_start=snap_start, environment={"RELEASE": str(number)})

    functions = release(1).client("lambda")
    alias = {"FunctionName": "snapshots", "Qualifier": "live"}
    on = functions.get_function_configuration(**alias)
    release(2)
    release(3)
    kept = functions.list_versions_by_function(FunctionName="snapshots")["Versions"]
    release(3, snap_start=False)
    off = functions.get_function_configuration(**alias)

    assert on["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}
    assert [version["Version"] for version in kept] == ["$LATEST", "2", "3"]
    assert off["SnapStart"] == {"ApplyOn": "None", "OptimizationStatus": "Off"}
    assert off["Version"] == "4"
