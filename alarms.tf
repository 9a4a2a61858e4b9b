locals {
  # The host answers before Lambda would end it.
  latest_answer_ms = (var.timeout_seconds - local.contract.seconds_to_answer) * 1000

  # CloudWatch's names of what the host counts.
  counted = local.contract.metrics

  # Who emits what the alarms and the dashboard look at.
  watched = {
    # By name alone: with the alias or a version as a second dimension, calls that go elsewhere would be left out.
    function   = { namespace = "AWS/Lambda", dimensions = { FunctionName = aws_lambda_function.server.function_name } }
    authorizer = { namespace = "AWS/Lambda", dimensions = { FunctionName = local.authorizer_name } }
    api        = local.front.metrics
    server     = { namespace = "${local.contract.metric_namespace}/${var.name}", dimensions = {} }
  }

  # Every alarm: it rings when a metric reaches the threshold in so many periods (seconds) in a row, or with `per`, when
  # it reaches that percentage of another metric. A null threshold is no alarm. No resource is named in here, since
  # var.alarms is checked against it before there are any.
  alarm_table = {
    function_errors = {
      source = "function", metric = "Errors", per = null, statistic = "Sum"
      period = 60, periods = 1, threshold = 1
      says   = "Calls ended without an answer of the host's: out of memory, killed at the timeout, or the process ended. Read the function's log around the platform's report. (A tool that fails and a server that cannot be started are answers: tool_error_rate and api_5xx_rate count these.)"
    }
    throttles = {
      source = "function", metric = "Throttles", per = null, statistic = "Sum"
      period = 60, periods = 1, threshold = 1
      says   = "Calls were refused because all execution environments were busy. Raise reserved_concurrency (or the account's quota), or make the tools faster."
    }
    concurrency = {
      source = "function", metric = "ConcurrentExecutions", per = null, statistic = "Maximum"
      period = 60, periods = 3, threshold = coalesce(var.reserved_concurrency, 0) > 0 ? ceil(var.reserved_concurrency * 0.8) : null
      says   = "Nearly all execution environments are busy (${var.reserved_concurrency == null ? "none reserved: the account's quota is the limit" : "${var.reserved_concurrency} reserved"}). Calls are refused next: raise reserved_concurrency, or find the caller in the access log."
    }
    p95_duration = {
      source = "function", metric = "Duration", per = null, statistic = "p95"
      period = 60, periods = 3, threshold = local.latest_answer_ms * 0.8
      says   = "One call in twenty comes close to the limit of ${var.timeout_seconds} s, where it is answered with an error. Find the slow tool in the function's log; raise memory_mb or timeout_seconds, or split the work."
    }
    deadline_hits = {
      source = "server", metric = local.counted.deadline_hits, per = null, statistic = "Sum"
      period = 300, periods = 1, threshold = 3
      says   = "Calls were given up after ${var.timeout_seconds} s, and their clients were told so. Find the tool by outcome = \"deadline\" in the function's log, and look at what it waits for."
    }
    provisioned_spillover = {
      source = "function", metric = "ProvisionedConcurrencySpilloverInvocations", per = null, statistic = "Sum"
      period = 300, periods = 1, threshold = 1
      says   = "Calls found no provisioned environment free, and started cold or waited. Raise provisioned_concurrency, or give it a max or a schedule."
    }
    tool_error_rate = {
      source = "server", metric = local.counted.tool_errors, per = local.counted.tool_calls, statistic = "Sum"
      period = 300, periods = 1, threshold = 10
      says   = "So many percent of the tool calls failed. These are HTTP 200, no other alarm sees them. Rank the tools by isError in the function's log, and look at what the worst one depends on."
    }
    api_5xx_rate = {
      source = "api", metric = local.front_metrics.failures, per = local.front_metrics.requests, statistic = "Sum"
      period = 300, periods = 1, threshold = 5
      says   = "So many percent of the requests were answered with a 5xx: the server cannot be started, or the gateway got no answer. Read status, integrationError and error in the access log, then the ERROR lines of the function's log."
    }
    auth_refused = {
      source = "server", metric = local.counted.auth_refused, per = null, statistic = "Sum"
      period = 300, periods = 1, threshold = max(20, ceil(local.throttle.rate * 300 / 100)) # a hundredth of all that gets through
      says   = "Many requests were refused with 401 or 403: somebody tries keys, or a key or an issuer has changed under the clients. Count the addresses (ip) in the access log."
    }
    authorizer_errors = {
      source = "authorizer", metric = "Errors", per = null, statistic = "Sum"
      period = 60, periods = 1, threshold = 1
      says   = "Callers got a 500 since nobody could check their keys: the SSM parameter is unreadable or malformed. The ERROR lines of /aws/lambda/${local.authorizer_name} say what is wrong with it."
    }
  }

  # Alarms that have nothing to watch, and why.
  blind_alarms = { for key, reason in {
    auth_refused          = var.auth.type == "none" ? "auth.type is \"none\": nobody is refused" : local.uncounted
    deadline_hits         = local.uncounted
    tool_error_rate       = local.uncounted
    provisioned_spillover = var.provisioned_concurrency == null ? "provisioned_concurrency is null: there is nothing to spill over" : null
    authorizer_errors     = var.auth.type == "token" ? null : "auth.type is \"${var.auth.type}\": only with token does the module have an authorizer of its own to watch"
  } : key => reason if reason != null }

  uncounted = var.metrics == "none" ? "metrics is \"none\": nothing is counted that it could look at" : null

  alarm_thresholds = merge({ for key, alarm in local.alarm_table : key => alarm.threshold }, var.alarms)

  alarms = {
    for key, alarm in local.alarm_table : key => merge(alarm, local.watched[alarm.source], { threshold = local.alarm_thresholds[key] })
    if local.alarm_thresholds[key] != null && !contains(keys(local.blind_alarms), key)
  }

  # At night a server may have five calls an hour: one failure of one call is no news, three failures are.
  share_of_failures = "IF(failures >= 3, 100 * failures / total, 0)"
}

