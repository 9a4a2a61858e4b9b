"""What each variable refuses: calls of the module in which a value is just past what is allowed."""

from __future__ import annotations

from typing import Any

RIGHT: dict[str, Any] = {"name": "orders", "source_dir": "server", "auth": {"type": "none"}}
"""A call that nothing is wrong with; those below differ from it in the inputs they name."""

PARAMETER = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys"
FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:door"
CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd"
ISSUER = "https://login.example.com/"
VPC = {"subnet_ids": ["subnet-00000001"], "security_group_ids": ["sg-00000001"]}
ACCESS_POINT = "arn:aws:elasticfilesystem:eu-west-1:111122223333:access-point/fsap-0123456789abcdef0"
FILES = {"access_point_arn": ACCESS_POINT, "mount_path": "/mnt/files"}
LAYER = "arn:aws:lambda:eu-west-1:111122223333:layer:tools"
CODE_SIGNING = "arn:aws:lambda:eu-west-1:111122223333:code-signing-config:csc-0123456789abcdef0"
ACL = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/mcp/1234abcd"
DOMAIN = {"domain_name": "mcp.example.com", "certificate_arn": CERTIFICATE}
JWT = {"type": "jwt", "issuer": ISSUER, "audience": ["orders"]}
TASKS = {"tools": {"report": "optional"}}


def login(**keys: Any) -> dict[str, Any]:
    """The input `auth` with login, which is right but for these keys."""
    return {"auth": JWT | {"login": {"client_id": "desk"} | keys}}


