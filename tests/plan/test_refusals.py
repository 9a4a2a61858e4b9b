from __future__ import annotations

import itertools
import json
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lab.local_aws import REPOSITORY
from tests.plan.offline import OVERRIDE, terraform
from tests.plan.refused import (
    ACL,
    CERTIFICATE,
    CODE_SIGNING,
    DOMAIN,
    FILES,
    FUNCTION,
    ISSUER,
    JWT,
    LAYER,
    PARAMETER,
    REFUSED,
    REFUSED_TOGETHER,
    RIGHT,
    VPC,
)

# For each input a wrong value, and the words that tell what is wrong: the value, the limit, the reason.
WRONG: dict[str, tuple[Any, list[str]]] = {
    "name": ("Orders_1", ['"Orders_1"', "lower-case letter"]),
    "auth": (
        {"type": "jwt", "issuer": "http://login.example.com"},
        ["needs audience", '"http://login.example.com"', "https://"],
    ),
    "front": ("websocket", ['"websocket"', "http or rest"]),
    "entrypoint": ("server.py", ['"server.py"', '"server:mcp"']),
    "runtime": ("nodejs20.x", ['"nodejs20.x"', "python3.13, python3.14, nodejs22.x, nodejs24.x"]),
    "architecture": ("arm", ['"arm"', "arm64 or x86_64"]),
    "memory_mb": (64, ["is 64", "128 to 10240"]),
    "ephemeral_storage_mb": (256, ["is 256", "512 to 10240"]),
    "layers": (
        [f"{LAYER}:{number}" for number in range(3, 9)] + ["tools"],
        ['"tools"', f"such as {LAYER}:3", "holds 7 layers", "at most 5", "one version of a layer"],
    ),
    "code_signing_config_arn": ("csc-1", ['"csc-1"', f"such as {CODE_SIGNING}"]),
    "managed_policy_arns": ({"own": "tickets"}, ['"tickets"', "such as arn:aws:iam::111122223333:policy/tickets"]),
    "role_path": ("mcp", ['"mcp"', 'begin and end with "/"', "at most 512"]),
    "log_group_class": ("DELIVERY", ['"DELIVERY"', "STANDARD or INFREQUENT_ACCESS", "read where they are"]),
    "file_system": (
        {"access_point_arn": "fsap-1", "mount_path": "/files"},
        ['access_point_arn is "fsap-1"', "exactly this one", 'mount_path is "/files"', "directly below /mnt"],
    ),
    "timeout_seconds": (0.5, ["is 0.5", "whole number from 1"]),
    "allowed_cidrs": (
        ["203.0.113.7"],
        ['allowed_cidrs is ["203.0.113.7"]', "203.0.113.7/32", "null lets every address try"],
    ),
    "vpc_endpoint_ids": (["vpc-1"], ['has ["vpc-1"]', "such as vpce-0123456789abcdef0"]),
    "web_acl_arn": ("mcp", ['web_acl_arn is "mcp"', "scope REGIONAL", "such as arn:aws:wafv2:"]),
    "gateway_timeout_quota_seconds": (900, ["gateway_timeout_quota_seconds is 900", "from 29 to 300"]),
    "environment": (
        {"MCP_LAMBDA_NAME": "x", "TABLE": "t"},
        ["MCP_LAMBDA_NAME", "AWS_, LAMBDA_, MCP_LAMBDA_ belong to Lambda"],
    ),
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
    "log_sample_rate": (10, ["is 10", "from 0 to 1", "ten percent are 0.1"]),
    "system_log_level": ("ERROR", ['"ERROR"', "DEBUG, INFO, WARN", "no other for its own lines"]),
    "log_retention_days": (31, ["is 31", "14, 30, 60"]),
    "log_subject": ("sha256", ['"sha256"', "hash, plain, none"]),
    "metrics": ("tool", ['"tool"', "server, tools, none: calls are counted in all"]),
    "catalogue_seconds": (172800, ["is 172800", "86400 (a day)"]),
    "request_state_keys": (["1", "1"], ['is ["1","1"]', "1 to 10 different labels"]),
    "secrets": (
        {"MCP_LAMBDA_NAME": PARAMETER, "DB_PASSWORD": "hunter2", "API_KEY": PARAMETER},
        ['secrets has "MCP_LAMBDA_NAME"', "but does not for DB_PASSWORD: ", "Terraform's state"],
    ),
    "package_bucket": (
        {"name": "s3://acme", "prefix": "my packages/"},
        ['package_bucket.name is "s3://acme"', "without a scheme", 'package_bucket.prefix is "my packages/"', '"mcp/"'],
    ),
    "tasks": (
        {
            "tools": {"report": "always"},
            "timeout_seconds": 901,
            "memory_mb": 64,
            "reserved_concurrency": 0.5,
            "ttl_seconds": 600,
            "point_in_time_recovery": "maybe",
            "result_bucket": "s3://results",
        },
        [
            'tasks.tools is {"report":"always"}',
            "optional, required, after_input",
            "timeout_seconds is 901",
            "Lambda ends every function after 15 minutes",
            "memory_mb is 64",
            "128 to 10240",
            "reserved_concurrency is 0.5",
            "ttl_seconds is 600",
            "961 (a minute more than a task may take)",
            'point_in_time_recovery is "maybe"',
            'result_bucket is "s3://results"',
        ],
    ),
    "custom_domain": (
        {"domain_name": "https://mcp.example.com", "certificate_arn": "mine", "zone_id": "/hostedzone/Z1"},
        [
            '"https://mcp.example.com"',
            "no scheme",
            'certificate_arn is "mine"',
            '"/hostedzone/Z1"',
            "Where DNS is kept elsewhere, leave the key out",
        ],
    ),
    "vpc": (
        {"subnet_ids": ["subnet-1", "eu-west-1a"], "security_group_ids": []},
        ['"eu-west-1a"', "id of a subnet", "holds 0 groups", "must be a list of 1 to 5"],
    ),
    "kms_key_arn": ("alias/platform", ['"alias/platform"', "not its id or alias", "exactly this one"]),
    "permissions_boundary_arn": ("boundary", ['"boundary"', "ARN of an IAM policy"]),
    "policy_json": ("{}", ["policy_json", "Statement"]),
    "tags": ({"aws:team": "x"}, ["aws:team", "belong to AWS"]),
}

