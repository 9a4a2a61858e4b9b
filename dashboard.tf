locals {
  # Dollars in us-east-1, noted in 2026-11 from AWS's price lists; free tiers are not deducted. Other regions differ.
  prices = {
    requests    = local.front_facts.dollars_per_million / 1000000
    invocations = 0.20 / 1000000
    gb_seconds  = var.architecture == "arm64" ? 0.0000133334 : 0.0000166667
    writes      = 0.625 / 1000000
    reads       = 0.125 / 1000000
    log_gb      = { STANDARD = 0.50, INFREQUENT_ACCESS = 0.25 }
  }

  # Charts of metrics: source (a key of local.watched), metric and statistic of each line, and limits to draw.
  charts = {
    requests = {
      title = "Requests", limits = {}
      lines = concat([
        ["api", local.front_metrics.requests, "Sum"], ["function", "Invocations", "Sum"],
      ], local.has_login ? [["login", "Invocations", "Sum"]] : [])
    }
    errors = {
      title = "Errors", limits = {}
      lines = concat([
        ["api", local.front_metrics.failures, "Sum"], ["function", "Errors", "Sum"], ["function", "Throttles", "Sum"],
        ["server", local.counted.tool_errors, "Sum"], ["server", local.counted.deadline_hits, "Sum"],
        ["server", local.counted.oversize_answers, "Sum"],
      ], local.has_login ? [["login", "Errors", "Sum"], ["login", "Throttles", "Sum"]] : [])
    }
    latency = {
      title = "Latency, ms", limits = { "timeout_seconds" = var.timeout_seconds * 1000 }
      lines = [
        ["function", "Duration", "p50"], ["function", "Duration", "p95"], ["function", "Duration", "p99"],
        ["api", local.front_metrics.latency, "p95"],
      ]
    }
    cold_starts = {
      title = "Cold starts", limits = {}
      lines = [["server", local.counted.cold_starts, "Sum"]]
    }
    concurrency = {
      title  = "Calls at once"
      limits = var.reserved_concurrency == null ? {} : { reserved_concurrency = var.reserved_concurrency }
      lines  = [["function", "ConcurrentExecutions", "Maximum"]]
    }
    refused = {
      title = "Refused", limits = {}
      lines = [
        [local.refusals.source, local.refusals.metric, "Sum"], ["server", local.counted.request_state_refused, "Sum"],
      ]
    }
    tasks = {
      title = "Tasks", limits = {}
      lines = [for step in ["started", "completed", "failed", "cancelled", "expired"] : [
        "server", local.counted["tasks_${step}"], "Sum"
      ]]
    }
    task_times = {
      title = "Times of tasks, ms", limits = {}
      lines = [
        ["server", local.counted.task_duration, "p50"], ["server", local.counted.task_duration, "p95"],
        ["server", local.counted.task_age, "p95"], ["worker", "AsyncEventAge", "Maximum"],
      ]
    }
    workers = {
      title  = "Workers at once"
      limits = try({ "tasks.reserved_concurrency" = coalesce(local.tasks.reserved_concurrency) }, {})
      lines = [
        ["worker", "ConcurrentExecutions", "Maximum"], ["worker", "Throttles", "Sum"], ["worker", "Errors", "Sum"],
      ]
    }
  }

  # Dimensions in the form of a widget's metric: name, value, name, value …
  pairs = { for source, watched in local.watched : source => flatten([
    for name, value in watched.dimensions : [name, value]
  ]) }

  chart_widgets = { for key, chart in local.charts : key => {
    type = "metric"
    properties = {
      title  = chart.title
      region = local.region
      period = 300
      metrics = [for line in chart.lines : concat(
        [local.watched[line[0]].namespace, line[1]],
        local.pairs[line[0]],
        [{ stat = line[2], label = "${line[0]}: ${line[1]}${startswith(line[2], "p") ? " ${line[2]}" : ""}" }],
      )]
      annotations = { horizontal = [for label, value in chart.limits : { label = label, value = value }] }
    }
  } }

  # Without alarms there is no widget for them: CloudWatch refuses an empty list.
  alarm_widgets = length(aws_cloudwatch_metric_alarm.server) == 0 ? [] : [{
    type       = "alarm"
    properties = { title = "Alarms", alarms = values(aws_cloudwatch_metric_alarm.server)[*].arn }
  }]

  # Ranks the tools by the host's request lines, since metrics by tool cost extra (var.metrics).
  tools_widget = {
    type = "log"
    properties = {
      title  = "Tools"
      region = local.region
      view   = "table"
      query = join("\n| ", [
        "SOURCE '${aws_cloudwatch_log_group.server.name}'",
        "filter ispresent(tool)",
        "stats ${local.line_calls} as calls, ${local.failed_calls} as failed, ${local.call_times} by tool",
        "sort calls desc",
        "limit 20",
      ])
    }
  }

  # Estimates the costs that grow with traffic: without alarms, stored logs, traffic out and provisioned concurrency.
  cost_widget = {
    type = "metric"
    properties = {
      title   = "Cost a day, dollars"
      region  = local.region
      stacked = true
      period  = 86400
      start   = "-P14D"
      metrics = concat(
        [for id, metric in local.cost_metrics : concat(metric, [{ id = id, stat = "Sum", visible = false }])],
        [for label, dollars in local.costs : [{ expression = dollars, label = label }]],
      )
    }
  }

  cost_metrics = merge(local.call_cost_metrics, local.has_tasks ? local.task_cost_metrics : {})

  task_cost_metrics = {
    task_milliseconds = ["AWS/Lambda", "Duration", "FunctionName", local.tasks_name]
    writes            = ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", local.tasks_name]
    reads             = ["AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", local.tasks_name]
  }

  call_cost_metrics = {
    requests     = concat([local.watched.api.namespace, local.front_metrics.requests], local.pairs.api)
    invocations  = ["AWS/Lambda", "Invocations", "FunctionName", module.server.function.function_name]
    milliseconds = ["AWS/Lambda", "Duration", "FunctionName", module.server.function.function_name]
    bytes        = ["AWS/Logs", "IncomingBytes", "LogGroupName", aws_cloudwatch_log_group.server.name]
  }

  gb_seconds = "milliseconds / 1000 * ${var.memory_mb / 1024}"

  task_gb_seconds = "task_milliseconds / 1000 * ${try(local.tasks.memory_mb, 0) / 1024}"

  costs = merge(local.call_costs, local.has_tasks ? local.task_costs : {})

  task_costs = {
    "workers" = "${local.task_gb_seconds} * ${local.prices.gb_seconds}"
    "table"   = "writes * ${local.prices.writes} + reads * ${local.prices.reads}"
  }

  call_costs = {
    "API"    = "requests * ${local.prices.requests}"
    "Lambda" = "invocations * ${local.prices.invocations} + ${local.gb_seconds} * ${local.prices.gb_seconds}"
    "log"    = "bytes / 1000000000 * ${local.prices.log_gb[var.log_group_class]}"
  }

  # Rows of widgets of the same width; all are of the same height.
  dashboard_rows = concat(local.call_rows, local.has_tasks ? [
    [for chart in ["tasks", "task_times", "workers"] : local.chart_widgets[chart]],
  ] : [])

  call_rows = [
    concat(local.alarm_widgets, [local.chart_widgets.requests, local.chart_widgets.errors]),
    [for chart in ["latency", "cold_starts", "concurrency", "refused"] : local.chart_widgets[chart]],
    [local.tools_widget, local.cost_widget],
  ]
}

resource "aws_cloudwatch_dashboard" "server" {
  count = var.dashboard ? 1 : 0

  dashboard_name = "${var.name}-${local.region}" # an account has its dashboards in common for all regions
  dashboard_body = jsonencode({
    start          = "-PT12H"
    periodOverride = "inherit" # or a cost a day would become one of five minutes
    widgets = flatten([for y, row in local.dashboard_rows : [for x, widget in row : merge(widget, {
      x = x * 24 / length(row), y = y * 6, width = 24 / length(row), height = 6
    })]])
  })
}