resource "aws_cloudwatch_metric_alarm" "server" {
  for_each = local.alarms

  alarm_name        = "${var.name}-${replace(each.key, "_", "-")}"
  alarm_description = "${each.value.says} Function's log: ${aws_cloudwatch_log_group.server.name}, access log: ${local.front.log_group}. See ${each.key} in docs/operating.md."
  alarm_actions     = var.alarm_actions
  ok_actions        = var.alarm_actions
  tags              = var.tags

  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.threshold
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching" # no calls, no trouble

  # Either one metric,
  namespace          = each.value.per == null ? each.value.namespace : null
  metric_name        = each.value.per == null ? each.value.metric : null
  dimensions         = each.value.per == null ? each.value.dimensions : null
  period             = each.value.per == null ? each.value.period : null
  statistic          = each.value.per == null && !startswith(each.value.statistic, "p") ? each.value.statistic : null
  extended_statistic = startswith(each.value.statistic, "p") ? each.value.statistic : null

  # or one as a share of another.
  dynamic "metric_query" {
    for_each = each.value.per == null ? {} : { failures = each.value.metric, total = each.value.per }

    content {
      id = metric_query.key

      metric {
        namespace   = each.value.namespace
        metric_name = metric_query.value
        dimensions  = each.value.dimensions
        period      = each.value.period
        stat        = each.value.statistic
      }
    }
  }

  dynamic "metric_query" {
    for_each = each.value.per == null ? [] : [local.share_of_failures]

    content {
      id          = "share"
      label       = "${each.value.metric} per ${each.value.per}, in percent"
      expression  = metric_query.value
      return_data = true
    }
  }
}

# The gateway's refusals and the host's alike: what the gateway refuses never reaches the function.
resource "aws_cloudwatch_log_metric_filter" "auth_refused" {
  count = contains(keys(local.blind_alarms), "auth_refused") ? 0 : 1

  name           = "${var.name}-auth-refused"
  log_group_name = local.front.log_group
  pattern        = local.front.refusals

  metric_transformation {
    namespace = local.watched.server.namespace
    name      = local.counted.auth_refused
    value     = "1"
    unit      = "Count"
  }
}
