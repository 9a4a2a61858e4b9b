# Which alarms there are, what they look at and what they ring at. As in derived.tftest.hcl, planned with a mocked provider.

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
  auth         = { type = "iam" }
}

run "thresholds_follow_the_limits" {
  command = plan
  variables {
    timeout_seconds      = 10
    reserved_concurrency = 7
    throttle             = { rate = 60, burst = 100 }
  }

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.server : key => alarm.threshold } == {
      function_errors = 1, throttles = 1, concurrency = 6, p95_duration = 7600
      deadline_hits   = 3, tool_error_rate = 10, api_5xx_rate = 5, auth_refused = 180
    }
    error_message = "thresholds are ${jsonencode({ for key, alarm in aws_cloudwatch_metric_alarm.server : key => alarm.threshold })}"
  }
}

run "few_refusals_are_no_surge_however_low_the_throttle" {
  command = plan
  variables { throttle = { rate = 1, burst = 5 } }

  assert {
    condition     = aws_cloudwatch_metric_alarm.server["auth_refused"].threshold == 20
    error_message = "a client that looks for its token is refused a few times, and rings nobody"
  }
}

run "overridden_and_switched_off_one_by_one" {
  command = plan
  variables { alarms = { function_errors = 5, throttles = null, authorizer_errors = null } }

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.server), "throttles") && aws_cloudwatch_metric_alarm.server["function_errors"].threshold == 5 && aws_cloudwatch_metric_alarm.server["api_5xx_rate"].threshold == 5
    error_message = "null switches off, a number overrides, the rest stays"
  }
}

run "an_open_server_has_no_refusals_to_count" {
  command = plan
  variables {
    auth     = { type = "none" }
    throttle = { rate = 50, burst = 100 }
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.server), "auth_refused") && length(aws_cloudwatch_log_metric_filter.auth_refused) == 0
    error_message = "what is off costs nothing"
  }
}

run "refusals_are_counted_in_the_access_log" {
  command = plan

  assert {
    condition     = one(aws_cloudwatch_log_metric_filter.auth_refused).log_group_name == "/aws/vendedlogs/apigateway/orders" && one(aws_cloudwatch_log_metric_filter.auth_refused).pattern == "{ ($.status = \"401\") || ($.status = \"403\") }"
    error_message = "the filter is ${jsonencode(one(aws_cloudwatch_log_metric_filter.auth_refused))}"
  }
  assert {
    condition     = [for metric in one(aws_cloudwatch_log_metric_filter.auth_refused).metric_transformation : "${metric.namespace} ${metric.name}"] == ["${aws_cloudwatch_metric_alarm.server["auth_refused"].namespace} ${aws_cloudwatch_metric_alarm.server["auth_refused"].metric_name}"]
    error_message = "the alarm looks at what the filter counts"
  }

  # One metric or one as a share of another.
  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.server : key => "${alarm.namespace} ${alarm.metric_name} ${coalesce(alarm.statistic, alarm.extended_statistic)}, ${alarm.evaluation_periods} × ${alarm.period} s" if length(alarm.metric_query) == 0 } == {
      function_errors = "AWS/Lambda Errors Sum, 1 × 60 s"
      throttles       = "AWS/Lambda Throttles Sum, 1 × 60 s"
      concurrency     = "AWS/Lambda ConcurrentExecutions Maximum, 3 × 60 s"
      p95_duration    = "AWS/Lambda Duration p95, 3 × 60 s"
      deadline_hits   = "MCP/orders DeadlineHits Sum, 1 × 300 s"
      auth_refused    = "MCP/orders AuthRefused Sum, 1 × 300 s"
    }
    error_message = "an alarm looks at something else"
  }
  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.server : key => { for query in alarm.metric_query : query.id => query.expression != null ? query.expression : one([for metric in query.metric : "${metric.namespace} ${metric.metric_name} ${metric.stat} ${metric.period}"]) } if length(alarm.metric_query) > 0 } == {
      tool_error_rate = { failures = "MCP/orders ToolErrors Sum 300", total = "MCP/orders ToolCalls Sum 300", share = "IF(failures >= 3, 100 * failures / total, 0)" }
      api_5xx_rate    = { failures = "AWS/ApiGateway 5xx Sum 300", total = "AWS/ApiGateway Count Sum 300", share = "IF(failures >= 3, 100 * failures / total, 0)" }
    }
    error_message = "a share is of something else"
  }

  # A description says where to look.
  assert {
    condition     = alltrue([for key, alarm in aws_cloudwatch_metric_alarm.server : length(alarm.alarm_description) <= 1024 && endswith(alarm.alarm_description, "Function's log: /aws/lambda/orders, access log: /aws/vendedlogs/apigateway/orders. See ${key} in docs/operating.md.")])
    error_message = "CloudWatch takes 1024 characters, and they have to name the logs"
  }
}

run "unreserved_has_no_concurrency_alarm" {
  command = plan
  variables { reserved_concurrency = null }

  assert {
    condition     = module.server.function.reserved_concurrent_executions == -1 && !contains(keys(aws_cloudwatch_metric_alarm.server), "concurrency")
    error_message = "without a limit there is nothing to come close to"
  }
}

run "switched_off_is_not_unreserved" {
  command = plan
  variables { reserved_concurrency = 0 }

  assert {
    condition     = module.server.function.reserved_concurrent_executions == 0 && aws_cloudwatch_metric_alarm.server["concurrency"].threshold == 1
    error_message = "0 is the off switch, not unreserved"
  }
}
