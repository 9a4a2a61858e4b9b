"""Who gets in, and as whom: each way in with good and bad credentials, on the local AWS with real tokens."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import http.client
import io
import json
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx2
import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from mcp import StdioServerParameters
from mcp.client import Client
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

from lab.callers import SigV4
from lab.events import Era, handshake, message_in, modern, tool_call
from lab.local_aws import REPOSITORY, LocalAWS
from tests.authorization_server import KEY_ID, AuthorizationServer
from tests.integration.conformance.suite import Node
from tests.integration.conftest import Deployment, Endpoint

AUDIENCE = "https://mcp.example/mcp"
CHALLENGES = ("www-authenticate", "x-amzn-remapped-www-authenticate")
"""The header of a challenge, and what a REST API calls it when it is the function's own."""

ERAS = pytest.mark.parametrize("era", [modern, handshake], ids=["2026-07-28", "handshake"])


@pytest.fixture(scope="module", params=["http", "rest"])
def front(request: pytest.FixtureRequest) -> str:
    """The kind of API: who gets in does not depend on it."""
    return str(request.param)


@pytest.fixture(scope="module")
def tokens(deploy_stack: Callable[..., Endpoint], issuer: AuthorizationServer) -> Callable[[str], Endpoint]:
    """Makes an endpoint that takes tokens of the tests' issuer with the scope call; booking needs another one."""

    @cache
    def deploy_front(front: str) -> Endpoint:
        auth = {"type": "jwt", "issuer": issuer.issuer, "audience": [AUDIENCE], "scopes": ["call"]}
        return deploy_stack(f"tokens-{front}", front=front, auth=auth, required_scopes={"tools/book": ["book", "call"]})

    return deploy_front


@pytest.fixture(scope="module")
def jwt_endpoint(tokens: Callable[[str], Endpoint], front: str) -> Endpoint:
    return tokens(front)


@pytest.fixture(scope="module")
def rest_endpoint(tokens: Callable[[str], Endpoint]) -> Endpoint:
    return tokens("rest")


def who(endpoint: Endpoint, era: Era = modern, **options: Any) -> requests.Response:
    """Call the tool that says who calls."""
    event = tool_call(era, "who")
    headers = {k: v for k, v in event["headers"].items() if k != "host"} | options.pop("headers", {})
    return endpoint.send("POST", data=event["body"], headers=headers, **options)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def identity(answer: requests.Response) -> dict[str, Any] | None:
    text = message_in(answer.text)["result"]["content"][0]["text"]
    return None if text == "nobody" else json.loads(text)


@ERAS
def test_a_good_token_gets_in_and_the_tool_sees_whose_it_is(
    jwt_endpoint: Endpoint, issuer: AuthorizationServer, era: Era
) -> None:
    token = issuer.token(aud=AUDIENCE, scope="call book", sub="ada")

    caller = identity(who(jwt_endpoint, era, headers=bearer(token)))

    assert caller
    assert (caller["client_id"], caller["subject"], caller["scopes"]) == ("desk", "ada", ["call", "book"])
    assert caller["claims"]["iss"] == issuer.issuer
    assert token not in json.dumps(caller)


def generated(endpoint: Endpoint) -> str:
    """Where a REST API without a domain has its paths."""
    return str(endpoint.outputs["url"]).removesuffix("/mcp")


def test_a_rest_api_says_in_its_401_where_to_get_a_token_and_with_which_scopes(
    rest_endpoint: Endpoint, issuer: AuthorizationServer
) -> None:
    metadata = f"{generated(rest_endpoint)}/.well-known/oauth-protected-resource/mcp"
    for headers in ({}, bearer("garbage"), bearer(issuer.token(aud=AUDIENCE, scope="call", exp=1))):
        answer = who(rest_endpoint, headers=headers)

        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == f'Bearer resource_metadata="{metadata}", scope="call"'
        assert answer.json()["error"]["code"] == 401
        assert answer.json()["jsonrpc"] == "2.0"


