# Nothing is open by accident: every `auth` that does not say exactly one way in is refused.

mock_provider "aws" {}

variables {
  name       = "orders"
  source_dir = "examples/basic/server"
  throttle   = { rate = 50, burst = 100 }
}

run "type_unknown" {
  command = plan
  variables { auth = { type = "open" } }
  expect_failures = [var.auth]
}

run "type_empty" {
  command = plan
  variables { auth = { type = "" } }
  expect_failures = [var.auth]
}

run "type_in_capitals" {
  command = plan
  variables { auth = { type = "NONE" } }
  expect_failures = [var.auth]
}

run "jwt_without_issuer" {
  command = plan
  variables { auth = { type = "jwt", audience = ["orders"] } }
  expect_failures = [var.auth]
}

run "jwt_without_audience" {
  command = plan
  variables { auth = { type = "jwt", issuer = "https://login.example.com/" } }
  expect_failures = [var.auth]
}

run "jwt_with_misspelt_audience" { # Terraform drops the key: only asking for the right one finds it
  command = plan
  variables { auth = { type = "jwt", issuer = "https://login.example.com/", audiences = ["orders"] } }
  expect_failures = [var.auth]
}

run "jwt_with_no_audience_in_the_list" {
  command = plan
  variables { auth = { type = "jwt", issuer = "https://login.example.com/", audience = [] } }
  expect_failures = [var.auth]
}

