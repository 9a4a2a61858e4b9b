"""What a plain MCPServer, and any other ASGI application, answers through the function."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest

from lab.events import MODERN, Era, Event, handshake, http_event, message_of, modern, rest_event, text_of, tool_call
from tests.unit.conftest import Deploy

PLAIN = """
    from mcp.server.mcpserver import Context, MCPServer

    mcp = MCPServer("calculator", version="1.2.0")

    @mcp.tool()
    def add(a: int, b: int) -> int:
        return a + b

    @mcp.tool()
    async def count(to: int, ctx: Context) -> str:
        for step in range(to):
            await ctx.report_progress(step + 1, to)
        return "done"

    @mcp.tool()
    def fail() -> str:
        raise ValueError("the shelf is empty")

    @mcp.prompt()
    def greet(who: str) -> str:
        return f"Greet {who}."
"""

ERAS = pytest.mark.parametrize("era", [modern, handshake], ids=["2026-07-28", "handshake"])


@ERAS
def test_the_thousandth_warm_call_works_like_the_first(deploy: Deploy, era: Era) -> None:
    function = deploy(PLAIN)

    answers = {text_of(function(tool_call(era, "add", a=2, b=3))) for _ in range(1000)}

    assert answers == {"5"}


@ERAS
def test_both_payload_formats_are_answered_alike(deploy: Deploy, era: Era) -> None:
    function = deploy(PLAIN)
    event = tool_call(era, "add", a=2, b=3)
    headers = {name.replace("-", "_"): value for name, value in event["headers"].items()}
    as_rest = rest_event("POST", "/mcp", event["body"], **headers)

    assert text_of(function(as_rest)) == text_of(function(event)) == "5"


def test_a_base64_body_is_decoded(deploy: Deploy) -> None:
    event = tool_call(modern, "add", a=2, b=3)
    event |= {"body": base64.b64encode(event["body"].encode()).decode(), "isBase64Encoded": True}

    assert text_of(deploy(PLAIN)(event)) == "5"


def test_a_handshake_client_gets_through_without_a_session(deploy: Deploy) -> None:
    function = deploy(PLAIN)
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}

    initialized = function(handshake("initialize", hello))
    notified = function(http_event("POST", "/mcp", '{"jsonrpc":"2.0","method":"notifications/initialized"}'))
    stale = handshake("tools/list")
    stale["headers"] |= {"mcp-session-id": "of-another-environment", "mcp-protocol-version": "2025-11-25"}

    assert message_of(initialized)["result"]["serverInfo"]["name"] == "calculator"
    assert "mcp-session-id" not in initialized["headers"]
    assert notified["statusCode"] == 202
    assert [tool["name"] for tool in message_of(function(stale))["result"]["tools"]] == ["add", "count", "fail"]


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "BREW"])
@pytest.mark.parametrize("event", [http_event, rest_event])
def test_other_methods_than_post_are_refused_at_once(deploy: Deploy, method: str, event: Callable[..., Event]) -> None:
    answer = deploy(PLAIN)(event(method, "/mcp"), seconds=2)

    assert answer["statusCode"] == 405
    assert answer["headers"]["allow"] == "POST"


def test_listen_streams_are_neither_advertised_nor_served(deploy: Deploy) -> None:
    function = deploy(PLAIN)

    capabilities = message_of(function(modern("server/discover")))["result"]["capabilities"]
    refused = function(modern("subscriptions/listen", {"notifications": {"toolsListChanged": True}}), seconds=2)

    assert capabilities["tools"] == {"listChanged": False}
    assert (refused["statusCode"], message_of(refused)["error"]["code"]) == (404, -32601)


def test_progress_arrives_in_the_one_answer_before_the_result(deploy: Deploy) -> None:
    event = modern("tools/call", {"name": "count", "arguments": {"to": 3}})
    body = json.loads(event["body"])
    body["params"]["_meta"] |= {"progressToken": "p"}

    answer = deploy(PLAIN)(event | {"body": json.dumps(body)})

    messages = [json.loads(line[6:]) for line in answer["body"].splitlines() if line.startswith("data: ")]
    assert [m["params"]["progress"] for m in messages[:-1]] == [1, 2, 3]
    assert messages[-1]["result"]["content"][0]["text"] == "done"


@ERAS
def test_a_tool_that_raises_is_reported_as_its_failure_and_the_next_call_works(deploy: Deploy, era: Era) -> None:
    function = deploy(PLAIN)

    failed = message_of(function(tool_call(era, "fail")))["result"]

    assert failed["isError"] is True
    assert failed["content"][0]["text"] == "Error executing tool fail"
    assert text_of(function(tool_call(era, "add", a=1, b=1))) == "2"


def test_malformed_requests_are_answered_in_words(deploy: Deploy) -> None:
    function = deploy(PLAIN)
    broken = http_event("POST", "/mcp", "{", mcp_protocol_version=MODERN)
    not_json = http_event("POST", "/mcp", "{}", content_type="text/plain")
    too_large = http_event("POST", "/mcp", '"' + "x" * 4 * 1024 * 1024 + '"')

    assert (function(broken)["statusCode"], message_of(function(broken))["error"]["code"]) == (400, -32700)
    assert function(not_json)["statusCode"] == 400
    assert function(too_large)["statusCode"] == 413
    assert function(http_event("GET", "/nowhere"))["statusCode"] == 404


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"source": "aws.events", "detail": {}},
        http_event("GET", "/health", host="a:b:c"),
        http_event("GET", "/health") | {"headers": None},
        http_event("POST", "/mcp", "not base64!") | {"isBase64Encoded": True},
        http_event("POST", "/mcp", "\ud800"),
    ],
    ids=["empty", "a schedule", "host", "no headers", "base64", "surrogate"],
)
def test_an_event_that_is_no_http_request_is_refused_in_words(deploy: Deploy, event: dict[str, object]) -> None:
    answer = deploy(PLAIN)(event)

    assert answer["statusCode"] == 400
    assert "API Gateway" in message_of(answer)["error"]["message"]


def test_health_says_version_and_server_name(deploy: Deploy) -> None:
    answer = deploy(PLAIN)(http_event("GET", "/health"))

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == {"status": "ok", "name": "calculator", "version": "1.2.0", "host": "0.1.0"}


FASTAPI = """
    from contextlib import asynccontextmanager
    from fastapi import FastAPI
    from mcp.server.mcpserver import MCPServer
    from mcp.server.transport_security import TransportSecuritySettings

    mcp = MCPServer("shop")

    @mcp.tool()
    def add(a: int, b: int) -> int:
        return a + b

    mcp_app = mcp.streamable_http_app(
        stateless_http=True, transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False)
    )
    app = FastAPI(title="Shop", version="3", lifespan=lambda _: mcp_app.router.lifespan_context(mcp_app))

    @app.get("/orders/{number}")
    async def order(number: int) -> dict[str, int]:
        return {"number": number}

    app.mount("/", mcp_app)