REFUSED: dict[str, dict[str, dict[str, Any]]] = {
    "name": {
        "name_with_capital": {"name": "Orders"},
        "name_with_leading_digit": {"name": "1orders"},
        "name_empty": {"name": ""},
        "name_of_49_characters": {"name": "a234567890123456789012345678901234567890123456789"},
    },
    "entrypoint": {
        "entrypoint_without_attribute": {"entrypoint": "server"},
        "entrypoint_as_path": {"entrypoint": "server.py:mcp:"},
    },
    "runtime": {
        "runtime_too_old": {"runtime": "python3.10"},
        "runtime_of_node_too_old": {"runtime": "nodejs20.x"},
    },
    "architecture": {
        "architecture_by_another_name": {"architecture": "amd64"},
    },
    "memory_mb": {
        "memory_below_128": {"memory_mb": 127},
        "memory_above_10240": {"memory_mb": 10241},
        "memory_not_whole": {"memory_mb": 512.5},
    },
    "ephemeral_storage_mb": {
        "ephemeral_storage_below_512": {"ephemeral_storage_mb": 511},
        "ephemeral_storage_above_10240": {"ephemeral_storage_mb": 10241},
        "ephemeral_storage_not_whole": {"ephemeral_storage_mb": 600.5},
    },
    "layers": {
        "layer_by_its_name": {"layers": ["tools"]},
        "layer_without_a_version": {"layers": [LAYER]},
        "layers_of_which_one_is_null": {"layers": [f"{LAYER}:3", None]},
        "six_layers": {"layers": [f"{LAYER}-{number}:1" for number in range(6)]},
        "two_versions_of_a_layer": {"layers": [f"{LAYER}:3", f"{LAYER}:4"]},
    },
    "private_keys": {
        "private_key_that_is_null": {"private_keys": [None]},
        "private_key_without_a_path": {"private_keys": [""]},
    },
    "code_signing_config_arn": {
        "code_signing_by_the_id_of_its_configuration": {"code_signing_config_arn": "csc-0123456789abcdef0"},
    },
    "managed_policy_arns": {
        "managed_policy_by_its_name": {
            "managed_policy_arns": {"insights": "CloudWatchLambdaInsightsExecutionRolePolicy"}
        },
        "managed_policy_that_is_null": {"managed_policy_arns": {"insights": None}},
    },
    "role_path": {
        "role_path_without_slashes": {"role_path": "mcp"},
        "role_path_without_its_last_slash": {"role_path": "/mcp"},
        "role_path_with_a_wildcard": {"role_path": "/mcp*/"},
        "role_path_of_513_characters": {"role_path": f"/{'a' * 511}/"},
    },
    "log_sample_rate": {
        "log_sample_rate_above_1": {"log_sample_rate": 1.5},
        "log_sample_rate_below_0": {"log_sample_rate": -0.1},
    },
    "system_log_level": {"system_log_level_of_applications": {"system_log_level": "FATAL"}},
    "log_group_class": {
        "log_group_class_by_half_its_name": {"log_group_class": "infrequent"},
        "log_group_class_whose_logs_nobody_can_read": {"log_group_class": "DELIVERY"},
    },
    "file_system": {
        "file_system_by_its_own_arn": {
            "vpc": VPC,
            "file_system": FILES
            | {"access_point_arn": "arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-01234567"},
        },
        "file_system_without_an_access_point": {"vpc": VPC, "file_system": {"mount_path": "/mnt/files"}},
        "file_system_at_the_root": {"vpc": VPC, "file_system": FILES | {"mount_path": "/files"}},
        "file_system_too_deep": {"vpc": VPC, "file_system": FILES | {"mount_path": "/mnt/files/orders"}},
        "file_system_without_a_place": {"vpc": VPC, "file_system": {"access_point_arn": ACCESS_POINT}},
    },
    "timeout_seconds": {
        "timeout_of_0": {"timeout_seconds": 0},
        "timeout_not_whole": {"timeout_seconds": 2.5},
    },
    "allowed_cidrs": {
        "allowed_cidrs_that_are_none": {"allowed_cidrs": []},
        "allowed_cidrs_of_which_one_is_an_address": {"allowed_cidrs": ["10.0.0.0/8", "203.0.113.7"]},
        "allowed_cidrs_of_which_one_is_null": {"allowed_cidrs": ["10.0.0.0/8", None]},
        "allowed_cidrs_that_are_too_many": {
            "allowed_cidrs": [f"203.0.{third}.0/32" for third in range(256)] + [f"198.51.{n}.0/24" for n in range(256)],
        },
    },
    "vpc_endpoint_ids": {
        "vpc_endpoint_by_its_service": {"vpc_endpoint_ids": ["com.amazonaws.eu-west-1.execute-api"]},
        "vpc_endpoint_that_is_null": {"vpc_endpoint_ids": [None]},
    },
    "web_acl_arn": {
        "acl_by_its_name": {"web_acl_arn": "mcp"},
        "acl_of_cloudfront": {"web_acl_arn": ACL.replace("regional", "global")},
        "acl_that_is_empty": {"web_acl_arn": ""},
    },
    "gateway_timeout_quota_seconds": {
        "quota_below_what_everybody_has": {"gateway_timeout_quota_seconds": 28},
        "quota_beyond_what_there_is": {"gateway_timeout_quota_seconds": 301},
        "quota_not_whole": {"gateway_timeout_quota_seconds": 60.5},
    },
    "environment": {
        "environment_of_the_host": {"environment": {"MCP_LAMBDA_SETTINGS": "*"}},
        "environment_of_aws": {"environment": {"AWS_REGION": "eu-west-1"}},
        "environment_of_lambda": {"environment": {"LAMBDA_TASK_ROOT": "/opt"}},
        "environment_with_dash": {"environment": {"ORDERS-TABLE": "orders"}},
    },
    "reserved_concurrency": {
        "reserved_concurrency_negative": {"reserved_concurrency": -1},
        "reserved_concurrency_not_whole": {"reserved_concurrency": 1.5},
    },
    "throttle": {
        "throttle_rate_of_0": {"throttle": {"rate": 0}},
        "throttle_burst_of_0": {"throttle": {"burst": 0}},
        "throttle_burst_not_whole": {"throttle": {"burst": 0.5}},
    },
    "cors_origins": {
        "cors_origin_with_path": {"cors_origins": ["https://app.example.com/"]},
        "cors_origin_of_an_extension_with_path": {"cors_origins": ["chrome-extension://abcdefgh/popup.html"]},
        "cors_origin_of_every_file": {"cors_origins": ["file://"]},
        "cors_origin_null": {"cors_origins": ["null"]},
        "cors_origin_without_scheme": {"cors_origins": ["app.example.com"]},
        "cors_origin_with_wildcard_host": {"cors_origins": ["https://*.example.com"]},
        "cors_origin_with_two_origins_in_one": {"cors_origins": ["https://a.example.com,https://b.example.com"]},
    },
    "alarms": {
        "alarm_misspelt": {"alarms": {"function_error": 5}},
        "alarm_threshold_of_0": {"alarms": {"throttles": 0}},
        "alarm_that_never_rings": {"alarms": {"tool_error_rate": 101}},
    },
    "alarm_actions": {
        "alarm_action_that_is_no_arn": {"alarm_actions": ["on-call@example.com"]},
    },
    "catalogue_seconds": {
        "catalogue_kept_for_two_days": {"catalogue_seconds": 172800},
        "catalogue_kept_for_a_fraction": {"catalogue_seconds": 0.5},
    },
    "request_state_keys": {
        "no_request_state_key": {"request_state_keys": []},
        "the_same_request_state_key_twice": {"request_state_keys": ["1", "1"]},
        "request_state_key_with_space": {"request_state_keys": ["key 1"]},
    },
    "log_subject": {
        "log_subject_as_an_algorithm": {"log_subject": "sha256"},
    },
    "metrics": {
        "metrics_switched_on": {"metrics": "true"},
    },
    "log_level": {
        "log_level_of_python": {"log_level": "WARNING"},
    },
    "log_retention_days": {
        "log_retention_that_cloudwatch_lacks": {"log_retention_days": 31},
    },
    "policy_json": {
        "policy_that_is_no_json": {"policy_json": "dynamodb:GetItem"},
        "policy_without_statement": {"policy_json": "{}"},
    },
    "tags": {
        "tag_of_aws": {"tags": {"aws:team": "shop"}},
    },
    "auth": {
        "type_unknown": {"auth": {"type": "open"}},
        "type_empty": {"auth": {"type": ""}},
        "type_in_capitals": {"auth": {"type": "NONE"}},
        "jwt_without_issuer": {"auth": {"type": "jwt", "audience": ["orders"]}},
        "jwt_without_audience": {"auth": {"type": "jwt", "issuer": ISSUER}},
        "jwt_with_misspelt_audience": {"auth": {"type": "jwt", "issuer": ISSUER, "audiences": ["orders"]}},
        "jwt_with_no_audience_in_the_list": {"auth": {"type": "jwt", "issuer": ISSUER, "audience": []}},
        "jwt_with_empty_audience": {"auth": {"type": "jwt", "issuer": ISSUER, "audience": ["orders", " "]}},
        "jwt_with_null_audience": {"auth": {"type": "jwt", "issuer": ISSUER, "audience": [None]}},
        "jwt_with_http_issuer": {
            "auth": {"type": "jwt", "issuer": "http://login.example.com/", "audience": ["orders"]}
        },
        "jwt_with_issuer_without_scheme": {
            "auth": {"type": "jwt", "issuer": "login.example.com", "audience": ["orders"]}
        },
        "jwt_with_empty_issuer": {"auth": {"type": "jwt", "issuer": "", "audience": ["orders"]}},
        "jwt_with_two_scopes_in_one": {
            "auth": {"type": "jwt", "issuer": ISSUER, "audience": ["orders"], "scopes": ["read write"]}
        },
        "none_with_issuer": {"auth": {"type": "none", "issuer": ISSUER}},
        "none_with_audience": {"auth": {"type": "none", "audience": ["orders"]}},
        "jwt_with_scope_claim_with_space": {"auth": JWT | {"scope_claims": ["a b"]}},
        "jwt_with_scope_claims_as_string": {"auth": JWT | {"scope_claims": "roles"}},
        "jwt_with_advertised_scope_with_space": {"auth": JWT | {"advertised_scopes": ["a b"]}},
        "jwt_with_advertised_scope_with_quote": {"auth": JWT | {"advertised_scopes": ['a"b']}},
        "iam_with_scope_claims": {"auth": {"type": "iam", "scope_claims": ["roles"]}},
        "iam_with_scopes": {"auth": {"type": "iam", "scopes": ["orders/read"]}},
        "none_with_keys": {"auth": {"type": "none", "ssm_parameter": PARAMETER}},
        "none_with_function": {"auth": {"type": "none", "function_arn": FUNCTION}},
        "iam_with_ttl": {"auth": {"type": "iam", "ttl": 60}},
        "jwt_with_header": {"auth": {"type": "jwt", "issuer": ISSUER, "audience": ["orders"], "header": "x-api-key"}},
        "jwt_with_identity_sources": {
            "auth": {
                "type": "jwt",
                "issuer": ISSUER,
                "audience": ["orders"],
                "identity_sources": ["$request.header.X-Key"],
            }
        },
        "login_of_keys": {"auth": {"type": "token", "ssm_parameter": PARAMETER, "login": {"client_id": "desk"}}},
        "login_as_string": {"auth": JWT | {"login": "desk"}},
        "login_with_misspelt_key": login(allowed_client=["claude.ai"]),
        "login_without_client_id": {"auth": JWT | {"login": {"scopes": ["openid"]}}},
        "login_with_empty_client_id": login(client_id=""),
        "login_with_the_secret_itself": login(client_secret="hunter2"),
        "login_with_two_scopes_in_one": login(scopes=["openid email"]),
        "login_with_scopes_as_string": login(scopes="openid"),
        "login_for_no_client": login(allowed_clients=[]),
        "login_for_every_host": login(allowed_clients=["*"]),
        "login_for_an_http_client": login(allowed_clients=["http://claude.ai/client.json"]),
        "login_for_a_host_with_a_path": login(allowed_clients=["claude.ai/callback"]),
        "login_without_a_key": login(keys=[]),
        "login_with_the_same_key_twice": login(keys=["1", "1"]),
        "login_with_key_with_space": login(keys=["key 1"]),
        "token_without_parameter": {"auth": {"type": "token"}},
        "token_with_misspelt_parameter": {"auth": {"type": "token", "ssm_paramter": PARAMETER}},
        "token_with_empty_parameter": {"auth": {"type": "token", "ssm_parameter": ""}},
        "token_with_name_of_parameter": {"auth": {"type": "token", "ssm_parameter": "/mcp/keys"}},
        "token_with_version_of_parameter": {"auth": {"type": "token", "ssm_parameter": f"{PARAMETER}:3"}},
        "token_with_all_parameters": {
            "auth": {"type": "token", "ssm_parameter": "arn:aws:ssm:eu-west-1:111122223333:parameter/*"}
        },
        "token_with_secret_of_secrets_manager": {
            "auth": {"type": "token", "ssm_parameter": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:keys"}
        },
        "token_with_header_in_capitals": {
            "auth": {"type": "token", "ssm_parameter": PARAMETER, "header": "Authorization"}
        },
        "token_with_another_header": {"auth": {"type": "token", "ssm_parameter": PARAMETER, "header": "x-token"}},
        "token_with_empty_header": {"auth": {"type": "token", "ssm_parameter": PARAMETER, "header": ""}},
        "token_with_scopes": {"auth": {"type": "token", "ssm_parameter": PARAMETER, "scopes": ["orders:read"]}},
        "token_with_function": {"auth": {"type": "token", "ssm_parameter": PARAMETER, "function_arn": FUNCTION}},
        "token_with_issuer": {"auth": {"type": "token", "ssm_parameter": PARAMETER, "issuer": ISSUER}},
        "ttl_negative": {"auth": {"type": "token", "ssm_parameter": PARAMETER, "ttl": -1}},
        "ttl_over_an_hour": {"auth": {"type": "token", "ssm_parameter": PARAMETER, "ttl": 3601}},
        "ttl_not_whole": {"auth": {"type": "lambda", "function_arn": FUNCTION, "ttl": 0.5}},
        "lambda_without_function": {"auth": {"type": "lambda"}},
        "lambda_with_empty_function": {"auth": {"type": "lambda", "function_arn": ""}},
        "lambda_with_name_of_function": {"auth": {"type": "lambda", "function_arn": "door"}},
        "lambda_with_invoke_arn": {
            "auth": {
                "type": "lambda",
                "function_arn": f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations",
            }
        },
        "lambda_with_latest": {"auth": {"type": "lambda", "function_arn": f"{FUNCTION}:$LATEST"}},
        "lambda_with_parameter": {"auth": {"type": "lambda", "function_arn": FUNCTION, "ssm_parameter": PARAMETER}},
        "lambda_with_credential_in_the_query": {
            "auth": {"type": "lambda", "function_arn": FUNCTION, "identity_sources": ["$request.querystring.key"]}
        },
        "lambda_with_source_of_a_rest_api": {
            "auth": {
                "type": "lambda",
                "function_arn": FUNCTION,
                "identity_sources": ["method.request.header.Authorization"],
            }
        },
        "lambda_with_route_as_only_source": {
            "auth": {"type": "lambda", "function_arn": FUNCTION, "identity_sources": ["$context.routeKey"]}
        },
        "lambda_with_bare_header": {
            "auth": {"type": "lambda", "function_arn": FUNCTION, "identity_sources": ["Authorization"]}
        },
        "lambda_with_null_source": {"auth": {"type": "lambda", "function_arn": FUNCTION, "identity_sources": [None]}},
        "lambda_cached_by_nothing": {"auth": {"type": "lambda", "function_arn": FUNCTION, "identity_sources": []}},
        "lambda_cached_by_nothing_for_a_while": {
            "auth": {"type": "lambda", "function_arn": FUNCTION, "identity_sources": [], "ttl": 5}
        },
    },
    "required_scopes": {
        "scopes_of_a_bare_name": {"auth": JWT, "required_scopes": {"refund": ["orders:write"]}},
        "scopes_of_tool_in_singular": {"auth": JWT, "required_scopes": {"tool/refund": ["orders:write"]}},
        "scopes_of_no_tool": {"auth": JWT, "required_scopes": {"tools/": ["orders:write"]}},
        "scopes_of_tool_with_space": {"auth": JWT, "required_scopes": {"tools/re fund": ["orders:write"]}},
        "scopes_of_resource_without_scheme": {"auth": JWT, "required_scopes": {"resources/orders": ["orders:write"]}},
        "no_scopes_in_the_list": {"auth": JWT, "required_scopes": {"tools/refund": []}},
        "null_scopes": {"auth": JWT, "required_scopes": {"tools/refund": None}},
        "empty_scope": {"auth": JWT, "required_scopes": {"tools/refund": [""]}},
        "null_scope": {"auth": JWT, "required_scopes": {"tools/refund": [None]}},
        "two_scopes_in_one": {"auth": JWT, "required_scopes": {"tools/refund": ["orders:read orders:write"]}},
        "scope_with_quote": {"auth": JWT, "required_scopes": {"tools/refund": ['orders"write']}},
        "scope_with_backslash": {"auth": JWT, "required_scopes": {"tools/refund": ["orders\\write"]}},
        "scope_beyond_ascii": {"auth": JWT, "required_scopes": {"tools/refund": ["bücher:lesen"]}},
        "scopes_joined_by_comma": {"auth": JWT, "required_scopes": {"tools/refund": ["orders:read,orders:write"]}},
    },
    "kms_key_arn": {
        "key_by_its_id": {"kms_key_arn": "1234abcd-12ab-34cd-56ef-1234567890ab"},
        "key_by_an_alias": {"kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:alias/platform"},
        "key_that_is_empty": {"kms_key_arn": ""},
    },
    "permissions_boundary_arn": {
        "boundary_by_its_name": {"permissions_boundary_arn": "boundary"},
        "boundary_that_is_a_role": {"permissions_boundary_arn": "arn:aws:iam::111122223333:role/boundary"},
    },
    "vpc": {
        "vpc_without_a_subnet": {"vpc": {"subnet_ids": [], "security_group_ids": ["sg-00000001"]}},
        "vpc_without_a_security_group": {"vpc": {"subnet_ids": ["subnet-00000001"], "security_group_ids": []}},
        "vpc_with_null_for_its_groups": {"vpc": {"subnet_ids": ["subnet-00000001"], "security_group_ids": None}},
        "vpc_with_17_subnets": {
            "vpc": {
                "subnet_ids": [f"subnet-000000{10 + number}" for number in range(17)],
                "security_group_ids": ["sg-00000001"],
            }
        },
        "vpc_with_6_security_groups": {
            "vpc": {
                "subnet_ids": ["subnet-00000001"],
                "security_group_ids": [f"sg-0000000{number}" for number in range(6)],
            }
        },
        "vpc_as_a_list": {"vpc": ["subnet-00000001"]},
        "vpc_with_ipv6_in_words": {"vpc": VPC | {"ipv6": "dual-stack"}},
        "vpc_with_an_arn_for_a_subnet": {
            "vpc": {
                "subnet_ids": ["arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-00000001"],
                "security_group_ids": ["sg-00000001"],
            }
        },
        "vpc_with_a_name_for_a_security_group": {
            "vpc": {"subnet_ids": ["subnet-00000001"], "security_group_ids": ["default"]}
        },
    },
    "package_bucket": {
        "bucket_by_its_arn": {"package_bucket": {"name": "arn:aws:s3:::acme-packages"}},
        "bucket_in_capitals": {"package_bucket": {"name": "Acme"}},
        "bucket_that_is_null": {"package_bucket": {"name": None}},
        "prefix_with_a_space": {"package_bucket": {"name": "acme-packages", "prefix": "my packages/"}},
    },
    "tasks": {
        "tasks_of_no_tool": {"tasks": {"tools": {}}},
        "tasks_in_a_mode_that_there_is_not": {"tasks": {"tools": {"report": "always"}}},
        "tasks_of_a_tool_that_is_null": {"tasks": {"tools": {"report": None}}},
        "tasks_of_less_than_ten_seconds": {"tasks": TASKS | {"timeout_seconds": 9}},
        "tasks_longer_than_lambda_lets_run": {"tasks": TASKS | {"timeout_seconds": 901}},
        "tasks_of_half_a_second": {"tasks": TASKS | {"timeout_seconds": 60.5}},
        "tasks_in_too_little_memory": {"tasks": TASKS | {"memory_mb": 127}},
        "tasks_in_too_much_memory": {"tasks": TASKS | {"memory_mb": 10241}},
        "tasks_of_no_worker": {"tasks": TASKS | {"reserved_concurrency": 0}},
        "tasks_that_end_before_they_could_be_asked_for": {"tasks": TASKS | {"ttl_seconds": 959}},
        "tasks_kept_for_more_than_a_month": {"tasks": TASKS | {"ttl_seconds": 2592001}},
        "tasks_recovered_in_words": {"tasks": TASKS | {"point_in_time_recovery": "always"}},
        "results_in_a_bucket_by_its_arn": {"tasks": TASKS | {"result_bucket": "arn:aws:s3:::results"}},
    },
    "custom_domain": {
        "domain_with_a_scheme": {
            "custom_domain": {"domain_name": "https://mcp.example.com", "certificate_arn": CERTIFICATE}
        },
        "domain_with_a_wildcard": {"custom_domain": {"domain_name": "*.example.com", "certificate_arn": CERTIFICATE}},
        "domain_in_capitals": {"custom_domain": {"domain_name": "MCP.example.com", "certificate_arn": CERTIFICATE}},
        "domain_without_a_dot": {"custom_domain": {"domain_name": "mcp", "certificate_arn": CERTIFICATE}},
        "domain_with_a_dot_at_its_end": {
            "custom_domain": {"domain_name": "mcp.example.com.", "certificate_arn": CERTIFICATE}
        },
        "domain_that_is_null": {"custom_domain": {"domain_name": None, "certificate_arn": CERTIFICATE}},
        "certificate_by_its_name": {
            "custom_domain": {"domain_name": "mcp.example.com", "certificate_arn": "mcp.example.com"}
        },
        "zone_by_its_name": {"custom_domain": DOMAIN | {"zone_id": "example.com"}},
        "domain_as_a_string": {"custom_domain": "mcp.example.com"},
        "domain_with_keep_generated_in_words": {"custom_domain": DOMAIN | {"keep_generated": "a while"}},
        "mutual_tls_as_a_string": {"custom_domain": DOMAIN | {"mutual_tls": "s3://acme-trust/mcp.pem"}},
        "mutual_tls_without_a_truststore": {"custom_domain": DOMAIN | {"mutual_tls": {"version": "1"}}},
        "mutual_tls_with_a_truststore_of_no_object": {
            "custom_domain": DOMAIN | {"mutual_tls": {"truststore_uri": "s3://acme-trust"}}
        },
        "mutual_tls_with_a_truststore_by_https": {
            "custom_domain": DOMAIN | {"mutual_tls": {"truststore_uri": "https://acme-trust.s3.amazonaws.com/mcp.pem"}}
        },
        "mutual_tls_with_a_certificate_by_its_name": {
            "custom_domain": DOMAIN
            | {"mutual_tls": {"truststore_uri": "s3://acme-trust/a", "ownership_certificate_arn": "mcp.example.com"}}
        },
        "mutual_tls_that_could_be_gone_round": {
            "custom_domain": DOMAIN | {"keep_generated": True, "mutual_tls": {"truststore_uri": "s3://acme-trust/a"}}
        },
        "zone_that_is_null": {
            "custom_domain": {"domain_name": "mcp.example.com", "certificate_arn": CERTIFICATE, "zone_id": None}
        },
    },
    "secrets": {
        "secret_of_the_host": {"secrets": {"MCP_LAMBDA_SETTINGS": PARAMETER}},
        "secret_of_aws": {"secrets": {"AWS_SECRET_ACCESS_KEY": PARAMETER}},
        "secret_of_lambda": {"secrets": {"LAMBDA_TASK_ROOT": PARAMETER}},
        "secret_with_dash": {"secrets": {"DB-PASSWORD": PARAMETER}},
        "secret_that_is_given_bare": {"secrets": {"DB_PASSWORD": "hunter2"}},
        "secret_that_is_null": {"secrets": {"DB_PASSWORD": None}},
        "secret_by_the_name_of_its_parameter": {"secrets": {"DB_PASSWORD": "/orders/db"}},
        "secret_of_one_version": {"secrets": {"DB_PASSWORD": f"{PARAMETER}:3"}},
        "secret_without_its_six_characters": {
            "secrets": {"DB_PASSWORD": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db"}
        },
        "secret_with_a_wildcard": {
            "secrets": {"DB_PASSWORD": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-??????"}
        },
        "secret_of_another_service": {"secrets": {"DB_PASSWORD": "arn:aws:s3:::secrets/db"}},
    },
    "canary": {
        "canary_without_share": {"canary": {"stable_version": 7, "weight": 0}},
        "canary_for_all": {"canary": {"stable_version": 7, "weight": 1}},
        "canary_in_percent": {"canary": {"stable_version": 7, "weight": 10}},
        "canary_without_a_stable_version": {"canary": {"stable_version": None, "weight": 0.1}},
        "canary_beside_version_0": {"canary": {"stable_version": 0, "weight": 0.1}},
        "canary_beside_half_a_version": {"canary": {"stable_version": 7.5, "weight": 0.1}},
    },
    "rollback_to": {
        "rollback_to_version_0": {"rollback_to": 0},
        "rollback_to_half_a_version": {"rollback_to": 6.5},
    },
    "provisioned_concurrency": {
        "no_environments_provisioned": {"provisioned_concurrency": {"environments": 0}},
        "nothing_said_of_environments": {"provisioned_concurrency": {"environments": None}},
        "half_an_environment_at_most": {"provisioned_concurrency": {"environments": 1, "max": 1.5}},
        "no_environments_at_night": {
            "provisioned_concurrency": {
                "environments": 1,
                "schedule": {"night": {"cron": "0 20 * * ? *", "environments": 0}},
            }
        },
        "max_below_environments": {"provisioned_concurrency": {"environments": 3, "max": 2}},
        "max_below_those_of_the_schedule": {
            "provisioned_concurrency": {
                "environments": 1,
                "max": 2,
                "schedule": {"day": {"cron": "0 8 * * ? *", "environments": 3}},
            }
        },
        "schedule_with_a_space_in_its_name": {
            "provisioned_concurrency": {
                "environments": 1,
                "schedule": {"every day": {"cron": "0 8 * * ? *", "environments": 2}},
            }
        },
        "schedule_in_the_five_fields_of_unix": {
            "provisioned_concurrency": {
                "environments": 1,
                "schedule": {"day": {"cron": "0 8 * * *", "environments": 2}},
            }
        },
        "schedule_without_a_question_mark": {
            "provisioned_concurrency": {
                "environments": 1,
                "schedule": {"day": {"cron": "0 8 * * * *", "environments": 2}},
            }
        },
        "schedule_wrapped_in_cron": {
            "provisioned_concurrency": {
                "environments": 1,
                "schedule": {"day": {"cron": "cron(0 8 * * ? *)", "environments": 2}},
            }
        },
    },
}

REFUSED_TOGETHER: dict[str, dict[str, dict[str, Any]]] = {
    "allowed_cidrs": {
        "allowed_cidrs_of_an_http_api": {"allowed_cidrs": ["203.0.113.0/24"]},
    },
    "vpc_endpoint_ids": {
        "vpc_endpoints_of_an_http_api": {"vpc_endpoint_ids": ["vpce-0123456789abcdef0"]},
        "vpc_endpoints_with_a_name_on_the_internet": {
            "front": "rest",
            "vpc_endpoint_ids": ["vpce-0123456789abcdef0"],
            "custom_domain": DOMAIN,
        },
    },
    "web_acl_arn": {
        "acl_of_an_http_api": {"web_acl_arn": ACL},
    },
    "gateway_timeout_quota_seconds": {
        "quota_of_an_http_api": {"gateway_timeout_quota_seconds": 60},
    },
    "timeout_seconds": {
        "timeout_past_the_gateway": {"timeout_seconds": 30},
        "timeout_past_the_quota": {"front": "rest", "gateway_timeout_quota_seconds": 60, "timeout_seconds": 61},
    },
    "auth": {
        "login_behind_a_stage": login() | {"front": "rest"},
        "scope_that_would_end_the_challenge": {"front": "rest", "auth": JWT | {"scopes": ["ada's"]}},
        "advertised_scope_that_would_end_the_challenge": {
            "front": "rest",
            "auth": JWT | {"scopes": ["s"], "advertised_scopes": ["ada's/s"]},
        },
    },
    "source_dir": {
        "neither_source_dir_nor_package_file": {"source_dir": None},
        "both_source_dir_and_package_file": {"package_file": "versions.tf"},
    },
    "file_system": {"file_system_without_a_vpc": {"file_system": FILES}},
    "code_signing_config_arn": {"code_signing_of_what_is_built_at_apply": {"code_signing_config_arn": CODE_SIGNING}},
    "log_group_class": {
        "log_group_class_that_has_no_metrics": {"log_group_class": "INFREQUENT_ACCESS"},
        "log_group_class_that_has_no_metrics_by_tool": {"log_group_class": "INFREQUENT_ACCESS", "metrics": "tools"},
    },
    "private_keys": {
        "private_keys_without_source_dir": {
            "source_dir": None,
            "package_file": "versions.tf",
            "private_keys": ["client.pem"],
        },
    },
    "sdk_1_compatibility": {
        "compatibility_of_a_finished_package": {
            "source_dir": None,
            "package_file": "versions.tf",
            "sdk_1_compatibility": True,
        },
    },
    "trial_start": {
        "trial_start_of_a_finished_package": {
            "source_dir": None,
            "package_file": "versions.tf",
            "trial_start": False,
        },
    },
    "reserved_concurrency": {
        "more_provisioned_than_reserved": {
            "reserved_concurrency": 10,
            "provisioned_concurrency": {"environments": 11},
        },
        "more_provisioned_at_most_than_reserved": {
            "reserved_concurrency": 10,
            "provisioned_concurrency": {"environments": 1, "max": 11},
        },
        "more_provisioned_by_day_than_reserved": {
            "reserved_concurrency": 10,
            "provisioned_concurrency": {
                "environments": 1,
                "schedule": {"day": {"cron": "0 8 * * ? *", "environments": 11}},
            },
        },
        "provisioned_for_a_function_that_is_switched_off": {
            "reserved_concurrency": 0,
            "provisioned_concurrency": {"environments": 1},
        },
    },
    "alarms": {
        "alarm_of_an_authorizer_that_is_not_there": {"auth": {"type": "iam"}, "alarms": {"authorizer_errors": 5}},
        "alarm_of_calls_slower_than_any": {"timeout_seconds": 10, "alarms": {"p95_duration": 9501}},
        "alarm_of_more_calls_than_reserved": {"reserved_concurrency": 10, "alarms": {"concurrency": 11}},
        "alarm_of_a_login_that_is_not_there": {"alarms": {"login_errors": 5}},
        "alarm_of_a_worker_that_is_not_there": {"alarms": {"worker_errors": 5}},
        "alarm_of_refusals_by_a_server_that_is_open": {"auth": {"type": "none"}, "alarms": {"auth_refused": 50}},
    },
    "required_scopes": {
        "scopes_where_nobody_has_any": {
            "auth": {"type": "none"},
            "required_scopes": {"tools/refund": ["orders:write"]},
        },
        "scopes_for_iam": {"auth": {"type": "iam"}, "required_scopes": {"tools/refund": ["orders:write"]}},
    },
    "secrets": {
        "secret_that_is_in_the_environment_too": {
            "environment": {"DB_PASSWORD": "hunter2"},
            "secrets": {"DB_PASSWORD": PARAMETER},
        },
    },
    "canary": {
        "canary_with_provisioned_concurrency": {
            "canary": {"stable_version": 7, "weight": 0.1},
            "provisioned_concurrency": {"environments": 1},
        },
        "canary_with_rollback": {"canary": {"stable_version": 7, "weight": 0.1}, "rollback_to": 7},
    },
    "snap_start": {
        "snap_start_of_a_runtime_that_has_none": {"runtime": "python3.11", "snap_start": True},
        "snap_start_of_node": {"runtime": "nodejs22.x", "snap_start": True},
        "snap_start_with_more_storage": {"snap_start": True, "ephemeral_storage_mb": 513},
        "snap_start_with_a_file_system": {"snap_start": True, "vpc": VPC, "file_system": FILES},
        "snap_start_together_with_provisioned_concurrency": {
            "snap_start": True,
            "provisioned_concurrency": {"environments": 1},
        },
    },
}
"""Wrong only beside another input: Terraform looks at these when each input is right by itself."""
