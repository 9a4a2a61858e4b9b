from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from local_aws import REPOSITORY

from plan.offline import OVERRIDE, terraform

RIGHT: dict[str, Any] = {"name": "orders", "source_dir": "server", "auth": {"type": "none"}}

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
    "cors_origins": (["https://ok.example", "example.com/app"], ['"example.com/app"', "scheme://host"]),
    "alarms": ({"latency": 3, "throttles": 0}, ["latency", "p95_duration", "throttles: it would never stop"]),
    "alarm_actions": (["on-call"], ['"on-call"', "arn:aws:sns"]),
    "log_level": ("info", ['"info"', "TRACE, DEBUG, INFO, WARN, ERROR, FATAL"]),
    "log_retention_days": (31, ["is 31", "14, 30, 60"]),
    "policy_json": ("{}", ["policy_json", "Statement"]),
    "tags": ({"aws:team": "x"}, ["aws:team", "belong to AWS"]),
}


# The same for the package, which Terraform looks at only when everything else is right.
WRONG_PACKAGES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "neither": ({"source_dir": None}, ["source_dir and package_file", "neither of them"]),
    "both": ({"package_file": "server.zip"}, ["source_dir and package_file", "both of them"]),
    "no_directory": ({"source_dir": "nowhere"}, ['"nowhere"', "no such directory"]),
    "no_module": ({"entrypoint": "api.main:app"}, ['"api.main:app"', "api/main.py", "api/main/__init__.py"]),
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
    return what_terraform_says(calls, checkout, tmp_path_factory.mktemp("wrong"))


@pytest.fixture(scope="module")
def told_of_packages(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    calls = {name: RIGHT | inputs for name, (inputs, _) in WRONG_PACKAGES.items()}
    return what_terraform_says(calls, checkout, tmp_path_factory.mktemp("packages"))


@pytest.mark.parametrize("name", WRONG)
def test_a_refusal_says_what_is_wrong_and_what_would_be_right(name: str, told: str) -> None:
    _, words = WRONG[name]
    assert [word for word in words if word not in told] == []


@pytest.mark.parametrize("name", WRONG_PACKAGES)
def test_a_package_that_cannot_be_made_is_refused_in_words(name: str, told_of_packages: str) -> None:
    _, words = WRONG_PACKAGES[name]
    assert [word for word in words if word not in told_of_packages] == []


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