"""


@ERAS
def test_a_fastapi_application_serves_its_own_routes_beside_its_tools(deploy: Deploy, era: Era) -> None:
    function = deploy(FASTAPI, "app")

    assert json.loads(function(http_event("GET", "/orders/7"))["body"]) == {"number": 7}
    assert [text_of(function(tool_call(era, "add", a=2, b=n))) for n in range(3)] == ["2", "3", "4"]
    assert json.loads(function(http_event("GET", "/health"))["body"])["name"] == "Shop"
    assert function(http_event("GET", "/mcp"))["statusCode"] == 405


def test_a_low_level_server_and_a_bare_asgi_function_are_hosted(deploy: Deploy) -> None:
    low_level = deploy("""
        from mcp.server.lowlevel import Server
        from mcp_types import ListToolsResult

        async def no_tools(ctx, params):
            return ListToolsResult(tools=[])

        mcp = Server("low", on_list_tools=no_tools)
    """)
    bare = deploy(
        """
        async def app(scope, receive, send):
            assert scope["type"] == "http"  # raises for the lifespan, as an application without one may
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"bare"})
        """,
        "app",
    )

    assert message_of(low_level(modern("tools/list")))["result"]["tools"] == []
    assert bare(http_event("POST", "/mcp"))["body"] == "bare"


def test_a_route_that_raises_gives_500_without_its_reason(deploy: Deploy) -> None:
    answer = deploy(
        """
        from fastapi import FastAPI
        app = FastAPI()

        @app.get("/")
        async def fail():
            raise RuntimeError("password=hunter2")
        """,
        "app",
    )(http_event("GET", "/"))

    assert answer["statusCode"] == 500
    assert "hunter2" not in answer["body"]


LARGE = """
    from fastapi import FastAPI
    from mcp.server.mcpserver import MCPServer

    mcp = MCPServer("large")

    @mcp.tool(structured_output=False)
    def text(length: int, letter: str = "x") -> str:
        return letter * length

    app = FastAPI()

    @app.get("/text")
    def route() -> str:
        return "x" * 6_300_000
