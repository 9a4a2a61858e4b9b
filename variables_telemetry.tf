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

variable "saved_queries" {
  description = "Whether to save queries for CloudWatch Logs Insights, in the folder mcp/NAME: slowest tools, errors by tool, cold starts, refused calls. They cost nothing until they run. The local AWS has no saved queries."
  type        = bool
  default     = false
  nullable    = false
}
