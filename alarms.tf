locals {
  # What each alarm rings at (and from) unless var.alarms says otherwise; null: no alarm.
  alarm_thresholds = {
    function_errors   = 1
    throttles         = 1
    p95_duration      = var.timeout_seconds * 1000 * 0.8
    concurrency       = coalesce(var.reserved_concurrency, 0) > 0 ? ceil(var.reserved_concurrency * 0.8) : null
    api_5xx           = 1
    authorizer_errors = var.auth.type == "token" ? 1 : null
  }

  # By name alone: with the alias or a version as a second dimension, calls that go elsewhere would be left out.
  function_metrics = { namespace = "AWS/Lambda", dimensions = { FunctionName = aws_lambda_function.server.function_name } }

  alarm_metrics = {
    function_errors = merge(local.function_metrics, {
      metric = "Errors", statistic = "Sum", minutes = 1
      says   = "Calls ended without an answer: an exception outside a tool, a failed start or the timeout. Read the ERROR lines of ${aws_cloudwatch_log_group.server.name}. (A tool that fails is an answer and not counted here.)"
    })
    throttles = merge(local.function_metrics, {
      metric = "Throttles", statistic = "Sum", minutes = 1
      says   = "Calls were refused because all execution environments were busy. Raise reserved_concurrency (or the account's quota), or make the tools faster."
    })
    p95_duration = merge(local.function_metrics, {
      metric = "Duration", statistic = "p95", minutes = 3
      says   = "One call in twenty comes close to the limit of ${var.timeout_seconds} s, where it is answered with an error. Find the slow tool in the log; raise memory_mb or timeout_seconds, or split the work."
    })
    concurrency = merge(local.function_metrics, {
      metric = "ConcurrentExecutions", statistic = "Maximum", minutes = 3
      says   = "Nearly all reserved execution environments are busy (${coalesce(var.reserved_concurrency, 0)} reserved). Calls are refused next: raise reserved_concurrency, or find the caller in ${local.front.log_group}."
    })
    api_5xx = merge(local.front.errors_5xx, {
      statistic = "Sum", minutes = 1
      says      = "Clients got a 5xx. Read status, integrationError and error in ${local.front.log_group}, then ${aws_cloudwatch_log_group.server.name}."
    })
    authorizer_errors = {
      namespace = "AWS/Lambda", dimensions = { FunctionName = local.authorizer_name }
      metric    = "Errors", statistic = "Sum", minutes = 1
      says      = "Callers got a 500 since nobody could check their keys: the SSM parameter is unreadable or malformed. The ERROR lines of /aws/lambda/${local.authorizer_name} say what is wrong with it."
    }
  }

  alarms = { for key, threshold in merge(local.alarm_thresholds, var.alarms) : key => merge(local.alarm_metrics[key], { threshold = threshold }) if threshold != null }
}

resource "aws_cloudwatch_metric_alarm" "server" {
  for_each = local.alarms

  alarm_name        = "${var.name}-${replace(each.key, "_", "-")}"
  alarm_description = each.value.says
  alarm_actions     = var.alarm_actions
  ok_actions        = var.alarm_actions
  tags              = var.tags

  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = each.value.minutes
  treat_missing_data  = "notBreaching" # no calls, no trouble
}