# The same for what belongs to `auth`.
WRONG_AUTH: dict[str, tuple[dict[str, Any], list[str]]] = {
    "type": ({"auth": {"type": "open"}}, ['"open"', "iam, jwt, lambda, none, token"]),
    "unused": (
        {"auth": {"type": "iam", "ttl": 5, "header": "x-api-key"}},
        ["does not use header or ttl", "would have no effect"],
    ),
    "no_parameter": ({"auth": {"type": "token"}}, ["needs ssm_parameter", "whom to let in"]),
    "name_of_parameter": (
        {"auth": {"type": "token", "ssm_parameter": "/mcp/keys"}},
        ['"/mcp/keys"', f"such as {PARAMETER}"],
    ),
    "header": (
        {"auth": {"type": "token", "ssm_parameter": PARAMETER, "header": "X-Token"}},
        ['"X-Token"', "authorization or x-api-key"],
    ),
    "ttl": ({"auth": {"type": "token", "ssm_parameter": PARAMETER, "ttl": 7200}}, ["is 7200", "to 3600", "for longer"]),
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
            "auth": {"type": "token", "ssm_parameter": PARAMETER},
            "required_scopes": {"refund": ["a b"], "prompts/review": []},
        },
        ['"refund"', "resources/URI", "no scope for prompts/review", '"a b"', "RFC 6749"],
    ),
}