"""


@ERAS
@pytest.mark.parametrize(
    ("length", "letter"),
    [(6_300_000, "x"), (3_200_000, '"'), (3_200_000, "\\")],
    ids=["plain", "quotes", "backslashes"],
)
def test_an_answer_that_lambda_cannot_carry_is_an_error_that_says_so(
    deploy: Deploy, era: Era, length: int, letter: str
) -> None:
    answer = deploy(LARGE)(tool_call(era, "text", request_id="large", length=length, letter=letter))

    assert answer["statusCode"] == 200
    message = message_of(answer)
    assert (message["id"], message["error"]["code"]) == ("large", 413)
    assert "Lambda carries 6,291,556" in message["error"]["message"]


@ERAS
def test_an_answer_of_almost_the_limit_arrives_whole(deploy: Deploy, era: Era) -> None:
    answer = deploy(LARGE)(tool_call(era, "text", length=6_200_000))

    assert len(text_of(answer)) == 6_200_000


def test_a_route_whose_answer_lambda_cannot_carry_gives_500(deploy: Deploy) -> None:
    assert deploy(LARGE, "app")(http_event("GET", "/text"))["statusCode"] == 500


@ERAS
def test_a_client_that_accepts_json_alone_gets_text_that_looks_like_a_stream(deploy: Deploy, era: Era) -> None:
    event = tool_call(era, "text", length=3, letter="data: \n\ndata: ")
    event["headers"] |= {"accept": "application/json"}

    assert text_of(deploy(LARGE)(event)) == "data: \n\ndata: " * 3


@ERAS
@pytest.mark.parametrize("tool", ["add", "count"])
def test_a_client_that_accepts_json_alone_gets_json(deploy: Deploy, era: Era, tool: str) -> None:
    arguments = {"a": 2, "b": 3} if tool == "add" else {"to": 3}
    event = tool_call(era, tool, **arguments)
    event["headers"] |= {"accept": "application/json"}

    answer = deploy(PLAIN)(event)

    assert answer["headers"]["content-type"] == "application/json"
    assert json.loads(answer["body"])["result"]["content"][0]["text"] in ("5", "done")


@ERAS
@pytest.mark.parametrize(
    ("method", "params", "words"),
    [
        ("tools/call", {"name": "subtract", "arguments": {}}, "Unknown tool: subtract"),
        ("prompts/get", {"name": "scold"}, "Unknown prompt: scold"),
        ("prompts/get", {"name": "greet"}, "The prompt greet needs: who"),
    ],
)
def test_a_name_or_argument_that_there_is_not_is_an_error_of_the_request(
    deploy: Deploy, era: Era, method: str, params: dict[str, object], words: str
) -> None:
    error = message_of(deploy(PLAIN)(era(method, params)))["error"]

    assert (error["code"], error["message"]) == (-32602, words)


@ERAS
def test_a_prompt_that_the_author_leaves_out_of_the_list_is_given_to_whoever_knows_its_name(
    deploy: Deploy, era: Era
) -> None:
    function = deploy("""
        from mcp.server.mcpserver import MCPServer

        class Discreet(MCPServer):
            async def list_prompts(self):
                return []

        mcp = Discreet("shop")

        @mcp.prompt()
        def greet() -> str:
            return "Hello"
    """)

    answer = message_of(function(era("prompts/get", {"name": "greet"})))
    assert answer["result"]["messages"][0]["content"]["text"] == "Hello"


@pytest.mark.parametrize("method", ["logging/setLevel", "resources/subscribe", "resources/unsubscribe"])
def test_set_up_that_no_environment_would_remember_is_accepted_in_the_handshake_era(
    deploy: Deploy, method: str
) -> None:
    function = deploy(PLAIN)

    assert message_of(function(handshake(method, {"level": "info", "uri": "a://b"})))["result"] == {}
    assert message_of(function(handshake(method, {"level": "loud"})))["error"]["code"] == -32602
    assert message_of(function(modern(method, {"level": "info", "uri": "a://b"})))["error"]["code"] == -32601


def test_log_messages_are_advertised_and_subscriptions_are_not(deploy: Deploy) -> None:
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    function = deploy(PLAIN)

    for answer in (function(handshake("initialize", hello)), function(modern("server/discover"))):
        capabilities = message_of(answer)["result"]["capabilities"]
        assert capabilities["logging"] == {}
        assert not capabilities["resources"].get("subscribe")


@pytest.mark.parametrize("method", ["server/discover", "tools/list", "prompts/list", "resources/list"])
def test_the_catalogue_may_be_kept_for_five_minutes_by_everybody(deploy: Deploy, method: str) -> None:
    result = message_of(deploy(PLAIN)(modern(method)))["result"]

    assert (result["ttlMs"], result["cacheScope"]) == (300_000, "public")


@pytest.mark.parametrize("auth_type", ["iam", "jwt", "token", "lambda"])
@pytest.mark.parametrize("method", ["server/discover", "tools/list", "prompts/list", "resources/list"])
def test_the_catalogue_is_each_callers_own_where_callers_are_told_apart(
    deploy: Deploy, method: str, auth_type: str
) -> None:
    result = message_of(deploy(PLAIN, auth_type=auth_type)(modern(method)))["result"]

    assert (result["ttlMs"], result["cacheScope"]) == (300_000, "private")
