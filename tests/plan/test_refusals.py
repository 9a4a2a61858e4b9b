from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from local_aws import REPOSITORY
from plan.offline import OVERRIDE, terraform

RIGHT: dict[str, Any] = {"name": "orders", "source_dir": "server", "auth": {"type": "none"}}

ARN = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys"

# For each input a wrong value, and the words that tell what is wrong: the value, the limit, the reason.
WRONG: dict[str, tuple[Any, list[str]]] = {
    "name": ("Orders_1", ['"Orders_1"', "lower-case letter"]),
    "auth": (
        {"type": "jwt", "issuer": "http://login.example.com"},
        ["needs audience", '"http://login.example.com"', "https://"],
    ),
    "entrypoint": ("server.py", ['"server.py"', '"server:mcp"']),
    "runtime": ("nodejs22.x", ['"nodejs22.x"', "python3.11, python3.12, python3.13"]),
    "architecture": ("arm", ['"arm"', "arm64 or x86_64"]),
    "memory_mb": (64, ["is 64", "128 to 10240"]),
    "timeout_seconds": (60, ["is 60", "1 to 29", "gives up after 30 seconds"]),
    "environment": ({"MCP_LAMBDA_NAME": "x", "TABLE": "t"}, ["MCP_LAMBDA_NAME", "belong to Lambda"]),
    "reserved_concurrency": (-1, ["is -1", "null (unreserved)"]),
    "throttle": ({"rate": -5, "burst": 0}, ["throttle.rate is -5", "throttle.burst is 0"]),
    "provisioned_concurrency": (
        {"environments": 1.5, "max": 1, "schedule": {"every day": {"cron": "0 8 * * *", "environments": 2}}},
        ['"environments":1.5', "whole numbers from 1", "max is the most", '["every day"]', '["0 8 * * *"]', "six"],
    ),
    "canary": ({"stable_version": 1.5, "weight": 1}, ["stable_version is 1.5", "weight is 1,", "a share of the calls"]),
    "rollback_to": (0, ["rollback_to is 0", "number of a version"]),
    "cors_origins": (["https://ok.example", "example.com/app"], ['"example.com/app"', "scheme://host"]),
    "alarms": (
        {"latency": 3, "throttles": 0, "api_5xx_rate": 101},
        ["latency", "p95_duration", "throttles: it would never stop", "api_5xx_rate: it is a percentage"],
    ),
    "alarm_actions": (["on-call"], ['"on-call"', "arn:aws:sns"]),
    "log_level": ("info", ['"info"', "TRACE, DEBUG, INFO, WARN, ERROR, FATAL"]),
    "log_retention_days": (31, ["is 31", "14, 30, 60"]),
    "log_subject": ("sha256", ['"sha256"', "hash, plain or none"]),
    "metrics": ("tool", ['"tool"', "server (in all), tools (by tool, method and era, too) or none"]),
    "catalogue_seconds": (172800, ["is 172800", "86400 (a day)"]),
    "request_state_keys": (["1", "1"], ['is ["1","1"]', "1 to 10 different labels"]),
    "secrets": (
        {"MCP_LAMBDA_NAME": ARN, "DB_PASSWORD": "hunter2", "API_KEY": ARN},
        ['secrets has "MCP_LAMBDA_NAME"', "but does not for DB_PASSWORD: ", "Terraform's state"],
    ),
    "custom_domain": (
        {"domain_name": "https://mcp.example.com", "certificate_arn": "mine", "zone_id": "/hostedzone/Z1"},
        [
            '"https://mcp.example.com"',
            "no scheme",
            'certificate_arn is "mine"',
            '"/hostedzone/Z1"',
            "or null where DNS",
        ],
    ),
    "vpc": (
        {"subnet_ids": ["subnet-1", "eu-west-1a"], "security_group_ids": []},
        ['"eu-west-1a"', "id of a subnet", "holds 0 groups", "must hold 1 to 5"],
    ),
    "kms_key_arn": ("alias/platform", ['"alias/platform"', "not its id or alias", "exactly this one"]),
    "permissions_boundary_arn": ("boundary", ['"boundary"', "ARN of an IAM policy"]),
    "policy_json": ("{}", ["policy_json", "Statement"]),
    "tags": ({"aws:team": "x"}, ["aws:team", "belong to AWS"]),
}

FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:door"

# The same for what belongs to `auth`.
WRONG_AUTH: dict[str, tuple[dict[str, Any], list[str]]] = {
    "type": ({"auth": {"type": "open"}}, ['"open"', "iam, jwt, lambda, none, token"]),
    "unused": (
        {"auth": {"type": "iam", "ttl": 5, "header": "x-api-key"}},
        ["does not use header or ttl", "would have no effect"],
    ),
    "no_parameter": ({"auth": {"type": "token"}}, ["needs ssm_parameter", "whom to let in"]),
    "name_of_parameter": ({"auth": {"type": "token", "ssm_parameter": "/mcp/keys"}}, ['"/mcp/keys"', f"such as {ARN}"]),
    "header": (
        {"auth": {"type": "token", "ssm_parameter": ARN, "header": "X-Token"}},
        ['"X-Token"', "authorization or x-api-key"],
    ),
    "ttl": ({"auth": {"type": "token", "ssm_parameter": ARN, "ttl": 7200}}, ["is 7200", "to 3600", "for longer"]),
    "latest": (
        {"auth": {"type": "lambda", "function_arn": f"{FUNCTION}:$LATEST"}},
        [f'"{FUNCTION}:$LATEST"', "can be given no permission"],
    ),
    "query": (
        {"auth": {"type": "lambda", "function_arn": FUNCTION, "identity_sources": ["$request.querystring.key"]}},
        ["$request.querystring.key", "end in logs and histories"],
    ),
    "cache": (
        {"auth": {"type": "lambda", "function_arn": FUNCTION, "identity_sources": []}},
        ["ttl seconds (300)", "would be given to all", "set ttl = 0"],
    ),
    "scopes": (
        {
            "auth": {"type": "token", "ssm_parameter": ARN},
            "required_scopes": {"refund": ["a b"], "prompts/review": []},
        },
        ['"refund"', "resources/URI", "no scope for prompts/review", '"a b"', "RFC 6749"],
    ),
}

# The same for the package and for what is wrong only beside another input: Terraform looks at these when each input is
# right by itself.
WRONG_TOGETHER: dict[str, tuple[dict[str, Any], list[str]]] = {
    "neither": ({"source_dir": None}, ["source_dir and package_file", "neither of them"]),
    "both": ({"package_file": "server.zip"}, ["source_dir and package_file", "both of them"]),
    "no_directory": ({"source_dir": "nowhere"}, ['"nowhere"', "no such directory"]),
    "no_module": ({"entrypoint": "api.main:app"}, ['"api.main:app"', "api/main.py", "api/main/__init__.py"]),
    "secret_twice": (
        {"environment": {"TOKEN": "x"}, "secrets": {"TOKEN": ARN}},
        ["TOKEN is in secrets and in environment", "give each name once"],
    ),
    "environment_too_large": (
        {"environment": {"PROMPT": "é" * 2000}},
        ["environment has 4", "but Lambda takes 4096", "name it in secrets"],
    ),
    "alarm": ({"alarms": {"authorizer_errors": 5}}, ['auth.type is "none"', "of its own to watch"]),
    "alarm_of_an_open_server": ({"alarms": {"auth_refused": 5}}, ["auth_refused", "nobody is refused"]),
    "scopes": ({"required_scopes": {"tools/refund": ["write"]}}, ["names tools/refund", "carry no scopes"]),
    "scopes_of_iam": (
        {"auth": {"type": "iam"}, "required_scopes": {"tools/refund": ["write"]}},
        ['auth.type is "iam"', "IAM policies end at the endpoint"],
    ),
    "provisioned": ({"provisioned_concurrency": {"environments": 2, "max": 11}}, ["is 10", "asks for 11 environments"]),
    "snapshot_of_old_python": (
        {"snap_start": True, "runtime": "python3.11"},
        ['runtime is "python3.11"', "python3.12 and newer"],
    ),
    "snapshot_and_provisioned": (
        {"snap_start": True, "provisioned_concurrency": {"environments": 1}},
        ["snap_start and provisioned_concurrency are both given", "not both"],
    ),
    "canary_and_rollback": (
        {"canary": {"stable_version": 7, "weight": 0.1}, "rollback_to": 7},
        ["canary and rollback_to are both given", "to end a bad canary"],
    ),
    "canary_and_provisioned": (
        {"canary": {"stable_version": 7, "weight": 0.1}, "provisioned_concurrency": {"environments": 1}},
        ["canary and provisioned_concurrency are both given", "provisions nothing on an alias"],
    ),
    "no_file": ({"source_dir": None, "package_file": "server.zip"}, ['"server.zip"', "no such file"]),
}