# For each input whose keys Terraform does not check: a misspelt key, and the words that name it and the known ones.
MISSPELT: dict[str, tuple[dict[str, Any], list[str]]] = {
    "throttle": ({"throttle": {"rate": 5, "brust": 9}}, ["throttle has brust", "rate and burst"]),
    "canary": (
        {"canary": {"stable_version": 7, "weight": 0.1, "wait": 5}},
        ["canary has wait", "stable_version and weight"],
    ),
    "vpc": (
        {"vpc": {"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"], "subnets": ["subnet-2"]}},
        ["vpc has subnets", "subnet_ids, security_group_ids, ipv6"],
    ),
    "file_system": (
        {"vpc": VPC, "file_system": FILES | {"path": "/mnt"}},
        ["file_system has path", "access_point_arn and mount_path"],
    ),
    "package_bucket": (
        {"package_bucket": {"name": "acme-packages", "key": "server.zip"}},
        ["package_bucket has key", "name and prefix"],
    ),
    "custom_domain": (
        {"custom_domain": {"domain_name": "mcp.example.com", "certificate_arn": CERTIFICATE, "zone": "Z1"}},
        ["custom_domain has zone", "domain_name, certificate_arn, zone_id, keep_generated, mutual_tls"],
    ),
    "mutual_tls": (
        {"custom_domain": DOMAIN | {"mutual_tls": {"truststore_uri": "s3://acme-trust/a", "truststore_version": "1"}}},
        ["or has truststore_version", "truststore_uri, version, ownership_certificate_arn"],
    ),
    "provisioned_concurrency": (
        {"provisioned_concurrency": {"environments": 1, "maximum": 5}},
        ["provisioned_concurrency has maximum", "environments, max, schedule"],
    ),
    "schedule": (
        {
            "provisioned_concurrency": {
                "environments": 1,
                "schedule": {"day": {"cron": "0 8 * * ? *", "environments": 2, "time_zone": "Europe/Berlin"}},
            }
        },
        ["schedule has day.time_zone", "cron, environments, timezone"],
    ),
    "tasks": (
        {"tasks": {"tools": {"report": "optional"}, "timeout": 60}},
        ["tasks has timeout", "tools, timeout_seconds, memory_mb, reserved_concurrency, ttl_seconds"],
    ),
    "auth_scopes": (
        {"auth": JWT | {"scops": ["orders:write"]}},
        [
            "auth has scops",
            "advertised_scopes, audience, function_arn, header, identity_sources, issuer, ",
            "issuer, login, scope_claims, scopes, ssm_parameter, ttl, type",
        ],
    ),
    "auth_header": (
        {"auth": {"type": "token", "ssm_parameter": PARAMETER, "headers": "x-api-key"}},
        ["auth has headers", "audience, function_arn, header, identity_sources"],
    ),
}

