# What follows from auth.login: a function where people log in, its keys, rights and routes, and whom clients are sent to.

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
  command = apply

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

run "it_may_read_its_keys_and_the_clients_secret_and_nothing_else" {
  command = apply
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

run "a_domain_is_the_issuer_and_its_generated_name_a_resource_while_it_is_open" {
  command = apply
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
