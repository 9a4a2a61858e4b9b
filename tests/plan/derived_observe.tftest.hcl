# What is logged, counted and traced, and that it costs nothing when it is off.

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

run "by_default_requests_are_counted_in_all_and_no_payload_is_logged" {
  command = apply

  assert {
    condition = { for key, value in jsondecode(one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]) : key => value if contains(["log_level", "log_subject", "log_payloads", "metrics", "tracing"], key) } == {
      log_level = "INFO", log_subject = "hash", log_payloads = false, metrics = "server", tracing = false
    }
    error_message = "the host is told ${one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]}"
  }
  assert {
    condition     = length(aws_cloudwatch_query_definition.server) == 0
    error_message = "no queries unless they are asked for"
  }
  assert {
    condition     = one(module.server.function.tracing_config).mode == "PassThrough" && !strcontains(aws_iam_role_policy.server.policy, "xray")
    error_message = "no trace, and no right to send one, unless it is asked for"
  }
}

run "the_host_writes_from_the_level_on_that_lambda_keeps" {
  command = apply
  variables { log_level = "ERROR" }

  assert {
    condition     = one(module.server.function.logging_config).application_log_level == "ERROR" && jsondecode(one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]).log_level == "ERROR"
    error_message = "a line that counts is raised to the level, which the host has to know"
  }
}

run "tracing_brings_the_right_to_send_traces" {
  command = apply
  variables { tracing = true }

  assert {
    condition     = one(module.server.function.tracing_config).mode == "Active" && jsondecode(one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]).tracing
    error_message = "mode is ${one(module.server.function.tracing_config).mode}"
  }
  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.server.policy).Statement : statement.Action if statement.Sid == "SendTraces"] == [["xray:PutTraceSegments", "xray:PutTelemetryRecords"]]
    error_message = "the role may ${aws_iam_role_policy.server.policy}"
  }
}

run "saved_queries_look_into_the_log_that_has_the_lines" {
  command = apply
  variables { saved_queries = true }

  assert {
    condition = { for query in aws_cloudwatch_query_definition.server : query.name => one(query.log_group_names) } == {
      "mcp/orders/slowest tools"  = "/aws/lambda/orders"
      "mcp/orders/errors by tool" = "/aws/lambda/orders"
      "mcp/orders/cold starts"    = "/aws/lambda/orders"
      "mcp/orders/refused calls"  = "/aws/vendedlogs/apigateway/orders"
    }
    error_message = "queries are ${jsonencode({ for query in aws_cloudwatch_query_definition.server : query.name => one(query.log_group_names) })}"
  }
}
