# What is known only after an apply: what is random, and what an apply leaves. The other files plan, which takes half
# the time, with a mocked provider that knows all at plan, where an apply would find other random values.

mock_provider "aws" {
  source = "./tests/mocks"
}

override_resource {
  target = terraform_data.upload
  values = { output = "uploaded" }
}

variables {
  name         = "orders"
  package_file = "versions.tf" # any file: the mocked provider uploads nothing
  auth         = { type = "iam" }
}

run "with_max_the_number_follows_the_traffic" {
  command = apply
  variables {
    provisioned_concurrency = { environments = 2, max = 8 }
    tags                    = { team = "shop" }
  }

  assert {
    condition     = one(aws_lambda_provisioned_concurrency_config.scaled).provisioned_concurrent_executions == 2 && length(aws_lambda_provisioned_concurrency_config.fixed) == 0
    error_message = "the number to begin with"
  }
  assert {
    condition     = one(aws_appautoscaling_target.live).resource_id == "function:orders:live" && one(aws_appautoscaling_target.live).min_capacity == 2 && one(aws_appautoscaling_target.live).max_capacity == 8
    error_message = "the alias is what is scaled"
  }
  assert {
    condition     = one(aws_appautoscaling_target.live).tags == tomap({ team = "shop" })
    error_message = "a target can carry tags"
  }
  assert {
    condition     = one(one(aws_appautoscaling_policy.utilization).target_tracking_scaling_policy_configuration).target_value == 0.7
    error_message = "new ones start before all are busy"
  }
  assert {
    condition     = length(aws_appautoscaling_scheduled_action.live) == 0
    error_message = "no schedule was asked for"
  }
}

run "other_bounds_make_another_target" {
  command = apply
  variables { provisioned_concurrency = { environments = 3, max = 9 } }

  assert {
    condition     = one(aws_appautoscaling_target.live).min_capacity == 3 && one(aws_appautoscaling_target.live).max_capacity == 9
    error_message = "bounds are ${one(aws_appautoscaling_target.live).min_capacity} to ${one(aws_appautoscaling_target.live).max_capacity}"
  }
  assert {
    condition     = one(aws_lambda_provisioned_concurrency_config.scaled).provisioned_concurrent_executions == 2
    error_message = "the number itself is not the apply's to set"
  }
}

run "request_state_keys_are_long_secret_and_kept" {
  command = apply

  assert {
    condition     = alltrue([for key in jsondecode(nonsensitive(aws_ssm_parameter.request_state_keys.value)) : length(key) >= 32])
    error_message = "the SDK wants 32 bytes or more"
  }
  assert {
    condition     = aws_ssm_parameter.request_state_keys.type == "SecureString" && alltrue([for key in terraform_data.request_state_key : issensitive(key.triggers_replace) && key.output == null])
    error_message = "no plan and no `terraform show` may print a key"
  }
}

run "keys_are_rotated_by_their_labels" {
  command = apply
  variables {
    auth = {
      type     = "jwt"
      issuer   = "https://login.example.com/"
      audience = ["desk"]
      login    = { client_id = "desk", keys = ["2026-12", "2026-11"], allowed_clients = ["https://claude.ai/oauth/claude-code-client-metadata", "claude.ai", "localhost", "cursor:"] }
    }
    required_scopes = { "tools/refund" = ["orders:write"] }
  }

  assert {
    condition     = length(jsondecode(one(aws_ssm_parameter.login_keys).value)) == 2 && one(aws_ssm_parameter.login_keys).type == "SecureString" && length(distinct(jsondecode(one(aws_ssm_parameter.login_keys).value))) == 2
    error_message = "each label is a key, and each key another"
  }
  assert {
    condition     = jsondecode(one(one(aws_lambda_function.login).environment).variables["MCP_LOGIN_SETTINGS"]).scopes == ["orders:write"]
    error_message = "clients may ask for what a tool needs"
  }
  assert {
    condition     = !strcontains(one(one(aws_lambda_function.login).environment).variables["MCP_LOGIN_SETTINGS"], jsondecode(one(aws_ssm_parameter.login_keys).value)[0])
    error_message = "who may read the function's configuration does not see a key"
  }
}

run "log_groups_of_another_class_are_others_and_kept_are_those_that_say_who_called" {
  command = apply
  variables {
    auth            = { type = "token", ssm_parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys" }
    metrics         = "none"
    log_group_class = "INFREQUENT_ACCESS"
    log_groups_kept = true
    dashboard       = true
  }

  assert {
    condition = { for group in [aws_cloudwatch_log_group.server, one(aws_cloudwatch_log_group.access), one(aws_cloudwatch_log_group.authorizer)] : group.name => [group.log_group_class, tostring(coalesce(group.skip_destroy, false))] } == {
      "/aws/lambda/orders/infrequent-access"                = ["INFREQUENT_ACCESS", "true"]
      "/aws/vendedlogs/apigateway/orders/infrequent-access" = ["INFREQUENT_ACCESS", "true"]
      "/aws/lambda/orders-authorizer/infrequent-access"     = ["INFREQUENT_ACCESS", "false"]
    }
    error_message = "the log groups are not those"
  }
  assert {
    condition     = one(module.server.function.logging_config).log_group == "/aws/lambda/orders/infrequent-access" && strcontains(one(aws_cloudwatch_dashboard.server).dashboard_body, "bytes / 1000000000 * 0.25")
    error_message = "the function logs elsewhere, or the log costs as much as before"
  }
}