# The same for a value of another type, and for a key that is missing.
MISTAKEN: dict[str, tuple[dict[str, Any], list[str]]] = {
    "auth_as_a_string": ({"auth": "none"}, ["auth must be an object with a type"]),
    "auth_without_a_type": ({"auth": {"issuer": ISSUER}}, ["auth.type is null", "iam, jwt, lambda, none, token"]),
    "issuer_as_a_list": ({"auth": JWT | {"issuer": [ISSUER]}}, [f'auth.issuer is ["{ISSUER}"]', "https:// URL"]),
    "audience_as_a_string": ({"auth": JWT | {"audience": "orders"}}, ["auth.audience must be a list"]),
    "scopes_as_a_string": ({"auth": JWT | {"scopes": "orders"}}, ['auth.scopes is "orders"', "must be a list"]),
    "sources_as_a_string": (
        {"auth": {"type": "lambda", "function_arn": FUNCTION, "identity_sources": "$request.header.X-Key"}},
        ["auth.identity_sources is", "must be a list"],
    ),
    "ttl_in_words": (
        {"auth": {"type": "token", "ssm_parameter": PARAMETER, "ttl": "soon"}},
        ['auth.ttl is "soon"', "whole number"],
    ),
    "rate_in_words": ({"throttle": {"rate": "fast"}}, ["a number is required"]),
    "one_subnet_as_a_string": (
        {"vpc": {"subnet_ids": "subnet-1", "security_group_ids": ["sg-1"]}},
        ["holds 0 subnets", "a list of 1 to 16"],
    ),
    "vpc_as_a_string": ({"vpc": "vpc-1"}, ["vpc must be null or an object"]),
    "ipv6_in_words": ({"vpc": VPC | {"ipv6": "on"}}, ['vpc.ipv6 is "on"', "true or false"]),
    "vpc_without_groups": ({"vpc": {"subnet_ids": ["subnet-1"]}}, ["vpc.security_group_ids holds 0 groups"]),
    "bucket_without_a_name": ({"package_bucket": {"prefix": "mcp/"}}, ["package_bucket.name is null"]),
    "bucket_as_a_string": ({"package_bucket": "acme-packages"}, ["map of string required"]),
    "domain_as_a_string": ({"custom_domain": "mcp.example.com"}, ["custom_domain must be null or an object"]),
    "keep_generated_in_words": (
        {"custom_domain": DOMAIN | {"keep_generated": "a while"}},
        ['keep_generated is "a while"', "true or false"],
    ),
    "truststore_in_https": (
        {"custom_domain": DOMAIN | {"mutual_tls": {"truststore_uri": "https://acme-trust.s3.amazonaws.com/a"}}},
        ['truststore_uri is "https://acme-trust.s3.amazonaws.com/a"', "such as s3://acme-trust/mcp.pem"],
    ),
    "mutual_tls_beside_the_generated_name": (
        {"custom_domain": DOMAIN | {"keep_generated": "true", "mutual_tls": {"truststore_uri": "s3://acme-trust/a"}}},
        ["mutual_tls and keep_generated", "could go round the domain"],
    ),
    "domain_without_certificate": (
        {"custom_domain": {"domain_name": "mcp.example.com"}},
        ["custom_domain.certificate_arn is null"],
    ),
    "canary_without_weight": ({"canary": {"stable_version": 7}}, ["canary.weight is null"]),
    "provisioned_as_a_number": ({"provisioned_concurrency": 2}, ["provisioned_concurrency must be null or an object"]),
    "provisioned_in_words": ({"provisioned_concurrency": {"environments": "two"}}, ["environments", "whole numbers"]),
    "provisioned_without_number": ({"provisioned_concurrency": {"max": 2}}, ["environments", "whole numbers"]),
    "tasks_as_a_list": ({"tasks": ["report"]}, ["tasks must be null or an object with tools"]),
    "tasks_without_tools": ({"tasks": {"timeout_seconds": 60}}, ["tasks must be null or an object with tools"]),
    "tasks_of_no_tool": ({"tasks": {"tools": {}}}, ["tasks.tools is empty", "set tasks = null"]),
    "schedule_as_a_list": (
        {"provisioned_concurrency": {"environments": 1, "schedule": [{"cron": "0 8 * * ? *"}]}},
        ["schedule must be null or an object of objects"],
    ),
    "schedule_without_cron": (
        {"provisioned_concurrency": {"environments": 1, "schedule": {"day": {"environments": 1}}}},
        ["has the cron [null]"],
    ),
    "timezone_as_a_list": (
        {
            "provisioned_concurrency": {
                "environments": 1,
                "schedule": {"day": {"cron": "0 8 * * ? *", "environments": 1, "timezone": ["UTC"]}},
            }
        },
        ["timezone that is no string"],
    ),
}

