# What follows from the inputs: routes, authorization, thresholds, rights. Planned with a mocked provider that knows at
# plan what AWS would answer (derived_applied.tftest.hcl has the rest); the package is given, so nothing is built.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
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

run "defaults_are_limited_and_quiet" {
  command = plan
  variables {
    auth     = { type = "iam" } # an open server would be asked for a throttle of its own
    throttle = {}
  }

  assert {
    condition     = module.server.function.reserved_concurrent_executions == 10
    error_message = "ten environments at most unless asked for otherwise"
  }
  assert {
    condition     = module.server.function.handler == "mcp_lambda_host.handler.handler"
    error_message = "the host's entry module is the handler"
  }
  assert {
    condition     = output.url == "https://abc123.execute-api.eu-west-1.amazonaws.com/mcp" && output.resource_metadata_url == null
    error_message = "url is ${output.url}"
  }
}

run "outputs_name_what_there_is_and_are_null_for_what_there_is_not" {
  command = plan
  variables { auth = { type = "iam" } }

  assert {
    condition     = output.role_arn == aws_iam_role.function["server"].arn && output.front_log_group_name == "/aws/vendedlogs/apigateway/orders"
    error_message = "the role is ${output.role_arn}, the front's log ${output.front_log_group_name}"
  }
  assert {
    condition = alltrue([
      output.authorizer_function_name == null, output.authorizer_log_group_name == null, output.dashboard_name == null
    ])
    error_message = "there is neither an authorizer nor a dashboard"
  }
}

run "outputs_name_the_authorizer_and_the_dashboard" {
  command = plan
  variables {
    auth      = { type = "token", ssm_parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys" }
    dashboard = true
  }

  assert {
    condition = [output.authorizer_function_name, output.authorizer_log_group_name, output.dashboard_name] == [
      "orders-authorizer", "/aws/lambda/orders-authorizer", "orders-eu-west-1"
    ]
    error_message = "the authorizer is ${output.authorizer_function_name}, the dashboard ${output.dashboard_name}"
  }
}

run "rights_are_exactly_what_the_host_does" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.server.policy).Statement == [
      { Sid = "WriteOwnLog", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "arn:aws:logs:eu-west-1:111122223333:log-group:orders:*" },
      { Sid = "ReadRequestStateKeys", Effect = "Allow", Action = "ssm:GetParameter", Resource = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp-lambda/orders/request-state-keys" },
    ]
    error_message = "the role may ${aws_iam_role_policy.server.policy}"
  }
}

run "rights_of_the_tools_are_added" {
  command = plan
  variables {
    policy_json = jsonencode({ Version = "2012-10-17", Statement = { Effect = "Allow", Action = "dynamodb:GetItem", Resource = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders" } })
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.server.policy).Statement : statement.Action][2] == "dynamodb:GetItem"
    error_message = "the role may ${aws_iam_role_policy.server.policy}"
  }
}

run "rights_of_the_tools_may_have_the_modules_own_sids" {
  command = plan
  variables {
    policy_json = jsonencode({
      Version = "2012-10-17"
      Statement = [
        { Sid = "WriteOwnLog", Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" },
        { Sid = "WriteOwnLog", Effect = "Deny", Action = ["dynamodb:PutItem"], Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } } },
        { Sid = "Not a word", Effect = "Allow", NotAction = "iam:*", Resource = "*" },
      ]
    })
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.server.policy).Statement : statement.Sid if can(statement.Sid)] == ["WriteOwnLog", "ReadRequestStateKeys"]
    error_message = "IAM refuses a policy with the same Sid twice, or with one that has other characters than letters and digits: ${aws_iam_role_policy.server.policy}"
  }
  assert {
    condition = slice(jsondecode(aws_iam_role_policy.server.policy).Statement, 2, 5) == [
      { Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" },
      { Effect = "Deny", Action = ["dynamodb:PutItem"], Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } } },
      { Effect = "Allow", NotAction = "iam:*", Resource = "*" },
    ]
    error_message = "the role may ${aws_iam_role_policy.server.policy}"
  }
}

run "preflight_is_open_and_goes_before_the_authorizer" {
  command = plan
  variables {
    auth         = { type = "iam" }
    cors_origins = ["https://app.example.com", "http://localhost:6274"]
  }

  assert {
    condition     = jsondecode(one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]).origins == ["https://app.example.com", "http://localhost:6274"]
    error_message = "the host checks the same origins as the gateway"
  }
}

run "origins_of_extensions_and_desktop_clients_are_allowed_one_by_one_by_the_host" {
  command = plan
  variables {
    cors_origins = [
      "https://app.example.com", "chrome-extension://abcdefghijklmnopabcdefghijklmnop", "vscode-file://vscode-app",
    ]
  }

  assert {
    condition     = jsondecode(one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]).origins == ["https://app.example.com", "chrome-extension://abcdefghijklmnopabcdefghijklmnop", "vscode-file://vscode-app"]
    error_message = "the host allows what is named and nothing else"
  }
}

run "every_origin_may_be_allowed_in_so_many_words" {
  command = plan
  variables { cors_origins = ["*"] }

  assert {
    condition     = jsondecode(one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]).origins == ["*"]
    error_message = "the host allows what the gateway allows"
  }
}

run "limits_themselves_are_allowed" {
  command = plan
  variables {
    name            = "a23456789012345678901234567890123456789012345678"
    memory_mb       = 10240
    timeout_seconds = 29
    throttle        = { rate = 0.5, burst = 1 }
  }
}

run "an_environment_is_measured_as_it_is_and_not_as_html" {
  command = plan
  variables { environment = { QUERY = join("", [for _ in range(300) : "a=<1>&b=2&"]) } }

  assert {
    condition     = local.environment_bytes > 3000 && local.environment_bytes < 4096
    error_message = "it has ${local.environment_bytes} bytes"
  }
}
