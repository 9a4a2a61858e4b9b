# What is logged, counted and traced, and that it costs nothing when it is off.

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
  auth         = { type = "iam" }
}

run "by_default_requests_are_counted_in_all_and_no_payload_is_logged" {
  command = plan

  assert {
    condition = { for key, value in jsondecode(one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]) : key => value if contains(["log_level", "log_sample_rate", "log_subject", "log_payloads", "metrics", "tracing"], key) } == {
      log_level = "INFO", log_sample_rate = 1, log_subject = "hash", log_payloads = false, metrics = "server", tracing = false
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
  command = plan
  variables { log_level = "ERROR" }

  assert {
    condition     = one(module.server.function.logging_config).application_log_level == "ERROR" && jsondecode(one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]).log_level == "ERROR"
    error_message = "a line that counts is raised to the level, which the host has to know"
  }
}

run "lambda_keeps_its_own_lines_of_what_went_wrong_alone" {
  command = plan

  assert {
    condition     = one(module.server.function.logging_config).system_log_level == "WARN"
    error_message = "two lines of each call that went well would cost more than the line that the host writes"
  }
}

run "calls_of_tools_are_counted_by_their_lines" {
  command = plan

  assert {
    condition     = { for key, filter in aws_cloudwatch_log_metric_filter.tool_calls : "${key} ${filter.log_group_name}" => filter.pattern } == { "server /aws/lambda/orders" = "{ ($.tool = \"*\") && ($.outcome = \"*\") && ($.taskStep NOT EXISTS) }" }
    error_message = "the filters are ${jsonencode(aws_cloudwatch_log_metric_filter.tool_calls)}"
  }
  assert {
    condition     = [for metric in aws_cloudwatch_log_metric_filter.tool_calls["server"].metric_transformation : "${metric.namespace} ${metric.name} ${metric.value}"] == ["MCP/orders ToolCalls 1"]
    error_message = "tool_error_rate looks at what the filter counts"
  }
}

run "a_sample_counts_no_calls_and_its_queries_go_by_weight" {
  command = plan
  variables {
    log_sample_rate = 0.01
    saved_queries   = true
    dashboard       = true
  }

  assert {
    condition     = jsondecode(one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]).log_sample_rate == 0.01 && length(aws_cloudwatch_log_metric_filter.tool_calls) == 0
    error_message = "a filter would count the lines of the sample as all calls"
  }
  assert {
    condition     = { for query in aws_cloudwatch_metric_alarm.server["tool_error_rate"].metric_query : query.id => one([for metric in query.metric : "${metric.namespace} ${metric.metric_name} ${jsonencode(metric.dimensions)}"]) if query.expression == null } == { failures = "MCP/orders ToolErrors {}", total = "AWS/Lambda Invocations {\"FunctionName\":\"orders\"}" }
    error_message = "errors are counted exactly, and so is what they are a share of"
  }
  assert {
    condition     = strcontains(aws_cloudwatch_query_definition.server["slowest tools"].query_string, "sum(coalesce(weight, 1)) as calls") && strcontains(one(aws_cloudwatch_dashboard.server).dashboard_body, "sum(coalesce(weight, 1)) as calls")
    error_message = "a line of the sample stands for a hundred calls"
  }
}

run "tracing_brings_the_right_to_send_traces" {
  command = plan
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
  command = plan
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