# The same for what is wrong only beside another input.
WRONG_TOGETHER: dict[str, tuple[dict[str, Any], list[str]]] = {
    "neither": ({"source_dir": None}, ["source_dir and package_file", "neither of them"]),
    "both": ({"package_file": "server.zip"}, ["source_dir and package_file", "both of them"]),
    "keys_of_a_file": (
        {"source_dir": None, "package_file": "server.zip", "private_keys": ["client.pem"]},
        ["private_keys names client.pem", "no source_dir"],
    ),
    "compatibility_of_a_file": (
        {"source_dir": None, "package_file": "server.zip", "sdk_1_compatibility": True},
        ["sdk_1_compatibility is true, but there is no source_dir", "--sdk-1-compatibility"],
    ),
    "trial_of_a_file": (
        {"source_dir": None, "package_file": "server.zip", "trial_start": False},
        ["trial_start is false, but there is no source_dir", "--no-trial-start"],
    ),
    "addresses_of_an_http_api": (
        {"allowed_cidrs": ["203.0.113.0/24"]},
        ['allowed_cidrs is given with front = "http"', "no resource policy", 'Set front = "rest"'],
    ),
    "private_http_api": (
        {"vpc_endpoint_ids": ["vpce-0123456789abcdef0"]},
        ['vpc_endpoint_ids is given with front = "http"', "always on the internet", 'Set front = "rest"'],
    ),
    "private_name_on_the_internet": (
        {"front": "rest", "vpc_endpoint_ids": ["vpce-0123456789abcdef0"], "custom_domain": DOMAIN},
        ["vpc_endpoint_ids and custom_domain are both given", "cannot lead to a private API"],
    ),
    "firewall_of_an_http_api": (
        {"web_acl_arn": ACL},
        ['web_acl_arn is given with front = "http"', "does not take HTTP APIs", 'Set front = "rest"'],
    ),
    "quota_of_an_http_api": (
        {"gateway_timeout_quota_seconds": 60},
        ['gateway_timeout_quota_seconds is given with front = "http"', "gives up after 30 seconds"],
    ),
    "timeout_past_the_quota": (
        {"front": "rest", "gateway_timeout_quota_seconds": 60, "timeout_seconds": 61},
        ["timeout_seconds is 61", "at most 60"],
    ),
    "timeout_past_the_gateway": (
        {"timeout_seconds": 60},
        ["is 60", "at most 29", "gives up after about that time", 'front = "rest" and gateway_timeout_quota_seconds'],
    ),
    "scope_that_would_end_the_challenge": (
        {"front": "rest", "auth": JWT | {"scopes": ["ada's"]}},
        ["auth.scopes or auth.advertised_scopes has an apostrophe", "Rename that scope"],
    ),
    "secret_twice": (
        {"environment": {"TOKEN": "x"}, "secrets": {"TOKEN": PARAMETER}},
        ["TOKEN is in secrets and in environment", "give each name once"],
    ),
    "alarm": ({"alarms": {"authorizer_errors": 5}}, ['auth.type is "none"', "of its own to watch"]),
    "alarm_of_no_login": ({"alarms": {"login_throttles": 5}}, ["login_throttles", "auth has no login"]),
    "alarm_of_no_worker": ({"alarms": {"oldest_task": 60000}}, ["oldest_task", "there is no worker to watch"]),
    "alarm_of_an_open_server": ({"alarms": {"auth_refused": 5}}, ["auth_refused", "nobody is refused"]),
    "scopes": ({"required_scopes": {"tools/refund": ["write"]}}, ["names tools/refund", "carry no scopes"]),
    "scopes_of_iam": (
        {"auth": {"type": "iam"}, "required_scopes": {"tools/refund": ["write"]}},
        ['auth.type is "iam"', "IAM policies end at the endpoint"],
    ),
    "snapshot_of_old_python": (
        {"snap_start": True, "runtime": "python3.11"},
        ['runtime is "python3.11"', "python3.12 and newer"],
    ),
    "snapshot_of_node": (
        {"snap_start": True, "runtime": "nodejs22.x"},
        ['runtime is "nodejs22.x"', "python3.12 and newer", "provisioned_concurrency"],
    ),
    "sdk_1_of_node": (
        {"sdk_1_compatibility": True, "runtime": "nodejs22.x"},
        ["sdk_1_compatibility is true", 'runtime is "nodejs22.x"', "moves to @modelcontextprotocol/server"],
    ),
    "tasks_of_node": (
        {"tasks": {"tools": {"report": "optional"}}, "runtime": "nodejs22.x"},
        ["tasks is given", 'runtime is "nodejs22.x"', "only the host for Python", "within timeout_seconds"],
    ),
    "an_entrypoint_of_node_for_python": (
        {"entrypoint": "src/server:mcp"},
        ['entrypoint is "src/server:mcp"', "must be a Python module", 'where runtime is "python3.13"'],
    ),
    "snapshot_and_provisioned": (
        {"snap_start": True, "provisioned_concurrency": {"environments": 1}},
        ["snap_start and provisioned_concurrency are both given", "not both"],
    ),
    "snapshot_and_storage": (
        {"snap_start": True, "ephemeral_storage_mb": 1024},
        ["snap_start is on", "ephemeral_storage_mb is 1024", "512 MB"],
    ),
    "snapshot_and_files": (
        {"snap_start": True, "vpc": VPC, "file_system": FILES},
        ["snap_start and file_system are both given", "no snapshots"],
    ),
    "files_without_a_vpc": ({"file_system": FILES}, ["file_system is given without vpc", "inside their VPC"]),
    "unsigned": (
        {"code_signing_config_arn": CODE_SIGNING},
        ["is given with source_dir", "nobody signs", "have AWS Signer sign it", "package_file"],
    ),
    "log_class_and_metrics": (
        {"log_group_class": "INFREQUENT_ACCESS"},
        ['log_group_class is "INFREQUENT_ACCESS"', 'metrics is "server"', 'Set metrics = "none"'],
    ),
    "sample_and_metrics_by_tool": (
        {"log_sample_rate": 0.1, "metrics": "tools"},
        ["log_sample_rate is 0.1", 'metrics is "tools"', 'Set metrics = "server"'],
    ),
    "canary_and_rollback": (
        {"canary": {"stable_version": 7, "weight": 0.1}, "rollback_to": 7},
        ["canary and rollback_to are both given", "to end a bad canary"],
    ),
    "canary_and_provisioned": (
        {"canary": {"stable_version": 7, "weight": 0.1}, "provisioned_concurrency": {"environments": 1}},
        ["canary and provisioned_concurrency are both given", "provisions nothing on an alias"],
    ),
}