@pytest.mark.parametrize("file", sorted(REPOSITORY.glob("tests/plan/*.tftest.hcl")), ids=lambda file: file.name)
def test_terraform_tests_pass(file: Path, checkout: Path) -> None:
    terraform("init", directory=checkout)
    tested = terraform("test", "-test-directory=tests/plan", f"-filter=tests/plan/{file.name}", directory=checkout)
    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.fixture(scope="module")
def told(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    calls = {name: RIGHT | {name: value} for name, (value, _) in WRONG.items()}
    calls |= {f"auth_{name}": RIGHT | inputs for name, (inputs, _) in WRONG_AUTH.items()}
    return what_terraform_says(calls, checkout, tmp_path_factory.mktemp("wrong"))


@pytest.fixture(scope="module")
def told_at_last(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    calls = {name: RIGHT | inputs for name, (inputs, _) in WRONG_TOGETHER.items()}
    return what_terraform_says(calls, checkout, tmp_path_factory.mktemp("together"))


@pytest.mark.parametrize("name", WRONG)
def test_a_refusal_says_what_is_wrong_and_what_would_be_right(name: str, told: str) -> None:
    _, words = WRONG[name]
    assert [word for word in words if word not in told] == []


def test_what_may_be_a_secret_is_not_shown(told: str) -> None:
    assert "hunter2" not in told


@pytest.mark.parametrize("name", WRONG_AUTH)
def test_a_way_in_that_is_none_is_refused_in_words(name: str, told: str) -> None:
    _, words = WRONG_AUTH[name]
    assert [word for word in words if word not in told] == []


@pytest.mark.parametrize("name", WRONG_TOGETHER)
def test_what_does_not_go_together_or_cannot_be_packed_is_refused_in_words(name: str, told_at_last: str) -> None:
    _, words = WRONG_TOGETHER[name]
    assert [word for word in words if word not in told_at_last] == []


def test_nothing_is_open_by_omission(checkout: Path, tmp_path: Path) -> None:
    write_stack({"mcp": {"name": "orders", "source_dir": "server"}}, checkout, tmp_path)
    assert 'The argument "auth" is required' in terraform("validate", directory=tmp_path).stderr


def what_terraform_says(calls: dict[str, dict[str, Any]], module: Path, directory: Path) -> str:
    """Plan a stack with these module calls, and give all error messages."""
    write_stack(calls, module, directory)
    (directory / "server").mkdir()
    (directory / "server" / "server.py").touch()
    messages = map(json.loads, terraform("plan", "-json", directory=directory).stdout.splitlines())
    return "\n".join(message["diagnostic"]["detail"] for message in messages if message["type"] == "diagnostic")


def write_stack(calls: dict[str, dict[str, Any]], module: Path, directory: Path) -> None:
    """Write a stack with these module calls, initialised."""
    stack = {"module": {name: {"source": str(module)} | inputs for name, inputs in calls.items()}}
    (directory / "main.tf.json").write_text(json.dumps({"provider": {"aws": {}}} | stack, indent=2))
    shutil.copy(OVERRIDE, directory)
    terraform("init", directory=directory)
