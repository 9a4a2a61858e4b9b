"""examples/complete, where everything is switched on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lab.callers import access_token
from lab.events import message_in, modern, tool_call
from tests.integration.conftest import Deployment, Endpoint

EMAIL = "ada@example.com"


@pytest.fixture(scope="module")
def deployed(deploy: Callable[..., Deployment]) -> Endpoint:
    return deploy("examples/complete")[1]


def as_machine(deployed: Endpoint, name: str) -> Endpoint:
    """The endpoint, called with the token of one of the example's machine clients."""
    cognito = deployed.client("cognito-idp")
    pools = {pool["Name"]: pool["Id"] for pool in cognito.list_user_pools(MaxResults=60)["UserPools"]}
    pool = {"UserPoolId": pools["consents"]}
    clients = {it["ClientName"]: it["ClientId"] for it in cognito.list_user_pool_clients(**pool)["UserPoolClients"]}
    client = cognito.describe_user_pool_client(**pool, ClientId=clients[name])["UserPoolClient"]
    assert deployed.aws
    token = access_token(deployed.aws, {"client_id": client["ClientId"], "client_secret": client["ClientSecret"]})
    return Endpoint(deployed.url, token, deployed.aws, deployed.outputs)


def test_a_client_that_may_read_asks_and_one_that_may_write_notes(deployed: Endpoint) -> None:
    note = tool_call(modern, "record_consent", email=EMAIL, purpose="surveys", given=True)

    refused = as_machine(deployed, "newsletter").post(note)
    noted = as_machine(deployed, "crm").post(note)
    asked = as_machine(deployed, "newsletter").call(modern, "consents_of", email=EMAIL.upper())

    assert refused.status_code == 403
    assert 'scope="consents/write"' in refused.headers["www-authenticate"]
    assert asked["result"]["structuredContent"]["result"] == [message_in(noted.text)["result"]["structuredContent"]]


def test_a_consent_that_was_changed_in_the_table_is_not_believed(deployed: Endpoint) -> None:
    crm, table = as_machine(deployed, "crm"), deployed.client("dynamodb")
    crm.call(modern, "record_consent", email="eve@example.com", purpose="profiling", given=False)
    rows = table.scan(TableName="consents")["Items"]
    (row,) = [row for row in rows if row["purpose"]["S"] == "profiling"]
    row["noted"]["S"] = row["noted"]["S"].replace("false", "true")
    table.put_item(TableName="consents", Item=row)

    answer = crm.call(modern, "consents_of", email="eve@example.com")["result"]

    assert answer["isError"]
    assert "profiling was changed past the register" in answer["content"][0]["text"]


def test_the_keys_are_in_no_state_and_nobody_is_named_in_table_or_log(deployed: Endpoint, repository: Path) -> None:
    as_machine(deployed, "crm").call(modern, "record_consent", email=EMAIL, purpose="surveys", given=True)
    person_key = deployed.client("ssm").get_parameter(Name="/consents/person-key", WithDecryption=True)
    seal_key = deployed.client("secretsmanager").get_secret_value(SecretId="consents/seal-key")
    state = (repository / "examples/complete/terraform.tfstate").read_text()
    table = str(deployed.client("dynamodb").scan(TableName="consents")["Items"])
    log = str(deployed.client("logs").filter_log_events(logGroupName="/aws/lambda/consents")["events"])

    assert "/consents/person-key" in state
    assert "record_consent" in log
    for key in (person_key["Parameter"]["Value"], seal_key["SecretString"]):
        assert len(key) == 44
        assert key not in state + table + log
    assert "surveys" in table
    assert EMAIL.partition("@")[0] + "@" not in (table + log).lower()  # "ada" alone may stand in a hash
