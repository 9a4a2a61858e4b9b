"""The caller is who the gateway says it is, and may use what its scopes allow."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.events import DOMAIN, Era, Event, handshake, http_event, message_of, modern, rest_event, text_of, tool_call
from tests.unit.conftest import Deploy, Function

SHOP = """
    from mcp.server.auth.middleware.auth_context import get_access_token
    from mcp.server.mcpserver import MCPServer

    mcp = MCPServer("shop")

    @mcp.tool()
    def who() -> str:
        token = get_access_token()
        return token.model_dump_json() if token else "nobody"

    @mcp.tool()
    def refund(order: int) -> str:
        return f"refunded {order}"

    @mcp.prompt()
    def audit() -> str:
        return "Audit the books."

    @mcp.resource("orders://{number}")
    def order(number: str) -> str:
        return f"order {number}"

    @mcp.resource("orders://all")
    def orders() -> str:
        return "all orders"
"""

ERAS = pytest.mark.parametrize("era", [modern, handshake], ids=["2026-07-28", "handshake"])

CLAIMS = {"iss": "https://login.example/", "sub": "ada", "client_id": "desk", "scope": "a b", "exp": "1900000000"}
ROLE = "arn:aws:sts::123456789012:assumed-role/builder/session"

VERIFIED = {
    "a JWT": ({"jwt": {"claims": CLAIMS, "scopes": ["a"]}}, "desk", "ada", ["a", "b"]),
    "a JWT with a list of scopes": ({"jwt": {"claims": {"cid": "desk", "scp": "[a b]"}}}, "desk", None, ["a", "b"]),
    "a JWT of a user": ({"jwt": {"claims": {"sub": "ada", "azp": "spa"}}}, "spa", "ada", []),
    "a Lambda authorizer": ({"lambda": {"client_id": "ci", "sub": "ci", "scope": "a"}}, "ci", "ci", ["a"]),
    "IAM": (
        {"iam": {"userArn": "arn:aws:iam::1:user/x", "accountId": "1"}},
        "arn:aws:iam::1:user/x",
        "arn:aws:iam::1:user/x",
        [],
    ),
}

NOBODY: dict[str, Any] = {
    "null for the claims": {"claims": None},
    "null for the claims of a JWT": {"jwt": {"claims": None, "scopes": None}},
    "no authorizer": None,
    "an empty context": {"lambda": {}},
    "no context": {"lambda": None},
    "claims without a name": {"jwt": {"claims": {"scope": "a"}}},
}


def seen_by_tool(function: Function, event: Event) -> dict[str, Any] | None:
    text = text_of(function(event))
    return None if text == "nobody" else json.loads(text)


def as_caller(event: Event, authorizer: dict[str, Any] | None) -> Event:
    return event | {"requestContext": event["requestContext"] | {"authorizer": authorizer}}


@ERAS
@pytest.mark.parametrize(("authorizer", "client", "subject", "scopes"), VERIFIED.values(), ids=VERIFIED)
def test_a_tool_sees_the_caller_that_the_gateway_verified(
    deploy: Deploy, era: Era, authorizer: dict[str, Any], client: str, subject: str | None, scopes: list[str]
) -> None:
    token = seen_by_tool(deploy(SHOP), as_caller(tool_call(era, "who"), authorizer))

    assert token
    assert (token["client_id"], token["subject"], token["scopes"]) == (client, subject, scopes)
    assert token["token"] == ""


@pytest.mark.parametrize(
    "context",
    [
        {"authorizer": {"claims": CLAIMS, "scopes": ["a"]}},
        {"authorizer": {"claims": json.dumps(CLAIMS), "principalId": "ada", "integrationLatency": 3}},
        {"authorizer": {"principalId": "desk", "scope": "a b", "sub": "ada", "integrationLatency": 3}},
        {"authorizer": {"claims": "some", "principalId": "desk"}},
        {"identity": {"userArn": "desk"}},
    ],
    ids=["JWT", "JWT as text", "Lambda", "Lambda with a claim of its own", "IAM"],
)
def test_payload_format_1_says_the_same(deploy: Deploy, context: dict[str, Any]) -> None:
    event = tool_call(handshake, "who")
    rest = rest_event("POST", "/mcp", event["body"])
    rest["requestContext"] |= context

    token = seen_by_tool(deploy(SHOP), rest)

    assert token
    assert token["client_id"] == "desk"


@ERAS
@pytest.mark.parametrize("authorizer", NOBODY.values(), ids=NOBODY)
def test_without_a_verified_name_the_caller_is_nobody(deploy: Deploy, era: Era, authorizer: dict[str, Any]) -> None:
    assert seen_by_tool(deploy(SHOP), as_caller(tool_call(era, "who"), authorizer)) is None


@ERAS
def test_nothing_a_client_sends_makes_it_somebody(deploy: Deploy, era: Era) -> None:
    event = tool_call(era, "who")
    forged = {
        "authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.",
        "x-amzn-request-context": json.dumps({"authorizer": {"jwt": {"claims": CLAIMS}}}),
        "x-amzn-oidc-identity": "ada",
        "x-forwarded-user": "ada",
    }
    body = json.loads(event["body"])
    body["params"].setdefault("_meta", {}).update({"authorizer": {"jwt": {"claims": CLAIMS}}, "claims": CLAIMS})
    event["headers"] |= forged
    event |= {"body": json.dumps(body), "rawQueryString": "access_token=x&authorizer=ada"}

    assert seen_by_tool(deploy(SHOP), event) is None


def test_a_caller_is_forgotten_with_its_request(deploy: Deploy) -> None:
    function = deploy(SHOP)

    assert seen_by_tool(function, as_caller(tool_call(modern, "who"), {"jwt": {"claims": CLAIMS}}))
    assert seen_by_tool(function, tool_call(modern, "who")) is None


REQUIRED = {
    "tools/refund": frozenset({"orders:write", "orders:read"}),
    "prompts/audit": frozenset({"books"}),
    "resources/orders://{number}": frozenset({"orders:read"}),
}


def with_scopes(event: Event, scopes: str) -> Event:
    return as_caller(event, {"jwt": {"claims": CLAIMS | {"scope": scopes}}})


@ERAS
def test_lists_leave_out_what_the_caller_may_not_use_and_are_private(deploy: Deploy, era: Era) -> None:
    function = deploy(SHOP, required_scopes=REQUIRED)

    def names(event: Event, key: str, name: str = "name") -> list[str]:
        result = message_of(function(event))["result"]
        assert result.get("cacheScope", "private") == "private"
        return [item[name] for item in result[key]]

    assert names(era("tools/list"), "tools") == ["who"]
    assert names(with_scopes(era("tools/list"), "orders:write"), "tools") == ["who"]
    assert names(with_scopes(era("tools/list"), "orders:read orders:write"), "tools") == ["who", "refund"]
    assert names(era("prompts/list"), "prompts") == []
    assert names(with_scopes(era("prompts/list"), "books"), "prompts") == ["audit"]
    assert names(era("resources/templates/list"), "resourceTemplates", "uriTemplate") == []
    assert names(era("resources/list"), "resources", "uri") == []
    assert names(with_scopes(era("resources/list"), "orders:read"), "resources", "uri") == ["orders://all"]


@ERAS
@pytest.mark.parametrize(
    ("method", "params", "needed"),
    [
        ("tools/call", {"name": "refund", "arguments": {"order": 1}}, "orders:read orders:write"),
        ("prompts/get", {"name": "audit"}, "books"),
        ("resources/read", {"uri": "orders://7"}, "orders:read"),
        ("resources/read", {"uri": "orders://all"}, "orders:read"),
    ],
)
def test_a_caller_without_the_scopes_is_told_which_and_where(
    deploy: Deploy, era: Era, method: str, params: dict[str, Any], needed: str
) -> None:
    function = deploy(SHOP, required_scopes=REQUIRED, issuer="https://login.example/")

    refused = function(with_scopes(era(method, params), "orders:write other"))
    allowed = function(with_scopes(era(method, params), needed))

    assert refused["statusCode"] == 403
    assert refused["headers"]["www-authenticate"] == (
        f'Bearer error="insufficient_scope", scope="{needed}", '
        f'resource_metadata="https://{DOMAIN}/.well-known/oauth-protected-resource/mcp"'
    )
    assert allowed["statusCode"] == 200
    assert "result" in message_of(allowed)


@ERAS
def test_clients_are_told_the_scopes_as_the_provider_takes_them(deploy: Deploy, era: Era) -> None:
    advertised = frozenset({"api://shop/orders:read", "api://shop/orders:write"})
    function = deploy(SHOP, required_scopes=REQUIRED, issuer="https://login.example/", advertised_scopes=advertised)

    def challenge(method: str, name: str) -> str:
        refused = function(with_scopes(era(method, {"name": name, "arguments": {}}), "other"))
        return str(refused["headers"]["www-authenticate"]).partition(", resource_metadata=")[0]

    document = json.loads(function(http_event("GET", "/.well-known/oauth-protected-resource/mcp"))["body"])
    assert document["scopes_supported"] == sorted(advertised)
    assert challenge("tools/call", "refund") == (
        'Bearer error="insufficient_scope", scope="api://shop/orders:read api://shop/orders:write"'
    )
    assert challenge("prompts/get", "audit") == 'Bearer error="insufficient_scope"'  # a role can be asked for nowhere
    assert function(with_scopes(era("prompts/get", {"name": "audit"}), "books"))["statusCode"] == 200


@ERAS
@pytest.mark.parametrize("roles", ["[books reader]", ["books", "reader"], "books"])
def test_roles_and_permissions_count_as_scopes_where_the_operator_says_so(
    deploy: Deploy, era: Era, roles: object
) -> None:
    def status(**settings: Any) -> int:
        function = deploy(SHOP, required_scopes=REQUIRED, **settings)
        event = as_caller(era("prompts/get", {"name": "audit"}), {"jwt": {"claims": CLAIMS | {"roles": roles}}})
        return int(function(event)["statusCode"])

    assert status(scope_claims=("permissions", "roles")) == 200
    assert status(scope_claims=("permissions",)) == 403
    assert status() == 403


@ERAS
def test_a_challenge_names_no_metadata_that_is_not_served(deploy: Deploy, era: Era) -> None:
    function = deploy(SHOP, required_scopes=REQUIRED, issuer=None)

    refused = function(with_scopes(era("prompts/get", {"name": "audit"}), "other"))

    assert refused["headers"]["www-authenticate"] == 'Bearer error="insufficient_scope", scope="books"'
    assert function(http_event("GET", "/.well-known/oauth-protected-resource/mcp"))["statusCode"] == 404


@ERAS
@pytest.mark.parametrize(
    "ref",
    [
        {"type": "ref/prompt", "name": "audit"},
        {"type": "ref/prompt", "name": "audit", "uri": "zzz"},
        {"type": "ref/prompt", "name": "audit", "uri": None},
        {"type": "ref/resource", "uri": "orders://{number}"},
        {"type": "ref/resource", "uri": "orders://{number}", "name": "other"},
    ],
)
def test_a_completion_for_what_is_guarded_is_refused_too(deploy: Deploy, era: Era, ref: dict[str, Any]) -> None:
    asked = era("completion/complete", {"ref": ref, "argument": {"name": "x", "value": ""}})

    assert deploy(SHOP, required_scopes=REQUIRED)(asked)["statusCode"] == 403


@ERAS
@pytest.mark.parametrize("ref", ["uri", ["uri"], 5, None])
def test_a_completion_for_nonsense_is_the_clients_mistake(deploy: Deploy, era: Era, ref: object) -> None:
    asked = era("completion/complete", {"ref": ref, "argument": {"name": "x", "value": ""}})

    assert message_of(deploy(SHOP, required_scopes=REQUIRED)(asked))["error"]["code"] in (-32602, -32601)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (SHOP, "required_scopes names what the server 'shop' does not have: tools/refnd."),
        ("async def mcp(scope, receive, send): ...", "required_scopes needs an MCPServer"),
    ],
    ids=["misspelt", "not an MCPServer"],
)
def test_scopes_that_would_guard_nothing_end_the_start(
    deploy: Deploy, caplog: pytest.LogCaptureFixture, source: str, words: str
) -> None:
    function = deploy(source, required_scopes={"tools/refnd": frozenset({"a"})})

    assert function(tool_call(modern, "refund", order=1))["statusCode"] == 500
    assert any(words in record.getMessage() for record in caplog.records)


def test_the_metadata_names_the_server_as_the_gateway_does_not_as_the_client(deploy: Deploy) -> None:
    function = deploy(SHOP, issuer="https://login.example/")

    answer = function(http_event("GET", "/.well-known/oauth-protected-resource", host=f"{DOMAIN.upper()}:8443"))

    assert json.loads(answer["body"])["resource"] == f"https://{DOMAIN}/mcp"


@pytest.mark.parametrize("stage", ["/live", ""], ids=["generated", "domain"])
def test_the_metadata_and_a_challenge_name_the_stage_where_it_is_in_the_url(deploy: Deploy, stage: str) -> None:
    function = deploy(SHOP, required_scopes=REQUIRED, issuer="https://login.example/")
    event = handshake("prompts/get", {"name": "audit"})
    path = "/.well-known/oauth-protected-resource/mcp"

    document = json.loads(function(rest_event("GET", path, stage=stage))["body"])
    refused = function(rest_event("POST", "/mcp", event["body"], stage=stage))

    assert document["resource"] == f"https://{DOMAIN}{stage}/mcp"
    (challenge,) = refused["multiValueHeaders"].get("www-authenticate") or [refused["headers"]["www-authenticate"]]
    assert f'resource_metadata="https://{DOMAIN}{stage}{path}"' in challenge


@pytest.mark.parametrize("path", ["", "/mcp"])
def test_the_metadata_names_the_endpoint_its_issuer_and_all_scopes(deploy: Deploy, path: str) -> None:
    function = deploy(
        SHOP, required_scopes=REQUIRED, issuer="https://login.example/", scopes=frozenset({"call", "books"})
    )

    answer = function(http_event("GET", f"/.well-known/oauth-protected-resource{path}"))

    assert answer["headers"]["cache-control"] == "public, max-age=3600"
    assert json.loads(answer["body"]) == {
        "resource": f"https://{DOMAIN}/mcp",
        "authorization_servers": ["https://login.example/"],
        "bearer_methods_supported": ["header"],
        "scopes_supported": ["books", "call", "orders:read", "orders:write"],
    }


def test_without_an_issuer_there_is_no_metadata(deploy: Deploy) -> None:
    assert deploy(SHOP)(http_event("GET", "/.well-known/oauth-protected-resource"))["statusCode"] == 404