run "jwt_with_empty_audience" {
  command = plan
  variables { auth = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders", " "] } }
  expect_failures = [var.auth]
}

run "jwt_with_null_audience" {
  command = plan
  variables { auth = { type = "jwt", issuer = "https://login.example.com/", audience = [null] } }
  expect_failures = [var.auth]
}

run "jwt_with_http_issuer" {
  command = plan
  variables { auth = { type = "jwt", issuer = "http://login.example.com/", audience = ["orders"] } }
  expect_failures = [var.auth]
}

run "jwt_with_issuer_without_scheme" {
  command = plan
  variables { auth = { type = "jwt", issuer = "login.example.com", audience = ["orders"] } }
  expect_failures = [var.auth]
}

run "jwt_with_empty_issuer" {
  command = plan
  variables { auth = { type = "jwt", issuer = "", audience = ["orders"] } }
  expect_failures = [var.auth]
}

run "jwt_with_two_scopes_in_one" {
  command = plan
  variables { auth = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"], scopes = ["read write"] } }
  expect_failures = [var.auth]
}

run "none_with_issuer" {
  command = plan
  variables { auth = { type = "none", issuer = "https://login.example.com/" } }
  expect_failures = [var.auth]
}

run "none_with_audience" {
  command = plan
  variables { auth = { type = "none", audience = ["orders"] } }
  expect_failures = [var.auth]
}

run "iam_with_scopes" {
  command = plan
  variables { auth = { type = "iam", scopes = ["orders/read"] } }
  expect_failures = [var.auth]
}

run "none_with_keys" {
  command = plan
  variables { auth = { type = "none", ssm_parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys" } }
  expect_failures = [var.auth]
}

run "none_with_function" {
  command = plan
  variables { auth = { type = "none", function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:door" } }
  expect_failures = [var.auth]
}

run "iam_with_ttl" {
  command = plan
  variables { auth = { type = "iam", ttl = 60 } }
  expect_failures = [var.auth]
}

run "jwt_with_header" {
  command = plan
  variables { auth = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"], header = "x-api-key" } }
  expect_failures = [var.auth]
}

run "jwt_with_identity_sources" {
  command = plan
  variables { auth = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"], identity_sources = ["$request.header.X-Key"] } }
  expect_failures = [var.auth]
}

run "token_without_parameter" {
  command = plan
  variables { auth = { type = "token" } }
  expect_failures = [var.auth]
}

run "token_with_misspelt_parameter" {
  command = plan
  variables { auth = { type = "token", ssm_paramter = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys" } }
  expect_failures = [var.auth]
}

run "token_with_empty_parameter" {
  command = plan
  variables { auth = { type = "token", ssm_parameter = "" } }
  expect_failures = [var.auth]
}

run "token_with_name_of_parameter" {
  command = plan
  variables { auth = { type = "token", ssm_parameter = "/mcp/keys" } }
  expect_failures = [var.auth]
}

run "token_with_version_of_parameter" {
  command = plan
  variables { auth = { type = "token", ssm_parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys:3" } }
  expect_failures = [var.auth]
}

run "token_with_all_parameters" {
  command = plan
  variables { auth = { type = "token", ssm_parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/*" } }
  expect_failures = [var.auth]
}

run "token_with_secret_of_secrets_manager" {
  command = plan
  variables { auth = { type = "token", ssm_parameter = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:keys" } }
  expect_failures = [var.auth]
}

run "token_with_header_in_capitals" {
  command = plan
  variables { auth = { type = "token", ssm_parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys", header = "Authorization" } }
  expect_failures = [var.auth]
}

run "token_with_another_header" {
  command = plan
  variables { auth = { type = "token", ssm_parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys", header = "x-token" } }
  expect_failures = [var.auth]
}

run "token_with_empty_header" {
  command = plan
  variables { auth = { type = "token", ssm_parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys", header = "" } }
  expect_failures = [var.auth]
}

run "token_with_scopes" {
  command = plan
  variables { auth = { type = "token", ssm_parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys", scopes = ["orders:read"] } }
  expect_failures = [var.auth]
}

run "token_with_function" {
  command = plan
  variables { auth = { type = "token", ssm_parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys", function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:door" } }
  expect_failures = [var.auth]
}

run "token_with_issuer" {
  command = plan
  variables { auth = { type = "token", ssm_parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys", issuer = "https://login.example.com/" } }
  expect_failures = [var.auth]
}

run "ttl_negative" {
  command = plan
  variables { auth = { type = "token", ssm_parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys", ttl = -1 } }
  expect_failures = [var.auth]
}

run "ttl_over_an_hour" {
  command = plan
  variables { auth = { type = "token", ssm_parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys", ttl = 3601 } }
  expect_failures = [var.auth]
}

run "ttl_not_whole" {
  command = plan
  variables { auth = { type = "lambda", function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:door", ttl = 0.5 } }
  expect_failures = [var.auth]
}

run "lambda_without_function" {
  command = plan
  variables { auth = { type = "lambda" } }
  expect_failures = [var.auth]
}

run "lambda_with_empty_function" {
  command = plan
  variables { auth = { type = "lambda", function_arn = "" } }
  expect_failures = [var.auth]
}

run "lambda_with_name_of_function" {
  command = plan
  variables { auth = { type = "lambda", function_arn = "door" } }
  expect_failures = [var.auth]
}

run "lambda_with_invoke_arn" {
  command = plan
  variables { auth = { type = "lambda", function_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:111122223333:function:door/invocations" } }
  expect_failures = [var.auth]
}

run "lambda_with_latest" {
  command = plan
  variables { auth = { type = "lambda", function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:door:$LATEST" } }
  expect_failures = [var.auth]
}

run "lambda_with_parameter" {
  command = plan
  variables { auth = { type = "lambda", function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:door", ssm_parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys" } }
  expect_failures = [var.auth]
}

run "lambda_with_credential_in_the_query" {
  command = plan
  variables { auth = { type = "lambda", function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:door", identity_sources = ["$request.querystring.key"] } }
  expect_failures = [var.auth]
}

run "lambda_with_source_of_a_rest_api" {
  command = plan
  variables { auth = { type = "lambda", function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:door", identity_sources = ["method.request.header.Authorization"] } }
  expect_failures = [var.auth]
}

run "lambda_with_route_as_only_source" {
  command = plan
  variables { auth = { type = "lambda", function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:door", identity_sources = ["$context.routeKey"] } }
  expect_failures = [var.auth]
}

run "lambda_with_bare_header" {
  command = plan
  variables { auth = { type = "lambda", function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:door", identity_sources = ["Authorization"] } }
  expect_failures = [var.auth]
}

run "lambda_with_null_source" {
  command = plan
  variables { auth = { type = "lambda", function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:door", identity_sources = [null] } }
  expect_failures = [var.auth]
}

run "lambda_cached_by_nothing" {
  command = plan
  variables { auth = { type = "lambda", function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:door", identity_sources = [] } }
  expect_failures = [var.auth]
}

run "lambda_cached_by_nothing_for_a_while" {
  command = plan
  variables { auth = { type = "lambda", function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:door", identity_sources = [], ttl = 5 } }
  expect_failures = [var.auth]
}

run "scopes_where_nobody_has_any" {
  command = plan
  variables {
    auth            = { type = "none" }
    required_scopes = { "tools/refund" = ["orders:write"] }
  }
  expect_failures = [var.required_scopes]
}

run "scopes_for_iam" {
  command = plan
  variables {
    auth            = { type = "iam" }
    required_scopes = { "tools/refund" = ["orders:write"] }
  }
  expect_failures = [var.required_scopes]
}

run "scopes_of_a_bare_name" {
  command = plan
  variables {
    auth            = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"] }
    required_scopes = { refund = ["orders:write"] }
  }
  expect_failures = [var.required_scopes]
}

run "scopes_of_tool_in_singular" {
  command = plan
  variables {
    auth            = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"] }
    required_scopes = { "tool/refund" = ["orders:write"] }
  }
  expect_failures = [var.required_scopes]
}

run "scopes_of_no_tool" {
  command = plan
  variables {
    auth            = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"] }
    required_scopes = { "tools/" = ["orders:write"] }
  }
  expect_failures = [var.required_scopes]
}

run "scopes_of_tool_with_space" {
  command = plan
  variables {
    auth            = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"] }
    required_scopes = { "tools/re fund" = ["orders:write"] }
  }
  expect_failures = [var.required_scopes]
}

run "scopes_of_resource_without_scheme" {
  command = plan
  variables {
    auth            = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"] }
    required_scopes = { "resources/orders" = ["orders:write"] }
  }
  expect_failures = [var.required_scopes]
}

run "no_scopes_in_the_list" {
  command = plan
  variables {
    auth            = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"] }
    required_scopes = { "tools/refund" = [] }
  }
  expect_failures = [var.required_scopes]
}

run "null_scopes" {
  command = plan
  variables {
    auth            = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"] }
    required_scopes = { "tools/refund" = null }
  }
  expect_failures = [var.required_scopes]
}

run "empty_scope" {
  command = plan
  variables {
    auth            = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"] }
    required_scopes = { "tools/refund" = [""] }
  }
  expect_failures = [var.required_scopes]
}

run "null_scope" {
  command = plan
  variables {
    auth            = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"] }
    required_scopes = { "tools/refund" = [null] }
  }
  expect_failures = [var.required_scopes]
}

run "two_scopes_in_one" {
  command = plan
  variables {
    auth            = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"] }
    required_scopes = { "tools/refund" = ["orders:read orders:write"] }
  }
  expect_failures = [var.required_scopes]
}

run "scope_with_quote" {
  command = plan
  variables {
    auth            = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"] }
    required_scopes = { "tools/refund" = ["orders\"write"] }
  }
  expect_failures = [var.required_scopes]
}

run "scope_with_backslash" {
  command = plan
  variables {
    auth            = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"] }
    required_scopes = { "tools/refund" = ["orders\\write"] }
  }
  expect_failures = [var.required_scopes]
}

run "scope_beyond_ascii" {
  command = plan
  variables {
    auth            = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"] }
    required_scopes = { "tools/refund" = ["bücher:lesen"] }
  }
  expect_failures = [var.required_scopes]
}

run "scopes_joined_by_comma" {
  command = plan
  variables {
    auth            = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"] }
    required_scopes = { "tools/refund" = ["orders:read,orders:write"] }
  }
  expect_failures = [var.required_scopes]
}

run "alarm_of_an_authorizer_that_is_not_there" {
  command = plan
  variables {
    auth   = { type = "iam" }
    alarms = { authorizer_errors = 5 }
  }
  expect_failures = [var.alarms]
}

run "alarm_of_refusals_by_a_server_that_is_open" {
  command = plan
  variables {
    auth   = { type = "none" }
    alarms = { auth_refused = 50 }
  }
  expect_failures = [var.alarms]
}
