variable "alarms" {
  description = "Other thresholds by alarm: function_errors, throttles, api_5xx and, with auth.type token, authorizer_errors (a minute), p95_duration (ms), concurrency (environments at once). null switches an alarm off; what is not named keeps its default."
  type        = map(number)
  default     = {}
  nullable    = false

  # A map and not an object: an object would drop a misspelt alarm without a word and turn null into the default.
  validation {
    condition     = length(setsubtract(keys(var.alarms), keys(local.alarm_thresholds))) == 0
    error_message = "alarms has ${join(", ", setsubtract(keys(var.alarms), keys(local.alarm_thresholds)))}, but the alarms are ${join(", ", keys(local.alarm_thresholds))}."
  }

  validation {
    condition     = var.auth.type == "token" || !contains(keys(var.alarms), "authorizer_errors")
    error_message = "alarms has authorizer_errors, but auth.type is \"${var.auth.type}\": only with token does the module have an authorizer of its own to watch."
  }

  validation {
    condition     = alltrue([for threshold in values(var.alarms) : threshold == null || try(threshold > 0, false)])
    error_message = "alarms has a threshold of 0 or less for ${join(", ", [for key, threshold in var.alarms : key if try(threshold <= 0, false)])}: it would never stop ringing. null switches an alarm off."
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

variable "log_level" {
  description = "Lowest level of the server's log lines that Lambda keeps."
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"], var.log_level)
    error_message = "log_level is \"${var.log_level}\", but must be one of TRACE, DEBUG, INFO, WARN, ERROR, FATAL: Lambda filters by these."
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
