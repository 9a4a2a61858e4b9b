variable "alarms" {
  description = <<-EOT
    Other thresholds by alarm. null switches an alarm off; what is not named keeps its default.
    A minute: function_errors, throttles, with auth.type token behind an HTTP API authorizer_errors, with auth.login
    login_errors and login_throttles, and with tasks worker_errors.
    In five minutes: deadline_hits, auth_refused and, with provisioned_concurrency, provisioned_spillover.
    In each of three times five minutes, with tasks: worker_throttles.
    Percent, from three failures in five minutes on: tool_error_rate, api_5xx_rate.
    Milliseconds: p95_duration and, with tasks, oldest_task (how long one has waited for a worker).
    Execution environments at once: concurrency.
  EOT
  type        = map(number) # an object would drop a misspelt alarm without a word, and turn null into the default
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.alarms), keys(local.alarm_table))) == 0
    error_message = <<-EOT
      alarms has ${join(", ", setsubtract(keys(var.alarms), keys(local.alarm_table)))}.
      The alarms are ${join(", ", keys(local.alarm_table))}.
    EOT
  }

  validation {
    condition = alltrue([
      for key, threshold in var.alarms : threshold == null || !contains(keys(local.blind_alarms), key)
    ])
    error_message = <<-EOT
      alarms has
      ${join("; ", [for key, why in local.blind_alarms : "${key}, but ${why}" if contains(keys(var.alarms), key)])}.
    EOT
  }

  validation {
    condition     = alltrue([for threshold in values(var.alarms) : threshold == null || try(threshold > 0, false)])
    error_message = <<-EOT
      alarms has a threshold of 0 or less for
      ${join(", ", [for key, threshold in var.alarms : key if try(threshold <= 0, false)])}:
      it would never stop ringing. null switches an alarm off.
    EOT
  }

  validation {
    condition = alltrue([
      for key, threshold in var.alarms : !endswith(key, "_rate") || threshold == null || try(threshold <= 100, false)
    ])
    error_message = <<-EOT
      alarms has more than 100 for
      ${join(", ", [for key, threshold in var.alarms : key if endswith(key, "_rate") && try(threshold > 100, false)])}:
      it is a percentage, and would never ring.
    EOT
  }

  validation {
    condition     = try(var.alarms.p95_duration <= local.latest_answer_ms, true)
    error_message = <<-EOT
      alarms.p95_duration is ${try(coalesce(var.alarms.p95_duration), 0)}, but the host gives up and answers after
      ${local.latest_answer_ms} ms (timeout_seconds is ${var.timeout_seconds}): it would never ring.
    EOT
  }

  validation {
    condition     = try(var.alarms.concurrency <= var.reserved_concurrency, true)
    error_message = <<-EOT
      alarms.concurrency is ${try(coalesce(var.alarms.concurrency), 0)}, but reserved_concurrency is
      ${coalesce(var.reserved_concurrency, 0)}: it would never ring.
    EOT
  }
}

variable "alarm_actions" {
  description = "ARNs that are told when an alarm goes off and when it is over, such as an SNS topic."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.alarm_actions : can(regex(local.patterns.arn, arn))])
    error_message = <<-EOT
      alarm_actions has ${jsonencode([for arn in var.alarm_actions : arn if !can(regex(local.patterns.arn, arn))])}.
      Each must be an ARN such as arn:aws:sns:eu-west-1:111122223333:on-call: CloudWatch calls nothing else.
    EOT
  }
}
