# What follows from auth.login: a function where people log in, its keys, rights and routes, and whom clients are sent to.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

override_resource { # which the dashboard names
  target          = aws_cloudwatch_metric_alarm.server
  values          = { arn = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:orders" }
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
  auth = {
    type     = "jwt"
    issuer   = "https://login.example.com/"
    audience = ["desk"]
    scopes   = ["orders/call"]
    login = {
      client_id     = "desk"
      client_secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:desk-AbCdEf"
      scopes        = ["offline_access"]
    }
  }
}

run "clients_are_sent_to_the_modules_own_authorization_server" {
  command = plan

  assert {
    condition     = jsondecode(one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]).issuer == "https://abc123.execute-api.eu-west-1.amazonaws.com"
    error_message = "the host names ${jsondecode(one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]).issuer}"
  }
  assert {
    condition     = output.login_callback_url == "https://abc123.execute-api.eu-west-1.amazonaws.com/oauth/callback" && output.login_function_name == "orders-login" && output.login_log_group_name == "/aws/lambda/orders-login"
    error_message = "the provider is told ${output.login_callback_url}"
  }
  assert {
    condition = jsondecode(one(one(aws_lambda_function.login).environment).variables["MCP_LOGIN_SETTINGS"]) == {
      name            = "orders"
      origin          = "https://abc123.execute-api.eu-west-1.amazonaws.com"
      resources       = ["https://abc123.execute-api.eu-west-1.amazonaws.com/mcp"]
      paths           = jsondecode(file("function/mcp_lambda_host/contract.json")).login_routes
      scopes          = ["orders/call"]
      further_scopes  = ["offline_access"]
      cors_origins    = []
      issuer          = "https://login.example.com/"
      client_id       = "desk"
      client_secret   = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:desk-AbCdEf"
      allowed_clients = null
      keys_parameter  = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp-lambda/orders/request-state-keys"
      keys            = ["1"]
    }
    error_message = "the login is told ${one(one(aws_lambda_function.login).environment).variables["MCP_LOGIN_SETTINGS"]}"
  }
}

run "it_has_alarms_of_its_own_and_its_lines_in_the_dashboard" {
  command = plan
  variables { dashboard = true }

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.server : key => "${alarm.metric_name} of ${alarm.dimensions.FunctionName} at ${alarm.threshold}, ${alarm.evaluation_periods} × ${alarm.period} s" if strcontains(jsonencode(alarm.dimensions), "orders-login") } == {
      login_errors    = "Errors of orders-login at 1, 1 × 60 s"
      login_throttles = "Throttles of orders-login at 1, 1 × 60 s"
    }
    error_message = "the alarms are ${jsonencode(keys(aws_cloudwatch_metric_alarm.server))}"
  }
  assert {
    condition = toset([
      for metric in flatten([for widget in jsondecode(one(aws_cloudwatch_dashboard.server).dashboard_body).widgets : [for line in try(widget.properties.metrics, []) : "${line[1]} of ${line[3]}" if try(line[2], "") == "FunctionName"]]) : metric if endswith(metric, "orders-login")
    ]) == toset(["Invocations of orders-login", "Errors of orders-login", "Throttles of orders-login"])
    error_message = "the dashboard is ${one(aws_cloudwatch_dashboard.server).dashboard_body}"
  }
}

run "it_may_read_its_keys_and_the_clients_secret_and_nothing_else" {
  command = plan
  variables { kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd" }

  assert {
    condition = jsondecode(one(aws_iam_role_policy.login).policy).Statement == [
      { Sid = "WriteOwnLog", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "arn:aws:logs:eu-west-1:111122223333:log-group:orders:*" },
      { Sid = "ReadKeys", Effect = "Allow", Action = "ssm:GetParameter", Resource = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp-lambda/orders/request-state-keys" },
      { Sid = "ReadClientSecret", Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:desk-AbCdEf"] },
      { Sid = "OpenParameters", Effect = "Allow", Action = "kms:Decrypt", Resource = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd", Condition = { StringEquals = { "kms:EncryptionContext:PARAMETER_ARN" = ["arn:aws:ssm:eu-west-1:111122223333:parameter/mcp-lambda/orders/request-state-keys"] } } },
      { Sid = "OpenSecrets", Effect = "Allow", Action = "kms:Decrypt", Resource = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd", Condition = { StringEquals = { "kms:EncryptionContext:SecretARN" = ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:desk-AbCdEf"] } } },
    ]
    error_message = "the role may ${one(aws_iam_role_policy.login).policy}"
  }
}

run "a_domain_is_the_issuer_and_its_generated_name_a_resource_while_it_is_open" {
  command = plan
  variables {
    front         = "rest"
    custom_domain = { domain_name = "mcp.example.com", certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd", keep_generated = "true" }
  }

  assert {
    condition     = output.login_callback_url == "https://mcp.example.com/oauth/callback" && jsondecode(one(one(aws_lambda_function.login).environment).variables["MCP_LOGIN_SETTINGS"]).origin == "https://mcp.example.com"
    error_message = "the provider is told ${output.login_callback_url}"
  }
  assert {
    condition     = length(jsondecode(one(one(aws_lambda_function.login).environment).variables["MCP_LOGIN_SETTINGS"]).resources) == 2
    error_message = "clients that know the generated name could not log in"
  }
}

run "without_login_there_is_none" {
  command = plan
  variables { auth = { type = "jwt", issuer = "https://login.example.com/", audience = ["desk"] } }

  assert {
    condition     = length(aws_lambda_function.login) + length(aws_ssm_parameter.login_keys) + length(terraform_data.login_key) == 0
    error_message = "there is a function that nobody asked for"
  }
}