def test_a_rest_api_says_which_scopes_a_good_token_lacks(rest_endpoint: Endpoint, issuer: AuthorizationServer) -> None:
    metadata = f"{generated(rest_endpoint)}/.well-known/oauth-protected-resource/mcp"

    answer = who(rest_endpoint, headers=bearer(issuer.token(aud=AUDIENCE, scope="other")))

    assert answer.status_code == 403
    assert answer.headers["www-authenticate"] == (
        f'Bearer error="insufficient_scope", scope="call", resource_metadata="{metadata}"'
    )
    assert answer.json()["error"]["code"] == 403


def test_a_path_that_there_is_not_is_404_to_who_may_call(jwt_endpoint: Endpoint, issuer: AuthorizationServer) -> None:
    caller = Endpoint(jwt_endpoint.url, issuer.token(aud=AUDIENCE, scope="call"))

    for path in ("/nothing", "/.well-known/openid-configuration", "/mcp/nothing", "/"):
        assert caller.send("GET", path).status_code == 404
    assert caller.send("POST", "/health").status_code in (404, 405)


def bad_tokens(issuer: AuthorizationServer) -> Mapping[str, str]:
    good = issuer.claims(aud=AUDIENCE, scope="call")
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kid = {"kid": KEY_ID}
    now = int(time.time())
    return {
        "garbage": "garbage",
        "empty": "",
        "alg none": jwt.encode(good, "", "none", headers=kid),
        "HS256 with the public key": hs256(good, issuer.public_pem),
        "wrong key": jwt.encode(good, stranger, "RS256", headers=kid),
        "wrong issuer": issuer.token(aud=AUDIENCE, scope="call", iss="https://evil.example"),
        "wrong audience": issuer.token(aud="https://other.example/mcp", scope="call"),
        "no audience": issuer.token(scope="call"),
        "expired": issuer.token(aud=AUDIENCE, scope="call", exp=now - 60),
        "not yet valid": issuer.token(aud=AUDIENCE, scope="call", nbf=now + 600),
        "a changed byte": issuer.token(aud=AUDIENCE, scope="call")[:-8] + "AAAAAAAA",
    }


def hs256(claims: dict[str, Any], secret: bytes) -> str:
    """A token under HMAC, made by hand: PyJWT refuses a public key for a secret, an attacker does not."""
    parts = [{"alg": "HS256", "typ": "JWT", "kid": KEY_ID}, claims]
    encoded = ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts)
    signature = hmac.new(secret, encoded.encode(), hashlib.sha256).digest()
    return f"{encoded}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def test_a_bad_token_does_not_get_in(jwt_endpoint: Endpoint, issuer: AuthorizationServer) -> None:
    statuses = {
        name: who(jwt_endpoint, headers=bearer(token)).status_code for name, token in bad_tokens(issuer).items()
    }

    assert statuses == dict.fromkeys(statuses, 401)


def test_a_good_token_in_the_wrong_place_does_not_get_in(jwt_endpoint: Endpoint, issuer: AuthorizationServer) -> None:
    token = issuer.token(aud=AUDIENCE, scope="call")

    assert who(jwt_endpoint).status_code == 401
    assert who(jwt_endpoint, params={"access_token": token}).status_code == 401
    assert who(jwt_endpoint, headers={"x-api-key": token}).status_code == 401
    assert who(jwt_endpoint, headers={"cookie": f"authorization=Bearer {token}"}).status_code == 401


def test_two_authorization_headers_do_not_get_in(jwt_endpoint: Endpoint, issuer: AuthorizationServer) -> None:
    event = tool_call(modern, "who")
    url = urlsplit(jwt_endpoint.url)
    connection = http.client.HTTPConnection(url.netloc, timeout=30)
    connection.putrequest("POST", url.path)
    for name, value in event["headers"].items() - {("host", event["headers"]["host"])}:
        connection.putheader(name, value)
    for token in ("garbage", issuer.token(aud=AUDIENCE, scope="call")):
        connection.putheader("Authorization", f"Bearer {token}")
    connection.putheader("Content-Length", str(len(event["body"])))
    connection.endheaders(event["body"].encode())

    assert connection.getresponse().status in (400, 401, 403)


