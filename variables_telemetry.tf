variable "log_level" {
  description = <<-EOT
    Lowest level of the server's log lines that Lambda keeps.
    The line of a request that is counted (see metrics) is kept at every level.
  EOT
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(local.contract.log_levels, var.log_level)
    error_message = <<-EOT
      log_level is "${var.log_level}", but must be one of ${join(", ", local.contract.log_levels)}:
      Lambda filters by these.
    EOT
  }
}

variable "log_sample_rate" {
  description = <<-EOT
    Share of the successful requests that have a line in the function's log: 0.01 is one in a hundred.
    A failure, a refusal, a cold start and a step of a task always have their line.
    Below 1, metrics must not be "tools", and tool_error_rate is the share of all requests.
  EOT
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.log_sample_rate >= 0 && var.log_sample_rate <= 1
    error_message = <<-EOT
      log_sample_rate is ${var.log_sample_rate}, but must be from 0 to 1: it is a share, so ten percent are 0.1.
    EOT
  }

  validation {
    condition     = var.log_sample_rate == 1 || var.metrics != "tools"
    error_message = <<-EOT
      log_sample_rate is ${var.log_sample_rate}, but metrics is "tools", which counts calls by their lines: with lines
      of some calls alone it would be wrong. Set metrics = "server", or leave log_sample_rate out.
    EOT
  }
}

variable "system_log_level" {
  description = <<-EOT
    Lowest level of Lambda's own lines in the log, which are paid for as the others are:
    WARN: what went wrong, such as a call that was killed or ran out of memory.
    INFO: also the start and the report of every call. DEBUG: all.
  EOT
  type        = string
  default     = "WARN"
  nullable    = false

  validation {
    condition     = contains(local.system_log_levels, var.system_log_level)
    error_message = <<-EOT
      system_log_level is "${var.system_log_level}", but must be one of ${join(", ", local.system_log_levels)}:
      Lambda knows no other for its own lines.
    EOT
  }
}

variable "access_log" {
  description = <<-EOT
    Whether the API has an access log: a line for each request, those among them that never reach the function.
    Without it nobody can say whom the gateway has refused; auth_refused and the dashboard show the gateway's count of
    all answers with a 4xx, and the saved query refused calls is left out.
  EOT
  type        = bool
  default     = true
  nullable    = false
}

variable "log_subject" {
  description = <<-EOT
    How the line of a request names its caller:
    hash: the same caller has the same hash, and another one at each server.
    plain: as the token or the role says. none: not at all.
  EOT
  type        = string
  default     = "hash"
  nullable    = false

  validation {
    condition     = contains(local.contract.log_subjects, var.log_subject)
    error_message = <<-EOT
      log_subject is "${var.log_subject}", but must be one of ${join(", ", local.contract.log_subjects)}.
    EOT
  }
}

# A variable of its own, since what keeps a secret out of the log must not hang on the spelling of a key in an object.
variable "log_payloads" {
  description = <<-EOT
    Whether the log has the arguments and answers of calls, and the texts of exceptions.
    For debugging alone, since they may hold secrets and personal data.
  EOT
  type        = bool
  default     = false
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that the logs of the function and of the API are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains(local.log_retentions, var.log_retention_days)
    error_message = <<-EOT
      log_retention_days is ${var.log_retention_days}, but CloudWatch keeps logs for one of
      ${join(", ", local.log_retentions)} days.
    EOT
  }
}

variable "log_group_class" {
  description = <<-EOT
    STANDARD, or INFREQUENT_ACCESS, which costs half and is for Logs Insights alone: no metrics, live tail,
    subscription filters or log streams in the console. So it takes metrics = "none".
    AWS changes the class of no log group: another one makes new log groups, and deletes the old ones.
  EOT
  type        = string
  default     = "STANDARD"
  nullable    = false

  validation {
    condition     = contains(local.log_group_classes, var.log_group_class)
    error_message = <<-EOT
      log_group_class is "${var.log_group_class}", but must be ${join(" or ", local.log_group_classes)}:
      logs of no other class can be read where they are.
    EOT
  }

  validation {
    condition     = var.log_group_class == "STANDARD" || var.metrics == "none"
    error_message = <<-EOT
      log_group_class is "${var.log_group_class}", but metrics is "${var.metrics}":
      CloudWatch makes metrics from logs of the class STANDARD alone. Set metrics = "none", or leave the class out.
    EOT
  }
}

variable "log_groups_kept" {
  description = <<-EOT
    Whether the logs of the function and of the API stay in the account when the stack lets go of them: when it is
    destroyed, or name or log_group_class changes. It counts from the apply after the one that sets it.
    docs/operating.md says how a stack takes a log group back that was kept.
  EOT
  type        = bool
  default     = false
  nullable    = false
}

variable "metrics" {
  description = <<-EOT
    What is counted in the namespace MCP/NAME:
    server: tool calls, tool errors, deadline hits, oversize answers, cold starts, refused states.
    tools: also calls, their duration and errors by tool, method and era, at $0.30 a metric and month: three a tool.
    none: nothing.
  EOT
  type        = string
  default     = "server"
  nullable    = false

  validation {
    condition     = contains(local.contract.metrics_choices, var.metrics)
    error_message = <<-EOT
      metrics is "${var.metrics}", but must be one of ${join(", ", local.contract.metrics_choices)}:
      calls are counted in all, or by tool, method and era, too, or not.
    EOT
  }
}

variable "tracing" {
  description = "Whether X-Ray traces the calls that it samples, with a subsegment for each call of a tool."
  type        = bool
  default     = false
  nullable    = false
}

variable "saved_queries" {
  description = <<-EOT
    Whether to save queries for CloudWatch Logs Insights, in the folder mcp/NAME:
    slowest tools, errors by tool, cold starts, with access_log refused calls,
    and with tasks also slowest tasks, tasks that did not complete.
    They cost nothing until they run.
  EOT
  type        = bool
  default     = false
  nullable    = false
}
