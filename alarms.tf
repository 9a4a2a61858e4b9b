locals {
  # The host answers before Lambda would end it.
  latest_answer_ms = (var.timeout_seconds - local.contract.seconds_to_answer) * 1000

  # CloudWatch's names of what the host counts.
  counted = local.contract.metrics

  # Namespace and dimensions of the metrics that the alarms and the dashboard look at, by source.
  watched = {
    # FunctionName alone counts all calls; with Resource (an alias or a version) it would count only a part of them.
    function = { namespace = "AWS/Lambda", dimensions = { FunctionName = module.server.function.function_name } }
    # Lambda counts the use of provisioned concurrency for the alias alone (Developer Guide, "Concurrency metrics").
    alias = { namespace = "AWS/Lambda", dimensions = {
      FunctionName = module.server.function.function_name
      Resource     = "${module.server.function.function_name}:${aws_lambda_alias.live.name}"
    } }
    authorizer = { namespace = "AWS/Lambda", dimensions = { FunctionName = local.authorizer_name } }
    login      = { namespace = "AWS/Lambda", dimensions = { FunctionName = local.login_name } }
    api        = { namespace = "AWS/ApiGateway", dimensions = local.front.metric_dimensions }
    worker     = { namespace = "AWS/Lambda", dimensions = { FunctionName = local.tasks_name } }
    server     = { namespace = "${local.contract.metric_namespace}/${var.name}", dimensions = {} }
  }

  # Alarms that these inputs leave nothing to watch, and why.
  blind_alarms = { for key, reason in local.blind_reasons : key => reason if reason != null }

  blind_reasons = {
    auth_refused          = local.auth.type == "none" ? "auth.type is \"none\": nobody is refused" : local.unfiltered
    deadline_hits         = local.uncounted
    tool_error_rate       = local.uncounted
    provisioned_spillover = local.is_provisioned ? null : local.unprovisioned
    authorizer_errors     = local.own_authorizer ? local.mixed_errors : local.no_authorizer
    login_errors          = local.has_login ? null : local.no_login
    login_throttles       = local.has_login ? null : local.no_login
    worker_errors         = local.has_tasks ? null : local.no_tasks
    worker_throttles      = local.has_tasks ? null : local.no_tasks
    oldest_task           = local.has_tasks ? null : local.no_tasks
  }

  uncounted     = var.metrics == "none" ? "metrics is \"none\": nothing is counted that it could look at" : null
  unfiltered    = var.access_log ? local.uncounted : null # the gateway counts by itself
  no_login      = "auth has no login: there is no function to watch where people log in"
  no_tasks      = "tasks is null: there is no worker to watch"
  unprovisioned = "provisioned_concurrency is null: there is nothing to spill over"
  mixed_errors  = local.front_facts.refuses_by_error ? "front is \"rest\": ${local.refusals_are_errors}" : null
  no_authorizer = join(" ", [
    "auth.type is \"${local.auth.type}\":",
    "only with token does the module have an authorizer of its own to watch",
  ])

  # A REST API answers 401 only where its authorizer raises, and Lambda counts that as an error.
  refusals_are_errors = "each wrong key or token is an error of the authorizer, so it would ring at all of them"

  access_log_name = var.access_log ? one(aws_cloudwatch_log_group.access[*].name) : "none (access_log is false)"

  # The names of alarms may be shown although a threshold in var.alarms may be sensitive.
  given_alarms = nonsensitive(keys(var.alarms))
  alarm_thresholds = {
    for key, alarm in local.alarm_table :
    key => contains(local.given_alarms, key) ? var.alarms[key] : alarm.threshold
  }

  # Of a sample, the calls of tools are not counted: there the errors of tools are a share of all requests.
  totals = !local.is_sampled ? {} : {
    (local.counted.tool_calls) = merge(local.watched.function, { metric = "Invocations" })
  }

  alarms = {
    for key, alarm in local.alarm_table :
    key => merge(alarm, local.watched[alarm.source], {
      threshold = local.alarm_thresholds[key]
      total     = try(local.totals[alarm.per], merge(local.watched[alarm.source], { metric = alarm.per }))
    })
    if nonsensitive(local.alarm_thresholds[key] != null) && !contains(keys(local.blind_alarms), key)
  }

  # A server with five calls an hour would ring at its first failure: below three failures the share counts as 0.
  share_of_failures = "IF(failures >= 3, 100 * failures / total, 0)"
}

resource "aws_cloudwatch_metric_alarm" "server" {
  for_each = local.alarms

  alarm_name    = "${var.name}-${replace(each.key, "_", "-")}"
  alarm_actions = var.alarm_actions
  ok_actions    = var.alarm_actions
  tags          = var.tags

  alarm_description = join(" ", [
    each.value.says,
    "Function's log: ${aws_cloudwatch_log_group.server.name}, access log: ${local.access_log_name}.",
    "See ${each.key} in docs/operating.md.",
  ])

  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.threshold
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching" # no calls, no trouble

  # An alarm watches one metric …
  namespace          = each.value.per == null ? each.value.namespace : null
  metric_name        = each.value.per == null ? each.value.metric : null
  dimensions         = each.value.per == null ? each.value.dimensions : null
  period             = each.value.per == null ? each.value.period : null
  statistic          = each.value.per == null && !startswith(each.value.statistic, "p") ? each.value.statistic : null
  extended_statistic = startswith(each.value.statistic, "p") ? each.value.statistic : null

  # … or one metric as a share of another.
  dynamic "metric_query" {
    for_each = {
      for id, of in { failures = each.value, total = each.value.total } : id => of if each.value.per != null
    }

    content {
      id = metric_query.key

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.metric
        dimensions  = metric_query.value.dimensions
        period      = each.value.period
        stat        = each.value.statistic
      }
    }
  }

  dynamic "metric_query" {
    for_each = each.value.per == null ? [] : [local.share_of_failures]

    content {
      id          = "share"
      label       = "${each.value.metric} per ${each.value.total.metric}, in percent"
      expression  = metric_query.value
      return_data = true
    }
  }
}

# Refusals are counted from the access log, if there is one, which has the gateway's and the host's: the gateway's never
# reach the function.
resource "aws_cloudwatch_log_metric_filter" "auth_refused" {
  count = var.access_log && !contains(keys(local.blind_alarms), "auth_refused") ? 1 : 0

  name           = "${var.name}-auth-refused"
  log_group_name = one(aws_cloudwatch_log_group.access[*].name)
  pattern        = "{ ($.status = \"401\") || ($.status = \"403\") }" # the access log has strings alone

  metric_transformation {
    namespace = local.watched.server.namespace
    name      = local.counted.auth_refused
    value     = "1"
    unit      = "Count"
  }
}
