variable "alarms" {
  description = "Other thresholds by alarm: function_errors, throttles and, with auth.type token, authorizer_errors (a minute), deadline_hits, auth_refused and, with provisioned_concurrency, provisioned_spillover (in five minutes), tool_error_rate and api_5xx_rate (percent, from three failures in five minutes on), p95_duration (ms), concurrency (environments at once). null switches an alarm off; what is not named keeps its default."
  type        = map(number)
  default     = {}
  nullable    = false

  # A map and not an object: an object would drop a misspelt alarm without a word and turn null into the default.
  validation {
    condition     = length(setsubtract(keys(var.alarms), keys(local.alarm_table))) == 0
    error_message = "alarms has ${join(", ", setsubtract(keys(var.alarms), keys(local.alarm_table)))}, but the alarms are ${join(", ", keys(local.alarm_table))}."
  }

  validation {
    condition     = length([for key, threshold in var.alarms : key if threshold != null && contains(keys(local.blind_alarms), key)]) == 0
    error_message = "alarms has ${join("; ", [for key, reason in local.blind_alarms : "${key}, but ${reason}" if contains(keys(var.alarms), key)])}."
  }

  validation {
    condition     = alltrue([for threshold in values(var.alarms) : threshold == null || try(threshold > 0, false)])
    error_message = "alarms has a threshold of 0 or less for ${join(", ", [for key, threshold in var.alarms : key if try(threshold <= 0, false)])}: it would never stop ringing. null switches an alarm off."
  }

  validation {
    condition     = alltrue([for key, threshold in var.alarms : !endswith(key, "_rate") || threshold == null || try(threshold <= 100, false)])
    error_message = "alarms has more than 100 for ${join(", ", [for key, threshold in var.alarms : key if endswith(key, "_rate") && try(threshold > 100, false)])}: it is a percentage, and would never ring."
  }

  validation {
    condition     = try(var.alarms.p95_duration <= local.latest_answer_ms, true)
    error_message = "alarms.p95_duration is ${try(coalesce(var.alarms.p95_duration), 0)}, but the host gives up and answers after ${local.latest_answer_ms} ms (timeout_seconds is ${var.timeout_seconds}): it would never ring."
  }

  validation {
    condition     = try(var.alarms.concurrency <= var.reserved_concurrency, true)
    error_message = "alarms.concurrency is ${try(coalesce(var.alarms.concurrency), 0)}, but reserved_concurrency is ${coalesce(var.reserved_concurrency, 0)}: it would never ring."
  }
}

variable "alarm_actions" {
  description = "ARNs that are told when an alarm goes off and when it is over, such as an SNS topic."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.alarm_actions : can(regex("^arn:[a-z-]+:[a-z0-9-]+:[^:]*:[^:]*:.+$", arn))])
    error_message = "alarm_actions has ${join(", ", [for arn in var.alarm_actions : "\"${arn}\"" if !can(regex("^arn:[a-z-]+:[a-z0-9-]+:[^:]*:[^:]*:.+$", arn))])}, but each must be an ARN such as arn:aws:sns:eu-west-1:111122223333:on-call: CloudWatch calls nothing else."
  }
}

variable "dashboard" {
  description = "Whether to make a CloudWatch dashboard with the name of the server: alarms, requests, errors, latency, cold starts, concurrency, refusals, tools ranked, cost a day. AWS takes $3 a month for each but an account's first three."
  type        = bool
  default     = false
  nullable    = false
}

variable "log_level" {
  description = "Lowest level of the server's log lines that Lambda keeps. The line of a request that is counted (see metrics) is kept at every level."
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(local.contract.log_levels, var.log_level)
    error_message = "log_level is \"${var.log_level}\", but must be one of ${join(", ", local.contract.log_levels)}: Lambda filters by these."
  }
}

variable "log_retention_days" {
  description = "Days that the logs of the function and of the API are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains(local.log_retentions, var.log_retention_days)
    error_message = "log_retention_days is ${var.log_retention_days}, but CloudWatch keeps logs for one of ${join(", ", local.log_retentions)} days."
  }
}

variable "log_subject" {
  description = "How the line of a request names its caller: hash (the same caller has the same hash, and another one at each server), plain (as the token or the role says) or none."
  type        = string
  default     = "hash"
  nullable    = false

  validation {
    condition     = contains(local.contract.log_subjects, var.log_subject)
    error_message = "log_subject is \"${var.log_subject}\", but must be one of ${join(", ", local.contract.log_subjects)}."
  }
}

# By itself at the top: a key of an object that is misspelt is dropped without a word.
variable "log_payloads" {
  description = "Whether the log has the arguments and answers of calls, and the texts of exceptions: for debugging alone, since they may hold secrets and personal data."
  type        = bool
  default     = false
  nullable    = false
}

variable "saved_queries" {
  description = "Whether to save queries for CloudWatch Logs Insights, in the folder mcp/NAME: slowest tools, errors by tool, cold starts, refused calls. They cost nothing until they run. The local AWS has no saved queries."
  type        = bool
  default     = false
  nullable    = false
}

variable "metrics" {
  description = "What is counted in the namespace MCP/NAME: server (in all: calls, duration, tool calls and errors, deadline hits, oversize answers, cold starts, refused request states), tools (by tool, method and era, too: up to three metrics a tool, at $0.30 a month each) or none."
  type        = string
  default     = "server"
  nullable    = false

  validation {
    condition     = contains(local.contract.metrics_choices, var.metrics)
    error_message = "metrics is \"${var.metrics}\", but must be one of ${join(", ", local.contract.metrics_choices)}: calls are counted in all, or by tool, method and era, too, or not."
  }
}

variable "tracing" {
  description = "Whether X-Ray traces the calls that it samples, with a subsegment for each call of a tool."
  type        = bool
  default     = false
  nullable    = false
}