def test_a_token_without_the_endpoints_scope_is_refused(jwt_endpoint: Endpoint, issuer: AuthorizationServer) -> None:
    assert who(jwt_endpoint, headers=bearer(issuer.token(aud=AUDIENCE, scope="other"))).status_code == 403
    assert who(jwt_endpoint, headers=bearer(issuer.token(aud=AUDIENCE))).status_code == 403


@ERAS
def test_a_tool_that_needs_more_scopes_is_hidden_and_refused_with_their_names(
    jwt_endpoint: Endpoint, issuer: AuthorizationServer, era: Era
) -> None:
    caller = Endpoint(jwt_endpoint.url, issuer.token(aud=AUDIENCE, scope="call"))

    listed = message_in(caller.post(era("tools/list")).text)["result"]
    refused = caller.post(tool_call(era, "book", room=1))

    assert "book" not in {tool["name"] for tool in listed["tools"]}
    assert listed.get("cacheScope", "private") == "private"
    assert refused.status_code == 403
    (challenge,) = (value for name, value in refused.headers.items() if name.lower() in CHALLENGES)
    assert 'scope="book call"' in challenge
    assert "/.well-known/oauth-protected-resource/mcp" in challenge


@pytest.mark.parametrize(
    "headers",
    [
        {"x-amzn-request-context": '{"authorizer":{"jwt":{"claims":{"sub":"root"}}}}'},
        {"x-amzn-oidc-identity": "root"},
        {"x-amzn-authorizer": "root"},
        {"forwarded": "for=root"},
    ],
)
def test_a_header_that_imitates_the_authorizer_changes_nothing(
    jwt_endpoint: Endpoint, issuer: AuthorizationServer, headers: dict[str, str]
) -> None:
    token = issuer.token(aud=AUDIENCE, scope="call")

    assert who(jwt_endpoint, headers=headers).status_code == 401
    caller = identity(who(jwt_endpoint, headers=headers | bearer(token)))
    assert caller
    assert caller["subject"] == "ada"


def test_request_state_of_one_caller_is_refused_from_another(
    jwt_endpoint: Endpoint, issuer: AuthorizationServer
) -> None:
    scopes = {"aud": AUDIENCE, "scope": "call book"}
    ada = Endpoint(jwt_endpoint.url, issuer.token(sub="ada", **scopes))
    bob = Endpoint(jwt_endpoint.url, issuer.token(sub="bob", **scopes))
    state = ada.call(modern, "book", room=7)["result"]["requestState"]
    answers = {"sure": {"action": "accept", "content": {}}}
    second = modern(
        "tools/call",
        {"name": "book", "arguments": {"room": 7}, "inputResponses": answers, "requestState": state},
    )

    assert message_in(bob.post(second).text)["error"]["code"] == -32602
    assert "result" in message_in(ada.post(second).text)


@pytest.mark.parametrize("path", ["", "/mcp"])
@pytest.mark.parametrize("headers", [{}, bearer("garbage")], ids=["without a token", "with a bad token"])
def test_the_metadata_is_open_and_leads_to_the_issuer(
    jwt_endpoint: Endpoint, issuer: AuthorizationServer, path: str, headers: dict[str, str]
) -> None:
    answer = jwt_endpoint.send("GET", f"/.well-known/oauth-protected-resource{path}", headers=headers)

    assert answer.status_code == 200
    assert "max-age" in answer.headers["cache-control"]
    document = answer.json()
    assert document["authorization_servers"] == [issuer.issuer]
    assert document["scopes_supported"] == ["book", "call"]
    assert document["resource"].endswith("/mcp")


def test_only_the_open_paths_are_open(jwt_endpoint: Endpoint) -> None:
    assert jwt_endpoint.send("GET", "/health").status_code == 200
    assert jwt_endpoint.send("GET").status_code == 401  # 405 is for callers that may know
    assert jwt_endpoint.send("GET", "/routes/of/the/author").status_code == 401


