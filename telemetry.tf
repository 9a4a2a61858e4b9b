locals {
  # Days that CloudWatch can keep a log.
  log_retentions = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
  ]

  log_group_classes = ["STANDARD", "INFREQUENT_ACCESS"]
  system_log_levels = ["DEBUG", "INFO", "WARN"]

  # A line of a sample stands for several calls, and says for how many.
  is_sampled   = var.log_sample_rate < 1
  failed_calls = "sum(1 - strcontains(outcome, \"ok\"))"
  line_calls   = local.is_sampled ? "sum(coalesce(weight, 1))" : "count(*)"

  # A log group cannot change its class. So groups of another class have another name, which no other server has.
  log_group_suffix = var.log_group_class == "STANDARD" ? "" : "/infrequent-access"

  # X-Ray's actions take no ARN (Service Authorization Reference, "AWS X-Ray").
  tracing_statements = var.tracing ? [{
    Sid      = "SendTraces"
    Effect   = "Allow"
    Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    Resource = "*"
  }] : []

  # Logs with lines of calls, by the function that writes them, and which of their calls of tools run the tool: the
  # server makes tasks of some, and a worker may find that there is nothing left to do.
  call_logs = merge(
    { server = { name = aws_cloudwatch_log_group.server.name, runs = "($.taskStep NOT EXISTS)" } },
    { for group in aws_cloudwatch_log_group.worker : "worker" => {
      name = group.name, runs = "($.outcome != \"cancelled\") && ($.outcome != \"duplicate\")"
    } },
  )

  # Statistics of calls and of cold starts, in the query language of CloudWatch Logs Insights.
  call_times  = "pct(durationMs, 50) as p50, pct(durationMs, 95) as p95, max(durationMs) as slowest"
  start_times = "pct(initDurationMs, 50) as p50, max(initDurationMs) as slowest"

  # Queries for CloudWatch Logs Insights, by name. What the gateway has refused is in the access log alone.
  queries = merge(
    local.call_queries, var.access_log ? local.gateway_queries : {}, local.has_tasks ? local.task_queries : {}
  )

  task_queries = {
    "slowest tasks" = {
      log_group = local.tasks_log
      text      = <<-EOT
        filter ispresent(taskStep)
        | stats count(*) as tasks, ${local.call_times}, max(taskAgeMs) as oldest by tool
        | sort p95 desc
      EOT
    }
    "tasks that did not complete" = {
      log_group = local.tasks_log
      text      = <<-EOT
        filter ispresent(taskStep) and taskStep not in ["completed", "input_required"]
        | stats count(*) as tasks, latest(task) as last by tool, taskStep, outcome, errorCode
        | sort tasks desc
      EOT
    }
  }

  call_queries = {
    "slowest tools" = {
      log_group = aws_cloudwatch_log_group.server.name
      text      = <<-EOT
        filter ispresent(tool)
        | stats ${local.line_calls} as calls, ${local.call_times} by tool
        | sort p95 desc
      EOT
    }
    "errors by tool" = {
      log_group = aws_cloudwatch_log_group.server.name
      text      = <<-EOT
        filter ispresent(tool) and outcome != "ok"
        | stats count(*) as errors, latest(requestId) as last by tool, outcome, errorCode
        | sort errors desc
      EOT
    }
    "cold starts" = {
      log_group = aws_cloudwatch_log_group.server.name
      text      = <<-EOT
        filter ispresent(initDurationMs)
        | stats count(*) as starts, ${local.start_times} by bin(1h) as hour
        | sort hour desc
      EOT
    }
  }

  gateway_queries = {
    "refused calls" = {
      log_group = one(aws_cloudwatch_log_group.access[*].name)
      text      = <<-EOT
        filter status in ["401", "403", "421", "429"]
        | stats count(*) as calls by status, ip, request, error
        | sort calls desc
      EOT
    }
  }
}

resource "aws_cloudwatch_log_group" "server" {
  name              = "/aws/lambda/${var.name}${local.log_group_suffix}"
  log_group_class   = var.log_group_class
  skip_destroy      = var.log_groups_kept
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

# Counts the calls of tools by what their lines have anyway, where the embedded metric format would take more bytes. It
# would miss those that are not in a sample. A member "exists" where it equals "*".
resource "aws_cloudwatch_log_metric_filter" "tool_calls" {
  for_each = { for key, group in local.call_logs : key => group if var.metrics != "none" && !local.is_sampled }

  name           = "${var.name}-tool-calls-${each.key}"
  log_group_name = each.value.name
  pattern        = "{ ($.tool = \"*\") && ($.outcome = \"*\") && ${each.value.runs} }"

  metric_transformation {
    namespace = local.watched.server.namespace
    name      = local.counted.tool_calls
    value     = "1"
    unit      = "Count"
  }
}

resource "aws_cloudwatch_query_definition" "server" {
  for_each = { for name, query in local.queries : name => query if var.saved_queries }

  name            = "mcp/${var.name}/${each.key}"
  log_group_names = [each.value.log_group]
  query_string    = each.value.text
}
