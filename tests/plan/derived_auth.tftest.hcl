# What follows from `auth`: who is asked, about what, with which rights, and what is worth a warning.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "aws" {
  alias  = "asked_at_apply"
  source = "./tests/mocks"
}

override_resource {
  target          = terraform_data.upload
  values          = { output = "uploaded" }
  override_during = plan
}

override_resource {
  target          = terraform_data.uploaded
  values          = { output = "uploaded" }
  override_during = plan
}

variables {
  name         = "orders"
  package_file = "versions.tf" # any file: the mocked provider uploads nothing
  auth         = { type = "none" }
  throttle     = { rate = 50, burst = 100 }
}

run "none_is_open" {
  command = plan

  assert {
    condition = (
      output.role_arn == aws_iam_role.function["server"].arn && output.front_log_group_name == "/aws/vendedlogs/apigateway/orders" &&
      output.authorizer_function_name == null && output.authorizer_log_group_name == null
    )
    error_message = "the outputs name what there is, and are null for what there is not"
  }

  # The host is told that there are no scopes.
  assert {
    condition     = jsondecode(one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]).issuer == null && length(jsondecode(one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]).scopes) == 0 && length(jsondecode(one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]).required_scopes) == 0
    error_message = "the host is told ${one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]}"
  }
}

run "jwt_guards_everything_but_health_and_discovery" {
  command = plan
  variables {
    auth = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"], scopes = ["orders/call"] }
  }

  assert {
    condition     = output.resource_metadata_url == "https://abc123.execute-api.eu-west-1.amazonaws.com/.well-known/oauth-protected-resource/mcp"
    error_message = "resource_metadata_url is ${output.resource_metadata_url}"
  }
}

run "token_asks_the_modules_own_authorizer" {
  command = plan
  variables { auth = { type = "token", ssm_parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys" } }

  assert {
    condition     = one(one(aws_lambda_function.authorizer).environment).variables == tomap({ MCP_AUTHORIZER_HEADER = "authorization", MCP_AUTHORIZER_PARAMETER = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys" })
    error_message = "the authorizer is told where the keys are, and nothing else"
  }
  assert {
    condition     = one(aws_lambda_function.authorizer).reserved_concurrent_executions == 10 && one(aws_lambda_function.authorizer).function_name == "orders-authorizer"
    error_message = "a flood of wrong keys is limited like calls are"
  }
  assert {
    condition     = one(aws_cloudwatch_log_group.authorizer).name == "/aws/lambda/orders-authorizer" && one(aws_cloudwatch_log_group.authorizer).retention_in_days == 30
    error_message = "its log is its own, and is not kept for ever"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.server["authorizer_errors"].dimensions == tomap({ FunctionName = "orders-authorizer" }) && aws_cloudwatch_metric_alarm.server["authorizer_errors"].metric_name == "Errors" && aws_cloudwatch_metric_alarm.server["authorizer_errors"].threshold == 1
    error_message = "unreadable keys ring"
  }
  assert {
    condition     = output.resource_metadata_url == null
    error_message = "there is no issuer to discover"
  }

  # Rights of the authorizer are exactly what it does.
  assert {
    condition = jsondecode(one(aws_iam_role_policy.authorizer).policy).Statement == [
      { Sid = "WriteOwnLog", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "arn:aws:logs:eu-west-1:111122223333:log-group:orders:*" },
      { Sid = "ReadKeys", Effect = "Allow", Action = "ssm:GetParameter", Resource = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys" },
    ]
    error_message = "the role may ${one(aws_iam_role_policy.authorizer).policy}"
  }
}

run "token_in_x_api_key_asked_each_time" {
  command = plan
  variables {
    auth                 = { type = "token", ssm_parameter = "arn:aws-us-gov:ssm:us-gov-west-1:111122223333:parameter/keys", header = "x-api-key", ttl = 0 }
    reserved_concurrency = null
    alarms               = { authorizer_errors = 3 }
  }

  assert {
    condition     = one(one(aws_lambda_function.authorizer).environment).variables["MCP_AUTHORIZER_HEADER"] == "x-api-key"
    error_message = "gateway and authorizer look at the same header"
  }
  assert {
    condition     = one(aws_lambda_function.authorizer).reserved_concurrent_executions == -1
    error_message = "what has nothing reserved has nothing reserved for its authorizer"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.server["authorizer_errors"].threshold == 3
    error_message = "the authorizer's alarm is overridden like the others"
  }
}

run "lambda_asks_the_callers_own_function" {
  command = plan
  variables { auth = { type = "lambda", function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:company-door" } }

  assert {
    condition     = length(aws_lambda_function.authorizer) == 0 && !contains(keys(aws_cloudwatch_metric_alarm.server), "authorizer_errors")
    error_message = "the module's own authorizer is not there"
  }
}

run "the_host_is_told_who_lets_in_and_what_needs_which_scopes" {
  command = plan
  variables {
    auth            = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"], scopes = ["orders/call"] }
    required_scopes = { "tools/refund" = ["orders:write", "orders:read"], "prompts/review" = ["orders:read"], "resources/orders://{id}" = ["orders:read"] }
  }

  assert {
    condition     = jsondecode(one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]).issuer == "https://login.example.com/" && jsondecode(one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]).scopes == ["orders/call"]
    error_message = "the host is told ${one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]}"
  }
  assert {
    condition     = jsondecode(one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]).required_scopes == { "tools/refund" = ["orders:write", "orders:read"], "prompts/review" = ["orders:read"], "resources/orders://{id}" = ["orders:read"] }
    error_message = "the host is told ${one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]}"
  }
}

run "an_audience_that_is_the_endpoint_is_quiet" {
  command = plan
  variables { auth = { type = "jwt", issuer = "https://login.example.com/", audience = ["https://orders.example.com", "https://abc123.execute-api.eu-west-1.amazonaws.com/mcp"] } }
}

run "an_audience_that_is_another_url_is_warned_of" {
  command = plan
  variables { auth = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders", "https://orders.example.com/mcp"] } }
  expect_failures = [check.audience_is_the_endpoint]
}

run "an_audience_that_is_no_url_is_quiet_before_the_url_is_known" {
  command   = plan
  providers = { aws = aws.asked_at_apply }
  variables { auth = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"] } }

  override_resource { # or the check of uploads would be unknown, too, and that fails a plan
    target          = module.server.aws_lambda_function.server
    values          = { code_sha256 = "uploaded" }
    override_during = plan
  }
}

run "an_open_server_without_a_throttle_of_its_own_is_warned_of" {
  command = plan
  variables { throttle = {} }
  expect_failures = [check.an_open_server_is_limited]
}

run "an_open_server_without_a_burst_of_its_own_is_warned_of" {
  command = plan
  variables { throttle = { rate = 5 } }
  expect_failures = [check.an_open_server_is_limited]
}

run "an_open_server_without_reserved_concurrency_is_warned_of" {
  command = plan
  variables { reserved_concurrency = null }
  expect_failures = [check.an_open_server_is_limited]
}

run "a_guarded_server_is_not" {
  command = plan
  variables {
    auth                 = { type = "iam" }
    throttle             = {}
    reserved_concurrency = null
  }
}
