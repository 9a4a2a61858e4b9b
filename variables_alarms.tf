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