def test_a_forged_host_or_origin_is_refused(jwt_endpoint: Endpoint, issuer: AuthorizationServer) -> None:
    token = bearer(issuer.token(aud=AUDIENCE, scope="call"))

    assert who(jwt_endpoint, headers=token | {"host": "evil.example"}).status_code == 421
    assert who(jwt_endpoint, headers=token | {"origin": "https://evil.example"}).status_code == 403
    assert who(jwt_endpoint, headers=token | {"origin": "https://app.example"}).status_code == 200


def test_a_browsers_preflight_is_answered_without_a_token(jwt_endpoint: Endpoint) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}

    answer = jwt_endpoint.send("OPTIONS", headers={"origin": "https://app.example"} | asked)

    assert answer.status_code in (200, 204)
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()


class ToLoopback(httpx2.AsyncHTTPTransport):
    """Stands in for the resolver: names under .localhost (RFC 6761 section 6.3) and of AWS lead to the local AWS."""

    def __init__(self, aws: LocalAWS) -> None:
        super().__init__()
        self._port = int(aws.endpoint.rsplit(":", 1)[1])

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.host.endswith(".localhost"):
            request.url = request.url.copy_with(host="127.0.0.1")
        api, _, aws = request.url.host.partition(".execute-api.")
        if aws.endswith(".amazonaws.com"):
            request.headers["host"] = f"{api}.execute-api.localhost:{self._port}"
        if request.url.host.endswith((".amazonaws.com", ".amazoncognito.com")):
            request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return await super().handle_async_request(request)


class Memory:
    """Where the client keeps its tokens."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


def log_in_and_ask(aws: LocalAWS, api: str, client_id: str, secret: str, tool: str) -> tuple[str, dict[str, Any]]:
    """What a tool says to the official client with its OAuth provider, and the claims of the token that it found."""
    memory = Memory()
    provider = ClientCredentialsOAuthProvider(api, memory, client_id=client_id, client_secret=secret)

    async def session() -> str:
        async with (
            httpx2.AsyncClient(auth=provider, transport=ToLoopback(aws)) as http,
            Client(streamable_http_client(api, http_client=http), mode="auto") as client,
        ):
            return (await client.call_tool(tool, {})).model_dump_json()

    answer = asyncio.run(session())
    assert memory.tokens
    return answer, jwt.decode(memory.tokens.access_token, options={"verify_signature": False})


def test_the_official_clients_oauth_provider_completes_the_whole_flow_with_the_example(
    deploy: Callable[..., Deployment], aws: LocalAWS
) -> None:
    """401, discovery, the authorization server's metadata, a token, the call: all of it at Cognito."""
    outputs = deploy("examples/jwt")[1].outputs
    api = host_url(aws, outputs["api_id"])

    answer, claims = log_in_and_ask(aws, api, outputs["client_id"], outputs["client_secret"], "who_am_i")

    assert f"{outputs['client_id']} may releases/call" in answer
    assert claims["iss"] == outputs["issuer"]