# The same for what a resource refuses, or an input that the call does not give: Terraform does not name the call.
WRONG_AT_LAST: dict[str, tuple[dict[str, Any], list[str]]] = {
    "provisioned": ({"provisioned_concurrency": {"environments": 2, "max": 11}}, ["is 10", "asks for 11 environments"]),
    "no_directory": ({"source_dir": "nowhere"}, ['"nowhere"', "no such directory"]),
    "no_module": ({"entrypoint": "api.main:app"}, ['"api.main:app"', "api/main.py", "api/main/__init__.py"]),
    "environment_too_large": (
        {"environment": {"PROMPT": "é" * 2000}},
        ["environment has 4", "but Lambda takes 4096", "name it in secrets"],
    ),
    "directory_for_a_file": ({"source_dir": None, "package_file": "server"}, ['"server"', "no such file"]),
    "no_file": ({"source_dir": None, "package_file": "server.zip"}, ['"server.zip"', "no such file"]),
}


ALONE = [(variable, case) for variable, cases in REFUSED.items() for case in cases]
TOGETHER = [(variable, case) for variable, cases in REFUSED_TOGETHER.items() for case in cases]

Told = dict[str, str]
"""What Terraform said of each case or module call, and of all resources: of these it does not name the call."""

RESOURCES = ""

TOGETHER_AT_MOST = 12
"""Module calls in one plan, each of which takes as long as in a plan of its own, but for Terraform's start."""


@pytest.fixture(scope="module")
def told(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    cases = {f"{variable}_in_words": {variable: value} for variable, (value, _) in WRONG.items()}
    cases |= {f"auth_in_words_{name}": inputs for name, (inputs, _) in WRONG_AUTH.items()}
    cases |= {f"misspelt_{name}": inputs for name, (inputs, _) in MISSPELT.items()}
    cases |= {f"mistaken_{name}": inputs for name, (inputs, _) in MISTAKEN.items()}
    cases |= {case: REFUSED[variable][case] for variable, case in ALONE}
    return what_is_said_of_each(cases, checkout, tmp_path_factory.mktemp("wrong"))


def what_is_said_of_each(cases: dict[str, dict[str, Any]], module: Path, directory: Path) -> Told:
    """Plan few module calls for many cases, and give what is said of each case, and of what is no case's input."""
    calls: dict[str, dict[str, Any]] = {}
    call_of: dict[str, str] = {}
    for inputs in cases.values():
        if (wrong := json.dumps(inputs)) not in call_of:
            free = (call for call, others in calls.items() if are_apart(inputs, others))
            call_of[wrong] = next(free, f"call_{len(calls)}")
            calls.setdefault(call_of[wrong], {}).update(inputs)
    said = list(errors({call: RIGHT | inputs for call, inputs in calls.items()}, module, directory))
    found: Told = {}
    for case, inputs in cases.items():
        own = call_of[json.dumps(inputs)]
        others = calls[own].keys() - inputs.keys()
        found[case] = "".join(text for call, variable, text in said if call == own and variable not in others)
    unnamed = (text for call, variable, text in said if variable not in calls.get(call, {}))
    return found | {RESOURCES: "".join(unnamed)}


def are_apart(inputs: Collection[str], others: Collection[str]) -> bool:
    """Whether no validation of one looks at the other: Terraform looks at no input beside one that it has refused."""
    reach, their_reach = (set[str]().union(*map(looked_at, some)) for some in (inputs, others))
    return reach.isdisjoint(others) and their_reach.isdisjoint(inputs)


DEFINED = {"var": r'^variable "{}" .+?^}}', "local": r"^  {} += .+?(?=^  \w+ += |^}})"}
"""Match a definition in the module's files, by what refers to it."""


@cache
def looked_at(variable: str) -> set[str]:
    """The inputs that the validations of one look at, itself among them, by way of locals and of other inputs, too."""
    text = "".join(file.read_text() for file in REPOSITORY.glob("*.tf"))
    seen: set[tuple[str, str]] = set()
    waiting = {("var", variable)}
    while waiting:
        kind, name = waiting.pop()
        seen.add((kind, name))
        for block in re.findall(DEFINED[kind].format(name), text, re.MULTILINE | re.DOTALL):
            waiting |= set(re.findall(r"\b(var|local)\.(\w+)", block)) - seen
    return {name for kind, name in seen if kind == "var"}


@pytest.fixture(scope="module")
def told_at_last(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    cases = {f"{name}_in_words": inputs for name, (inputs, _) in WRONG_TOGETHER.items()}
    cases |= {case: REFUSED_TOGETHER[variable][case] for variable, case in TOGETHER}
    calls = {name: RIGHT | inputs for name, (inputs, _) in WRONG_AT_LAST.items()}
    at_last = what_terraform_says(calls, checkout, tmp_path_factory.mktemp("last"))
    return what_is_said_of_each(cases, checkout, tmp_path_factory.mktemp("together")) | {RESOURCES: at_last[RESOURCES]}


@pytest.mark.parametrize(("variable", "case"), ALONE)
def test_what_is_just_past_the_limit_is_refused_by_name(variable: str, case: str, told: Told) -> None:
    assert variable in told[case]


def test_a_refusal_of_an_input_comes_without_an_error_of_the_module_itself(told: Told) -> None:
    assert told[RESOURCES] == ""


@pytest.mark.parametrize(("variable", "case"), TOGETHER)
def test_what_does_not_go_together_is_refused_by_name(variable: str, case: str, told_at_last: Told) -> None:
    assert variable in told_at_last[case]


@pytest.mark.parametrize("name", WRONG)
def test_a_refusal_says_what_is_wrong_and_what_would_be_right(name: str, told: Told) -> None:
    _, words = WRONG[name]
    assert [word for word in words if word not in told[f"{name}_in_words"]] == []


@pytest.mark.parametrize("runtime", ["python3.14", "nodejs24.x"])
def test_a_runtime_that_the_provider_does_not_know_is_refused_with_the_version_that_does(
    checkout: Path, tmp_path: Path, runtime: str
) -> None:
    said = what_terraform_says({"mcp": RIGHT | {"runtime": runtime}}, checkout, tmp_path)["mcp"]
    lock = (tmp_path / ".terraform.lock.hcl").read_text()
    major, minor = map(int, re.findall(r'version += "(\d+)[.](\d+)', lock)[0])

    refusal = f"knows from version 6.20 on, but .terraform.lock.hcl has {major}.{minor}. Run `terraform init -upgrade`"
    assert (refusal in said) is ((major, minor) < (6, 20))


def test_what_may_be_a_secret_is_not_shown(told: Told) -> None:
    assert "hunter2" not in str(told)


@pytest.mark.parametrize("name", WRONG_AUTH)
def test_a_way_in_that_is_none_is_refused_in_words(name: str, told: Told) -> None:
    _, words = WRONG_AUTH[name]
    assert [word for word in words if word not in told[f"auth_in_words_{name}"]] == []


@pytest.mark.parametrize("name", MISSPELT)
def test_a_misspelt_key_is_refused_by_name_and_the_known_ones_are_named(name: str, told: Told) -> None:
    _, words = MISSPELT[name]
    assert [word for word in words if word not in told[f"misspelt_{name}"]] == []


@pytest.mark.parametrize("name", MISTAKEN)
def test_a_value_of_another_type_and_a_missing_one_are_refused_in_words(name: str, told: Told) -> None:
    _, words = MISTAKEN[name]
    assert [word for word in words if word not in told[f"mistaken_{name}"]] == []


@pytest.mark.parametrize("name", WRONG_TOGETHER | WRONG_AT_LAST)
def test_what_does_not_go_together_or_cannot_be_packed_is_refused_in_words(name: str, told_at_last: Told) -> None:
    _, words = (WRONG_TOGETHER | WRONG_AT_LAST)[name]
    said = told_at_last[RESOURCES if name in WRONG_AT_LAST else f"{name}_in_words"]
    assert [word for word in words if word not in said] == []


def test_nothing_is_open_by_omission(checkout: Path, tmp_path: Path) -> None:
    write_stack({"mcp": {"name": "orders", "source_dir": "server"}}, checkout, tmp_path)
    said = [terraform(command, directory=tmp_path).stderr for command in ("init", "validate")]  # newer ones: at init
    assert 'The argument "auth" is required' in "".join(said)


def what_terraform_says(calls: dict[str, dict[str, Any]], module: Path, directory: Path) -> Told:
    """Plan stacks with these module calls, and give the error messages of each."""
    told: Told = defaultdict(str)
    for call, _, text in errors(calls, module, directory):
        told[call] += text
    return told


def errors(calls: dict[str, dict[str, Any]], module: Path, directory: Path) -> Iterator[tuple[str, str, str]]:
    """Plan stacks with these module calls: the call, the input and the text of each error message, or "" for the first.

    Terraform names the call and the input in the lines of the stack that it shows, where it is an input that is wrong.
    """
    rest = iter(calls.items())
    (directory / "server").mkdir()
    (directory / "server" / "server.py").touch()
    while some := dict(itertools.islice(rest, TOGETHER_AT_MOST)):
        write_stack(some, module, directory)
        for line in terraform("plan", "-json", directory=directory).stdout.splitlines():
            diagnostic = json.loads(line).get("diagnostic", {})
            if diagnostic.get("severity") == "error":
                shown = diagnostic.get("snippet", {})
                _, _, call = (shown.get("context") or "").partition("module.")
                variable = re.match(r'\s*"(\w+)": ', shown.get("code", ""))
                text = " ".join(diagnostic["detail"].split()) + "\n"  # without the breaks of its lines
                yield call, variable[1] if variable else "", text


def write_stack(calls: dict[str, dict[str, Any]], module: Path, directory: Path) -> None:
    """Write a stack with these module calls, initialised."""
    source = os.path.relpath(module, directory)  # a path from the root is copied, once for each call
    stack = {"module": {name: {"source": source} | inputs for name, inputs in calls.items()}}
    (directory / "main.tf.json").write_text(json.dumps({"provider": {"aws": {}}} | stack, indent=2))
    shutil.copy(OVERRIDE, directory)
    terraform("init", directory=directory)