def test_the_token_is_made_for_the_very_url_of_the_endpoint(
    deploy_stack: Callable[..., Endpoint], aws: LocalAWS, issuer: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 8707: the client names as `resource` what the metadata names, and the gateway takes no other audience."""
    monkeypatch.setenv("SSL_CERT_FILE", str(issuer.certificate_file))
    auth = {"type": "jwt", "issuer": issuer.issuer, "scopes": ["call"]}
    # People could log in before, which is over after the second apply and leaves the gateway's own check as it was.
    login = {"client_id": "desk", "client_secret": "arn:aws:ssm:us-east-1:000000000000:parameter/flow", "scopes": []}
    first = deploy_stack("flow", auth=auth | {"audience": ["https://known-after-apply.example"], "login": login})
    api = host_url(aws, first.outputs["api_id"])
    before = is_there(aws, "flow-login")
    deploy_stack("flow", auth=auth | {"audience": [api]})

    answer, claims = log_in_and_ask(aws, api, "desk", "secret", "who")

    assert "desk" in answer
    assert claims["aud"] == api
    assert (before, is_there(aws, "flow-login")) == (True, False)


def is_there(aws: LocalAWS, function: str) -> bool:
    """Whether a function exists."""
    return function in [found["FunctionName"] for found in aws.client("lambda").list_functions()["Functions"]]


def host_url(aws: LocalAWS, api_id: str, path: str = "/mcp") -> str:
    """The endpoint under a name of its own, as AWS gives it one."""
    return f"http://{api_id}.execute-api.localhost:{aws.endpoint.rsplit(':', 1)[1]}{path}"


@pytest.fixture(scope="module")
def rest_flow(deploy_stack: Callable[..., Endpoint], aws: LocalAWS, issuer: AuthorizationServer) -> str:
    """The URL of a REST API that takes tokens which were made for it. Nothing answers at its root."""
    auth = {"type": "jwt", "issuer": issuer.issuer, "scopes": ["call"]}
    first = deploy_stack("rest-flow", front="rest", auth=auth | {"audience": ["https://known-after-apply.example"]})
    api = host_url(aws, first.outputs["api_id"], "/live/mcp")
    deploy_stack("rest-flow", front="rest", auth=auth | {"audience": [api]})
    return api


def test_the_official_client_gets_its_token_by_a_rest_apis_challenge_alone(
    rest_flow: str, aws: LocalAWS, issuer: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(issuer.certificate_file))

    answer, claims = log_in_and_ask(aws, rest_flow, "desk", "secret", "who")

    assert "desk" in answer
    assert (claims["aud"], claims["scope"]) == (rest_flow, "call")


def test_the_typescript_client_gets_its_token_by_a_rest_apis_challenge_alone(
    rest_flow: str, node: Node, issuer: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", str(issuer.certificate_file))

    seen = json.loads(node("node", "oauth.mjs", rest_flow, "desk", "secret", "who").stdout)

    assert json.loads(seen["text"])["client_id"] == "desk"
    served = [request for request in seen["requests"] if "oauth-protected-resource" in request]
    assert [request.endswith("/live/.well-known/oauth-protected-resource/mcp 200") for request in served] == [True]


@pytest.fixture(scope="module")
def iam_endpoint(deploy_stack: Callable[..., Endpoint], front: str) -> Endpoint:
    return deploy_stack(f"signed-{front}", front=front, auth={"type": "iam"})


def signed(endpoint: Endpoint, environ: dict[str, str]) -> httpx2.Response:
    event = tool_call(modern, "who")
    headers = {k: v for k, v in event["headers"].items() if k != "host"}
    return httpx2.post(endpoint.url, content=event["body"], headers=headers, auth=SigV4(environ), timeout=30)


def test_a_signed_request_gets_in_under_its_arn_and_others_do_not(
    iam_endpoint: Endpoint, aws: LocalAWS, front: str
) -> None:
    iam, name = iam_endpoint.client("iam"), f"desk-{front}"
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    key = iam.create_access_key(UserName=name)["AccessKey"]
    desk = aws.environ | {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

    assert who(iam_endpoint).status_code == 403
    assert signed(iam_endpoint, desk).status_code == 403  # known, but without the right

    statement = {
        "Effect": "Allow",
        "Action": "execute-api:Invoke",
        "Resource": f"{iam_endpoint.outputs['execution_arn']}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="call", PolicyDocument=policy)

    assert signed(iam_endpoint, desk | {"AWS_SECRET_ACCESS_KEY": "guessed"}).status_code == 403
    answer = signed(iam_endpoint, desk)
    assert answer.status_code == 200
    assert json.loads(message_in(answer.text)["result"]["content"][0]["text"])["client_id"] == arn


def test_the_proxy_of_aws_connects_a_client_that_cannot_sign(iam_endpoint: Endpoint, aws: LocalAWS) -> None:
    proxy = StdioServerParameters(
        command=str(REPOSITORY / ".venv-proxy/bin/mcp-proxy-for-aws"),
        args=[iam_endpoint.url, "--service", "execute-api", "--region", "us-east-1", "--disable-telemetry"],
        env={name: value for name, value in aws.environ.items() if name != "AWS_ENDPOINT_URL"},
    )

    async def session() -> str:
        async with Client(proxy, mode="legacy") as client:
            return (await client.call_tool("who", {})).model_dump_json()

    assert "arn:aws" in asyncio.run(session())


def new_key(name: str, *options: str) -> tuple[str, dict[str, Any]]:
    """A key and its entry, by the command that a user types."""
    command = [sys.executable, str(REPOSITORY / "function/authorizer/new_key.py"), name, *options]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    key, entry = re.search(r"mcpl_[\w-]{43}", said), re.search(r"\{.*\}", said)
    assert key, said
    assert entry, said
    return key[0], json.loads(entry[0])


@pytest.fixture(scope="module")
def keys() -> dict[str, tuple[str, dict[str, Any]]]:
    former, entry = new_key("former")
    return {
        "ci": new_key("ci", "--scope", "book"),
        "desk": new_key("desk"),
        "former": (former, entry | {"expires": "2020-01-01T00:00:00Z"}),
    }


@pytest.fixture(scope="module")
def parameter(aws: LocalAWS, endpoint: Endpoint) -> Callable[[list[dict[str, Any]]], str]:
    """Store entries in a SecureString; its ARN."""
    ssm = endpoint.client("ssm")

    def store(entries: list[dict[str, Any]]) -> str:
        value = json.dumps({"keys": entries})
        ssm.put_parameter(Name="/team/mcp-keys", Type="SecureString", Value=value, Overwrite=True)
        return str(ssm.get_parameter(Name="/team/mcp-keys")["Parameter"]["ARN"])

    return store


@pytest.fixture(scope="module")
def key_endpoint(
    deploy_stack: Callable[..., Endpoint],
    parameter: Callable[[list[dict[str, Any]]], str],
    keys: dict[str, tuple[str, dict[str, Any]]],
) -> Endpoint:
    """Takes the tests' keys; each request is checked anew, and the parameter read once a minute."""
    arn = parameter([entry for _, entry in keys.values()])
    auth = {"type": "token", "ssm_parameter": arn, "ttl": 0}
    return deploy_stack("keys", auth=auth, required_scopes={"tools/book": ["book"]})


def test_a_key_gets_in_under_its_name_and_scopes(
    key_endpoint: Endpoint, keys: dict[str, tuple[str, dict[str, Any]]]
) -> None:
    caller = identity(who(key_endpoint, headers=bearer(keys["ci"][0])))
    desk = Endpoint(key_endpoint.url, keys["desk"][0])

    assert caller
    assert (caller["client_id"], caller["scopes"]) == ("ci", ["book"])
    assert keys["ci"][0] not in json.dumps(caller)
    assert desk.post(tool_call(modern, "book", room=1)).status_code == 403
    assert desk.call(modern, "add", a=1, b=2)["result"]


def test_what_is_no_key_does_not_get_in(key_endpoint: Endpoint, keys: dict[str, tuple[str, dict[str, Any]]]) -> None:
    good = keys["ci"][0]
    wrong = {
        "garbage": "garbage",
        "the right prefix": "mcpl_" + "A" * 43,
        "a part of a key": good[:-1],
        "a key and more": good + "A",
        "its hash": keys["ci"][1]["sha256"],
        "expired": keys["former"][0],
    }

    statuses = {name: who(key_endpoint, headers=bearer(key)).status_code for name, key in wrong.items()}

    assert statuses == dict.fromkeys(wrong, 403)  # the gateway's answer to "not authorized"
    assert who(key_endpoint).status_code == 401
    assert who(key_endpoint, headers={"x-api-key": good}).status_code == 401
    assert who(key_endpoint, headers={"authorization": f"Basic {good}"}).status_code == 403
    assert who(key_endpoint, headers={"authorization": f"Bearer {good}, Bearer {good}"}).status_code == 403


def test_a_rest_api_takes_keys_too_and_answers_others_with_401(
    deploy_stack: Callable[..., Endpoint],
    parameter: Callable[[list[dict[str, Any]]], str],
    keys: dict[str, tuple[str, dict[str, Any]]],
) -> None:
    arn = parameter([entry for _, entry in keys.values()])
    auth = {"type": "token", "ssm_parameter": arn}
    endpoint = deploy_stack("keys-rest", front="rest", auth=auth, required_scopes={"tools/book": ["book"]})
    desk = Endpoint(endpoint.url, keys["desk"][0])

    caller = identity(who(endpoint, headers=bearer(keys["ci"][0])))
    refused = [who(endpoint, headers=bearer(key)).status_code for key in ("garbage", keys["former"][0])]

    assert caller
    assert (caller["client_id"], caller["scopes"]) == ("ci", ["book"])
    assert desk.post(tool_call(modern, "book", room=1)).status_code == 403
    assert desk.call(modern, "add", a=1, b=2)["result"]
    assert [who(endpoint).status_code, *refused] == [401, 401, 401]


def test_a_revoked_key_dies_within_a_minute_and_no_deployment(
    key_endpoint: Endpoint,
    keys: dict[str, tuple[str, dict[str, Any]]],
    parameter: Callable[[list[dict[str, Any]]], str],
) -> None:
    revoked, kept = keys["desk"][0], keys["ci"]
    assert who(key_endpoint, headers=bearer(revoked)).status_code == 200

    parameter([kept[1]])

    end = time.monotonic() + 70
    while who(key_endpoint, headers=bearer(revoked)).status_code == 200:
        assert time.monotonic() < end, "the key still works after 70 s"
        time.sleep(1)
    assert who(key_endpoint, headers=bearer(kept[0])).status_code == 200


AUTHORIZERS = {
    "http": """
def handler(event, context):
    name = event["headers"].get("x-team")
    return {"isAuthorized": name == "blue", "context": {"client_id": name, "scope": "book"}}
""",
    "rest": """
def handler(event, context):
    name = event["headers"].get("x-team")
    api, stage, *_ = event["methodArn"].split("/")
    effect, paths = ("Deny", "*") if name == "red" else ("Allow", "*" if name == "blue" else "GET/elsewhere")
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": f"{api}/{stage}/{paths}"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": name, "policyDocument": policy, "context": {"scope": "book"}}
""",
}


def test_an_authorizer_of_ones_own_says_who_gets_in(
    deploy_stack: Callable[..., Endpoint], endpoint: Endpoint, front: str
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("own.py", AUTHORIZERS[front])
    role = endpoint.client("lambda").get_function(FunctionName="integration")["Configuration"]["Role"]
    function = endpoint.client("lambda").create_function(
        FunctionName=f"own-authorizer-{front}",
        Runtime=endpoint.aws.environ["TF_VAR_runtime"] if endpoint.aws else "",
        Role=role,
        Handler="own.handler",
        Code={"ZipFile": packed.getvalue()},
    )
    sources = ["$request.header.x-team"]
    auth = {"type": "lambda", "function_arn": function["FunctionArn"], "identity_sources": sources, "ttl": 60}
    own = deploy_stack(f"own-{front}", front=front, auth=auth, required_scopes={"tools/book": ["book"]})

    caller = identity(who(own, headers={"x-team": "blue"}))
    assert caller
    assert (caller["client_id"], caller["scopes"]) == ("blue", ["book"])
    assert own.send("GET", "/nothing", headers={"x-team": "blue"}).status_code == 404  # by the decision that is kept
    assert who(own, headers={"x-team": "red"}).status_code == 403
    assert who(own, headers={"x-team": "green"}).status_code == 403  # a policy that says nothing of this path
    assert who(own).status_code == 401
