variable "name" {
  description = "Name of the server. The function, the API, the role, the log groups, the parameter and the alarms are named after it, so it is used once per account."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.name))
    error_message = "name is \"${var.name}\", but must begin with a lower-case letter and hold only a-z, 0-9 and \"-\": IAM, Lambda, CloudWatch and SSM all have to accept it."
  }

  validation {
    condition     = length(var.name) <= 48
    error_message = "name is ${length(var.name)} characters long, but at most 48 are allowed: Lambda and IAM stop at 64, and suffixes such as \"-lambda\" are added to it."
  }
}

variable "source_dir" {
  description = "Directory with the server: the entrypoint's module and, if it needs any, a requirements.txt. It is packaged at apply. Give this or package_file."
  type        = string
  default     = null

  validation {
    condition     = (var.source_dir == null) != (var.package_file == null)
    error_message = "Exactly one of source_dir and package_file is needed, but ${var.source_dir == null ? "neither" : "both"} of them is given: there is one package, and one place it comes from."
  }
}

variable "package_file" {
  description = "Finished zip made by function/build.py, for runners that cannot build. Give this or source_dir."
  type        = string
  default     = null
}

variable "auth" {
  description = "Who may call: { type = \"none\" }, { type = \"iam\" } or { type = \"jwt\", issuer, audience, scopes? }. There is no default: nothing is open by omission. With scopes, a token needs at least one of them."
  type = object({
    type     = string
    issuer   = optional(string)
    audience = optional(list(string))
    scopes   = optional(list(string))
  })
  nullable = false

  validation {
    condition     = contains(keys(local.auth_attributes), var.auth.type)
    error_message = "auth.type is \"${var.auth.type}\", but must be one of ${join(", ", keys(local.auth_attributes))}."
  }

  # Terraform drops a misspelt key of an object without a word, so what a type needs is asked for by name …
  validation {
    condition     = alltrue([for key, need in try(local.auth_attributes[var.auth.type], {}) : var.auth[key] != null if need == "required"])
    error_message = "auth.type \"${var.auth.type}\" needs ${join(" and ", [for key, need in try(local.auth_attributes[var.auth.type], {}) : key if need == "required" && var.auth[key] == null])}: without it the gateway could not tell whose tokens to accept."
  }

  # … and what would have no effect is refused, since its author believes that it guards something.
  validation {
    condition     = alltrue([for key, value in var.auth : value == null if !contains(keys(try(local.auth_attributes[var.auth.type], var.auth)), key)])
    error_message = "auth.type \"${var.auth.type}\" does not use ${join(" or ", [for key, value in var.auth : key if value != null && !contains(keys(try(local.auth_attributes[var.auth.type], var.auth)), key)])}: it would have no effect, so it must not be given."
  }

  validation {
    condition     = var.auth.issuer == null || can(regex("^https://[^/\\s]+", var.auth.issuer))
    error_message = "auth.issuer is \"${coalesce(var.auth.issuer, "empty")}\", but must be an https:// URL: the gateway fetches the signing keys from it."
  }

  validation {
    condition     = var.auth.audience == null || try(length(var.auth.audience) > 0 && alltrue([for audience in var.auth.audience : trimspace(audience) != ""]), false)
    error_message = "auth.audience must hold at least one value and no empty one: a token made for another service would be accepted here."
  }

  validation {
    condition     = alltrue([for scope in coalesce(var.auth.scopes, []) : can(regex("^[^\\s]+$", scope))])
    error_message = "auth.scopes holds an empty value or one with a space (${jsonencode(var.auth.scopes)}): a token lists its scopes separated by spaces, so such a scope can never match."
  }
}

variable "entrypoint" {
  description = "Where the server is, as module:attribute: an MCPServer of the official SDK, or any ASGI application."
  type        = string
  default     = "server:mcp"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z_]\\w*(\\.[A-Za-z_]\\w*)*:[A-Za-z_]\\w*$", var.entrypoint))
    error_message = "entrypoint is \"${var.entrypoint}\", but must be a Python module and an attribute in it, such as \"server:mcp\"."
  }
}

variable "runtime" {
  description = "Python runtime of the function."
  type        = string
  default     = "python3.13"
  nullable    = false

  validation {
    condition     = contains(["python3.11", "python3.12", "python3.13"], var.runtime)
    error_message = "runtime is \"${var.runtime}\", but must be one of python3.11, python3.12, python3.13: the locked dependencies are resolved for these."
  }
}

variable "architecture" {
  description = "Processor of the function: arm64 (a fifth cheaper) or x86_64."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture is \"${var.architecture}\", but must be arm64 or x86_64: Lambda has no other."
  }
}

variable "memory_mb" {
  description = "Memory of the function in MB. Processor time grows with it, so more memory also means shorter cold starts."
  type        = number
  default     = 1024
  nullable    = false

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240 && floor(var.memory_mb) == var.memory_mb
    error_message = "memory_mb is ${var.memory_mb}, but must be a whole number from 128 to 10240: Lambda allocates nothing outside that."
  }
}

variable "timeout_seconds" {
  description = "Seconds a call may take. The host answers just before with an error that names the limit."
  type        = number
  default     = 29
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 29 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds is ${var.timeout_seconds}, but must be a whole number from 1 to 29: an HTTP API gives up after 30 seconds, and the answer has to come before."
  }
}

variable "environment" {
  description = "Environment variables for the server."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.environment) : can(regex("^[A-Za-z]\\w*$", key))])
    error_message = "environment has ${join(", ", [for key in keys(var.environment) : "\"${key}\"" if !can(regex("^[A-Za-z]\\w*$", key))])}, but a name must begin with a letter and hold only letters, digits and \"_\": Lambda accepts no other."
  }

  validation {
    condition     = alltrue([for key in keys(var.environment) : !can(regex("^(AWS|LAMBDA|MCP_LAMBDA)_", key))])
    error_message = "environment has ${join(", ", [for key in keys(var.environment) : key if can(regex("^(AWS|LAMBDA|MCP_LAMBDA)_", key))])}, but AWS_ and LAMBDA_ belong to Lambda and MCP_LAMBDA_ to this module."
  }
}

variable "reserved_concurrency" {
  description = "How many calls may run at once: a limit on cost, and on what a caller can do to the systems behind the tools. null reserves none, 0 switches the function off. An account keeps 100 unreserved; a new one may have no more than 10 in all and needs null."
  type        = number
  default     = 10

  validation {
    condition     = var.reserved_concurrency == null || try(var.reserved_concurrency >= 0 && floor(var.reserved_concurrency) == var.reserved_concurrency, false)
    error_message = "reserved_concurrency is ${coalesce(var.reserved_concurrency, 0)}, but must be null (unreserved) or a whole number from 0: it counts execution environments."
  }
}

variable "throttle" {
  description = "Requests a second that the API lets through on average (rate) and at once (burst). What is above is answered with 429 and costs no invocation."
  type = object({
    rate  = optional(number, 50)
    burst = optional(number, 100)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.throttle.rate > 0
    error_message = "throttle.rate is ${var.throttle.rate}, but must be more than 0: the API would refuse every request."
  }

  validation {
    condition     = var.throttle.burst > 0 && floor(var.throttle.burst) == var.throttle.burst
    error_message = "throttle.burst is ${var.throttle.burst}, but must be a whole number above 0: it counts requests, and with 0 every one would be refused."
  }
}

variable "cors_origins" {
  description = "Origins of the web pages that may call, such as \"https://app.example.com\". A request that carries any other Origin is refused; one without Origin (every client but a browser) is not affected."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for origin in var.cors_origins : can(regex("^([*]|https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?)$", origin))])
    error_message = "cors_origins has ${join(", ", [for origin in var.cors_origins : "\"${origin}\"" if !can(regex("^([*]|https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?)$", origin))])}, but each must be \"*\" or exactly what a browser sends, scheme://host or scheme://host:port without path or final \"/\"."
  }
}

variable "alarms" {
  description = "Other thresholds by alarm: function_errors, throttles and api_5xx (a minute), p95_duration (ms), concurrency (environments at once). null switches an alarm off; what is not named keeps its default."
  type        = map(number)
  default     = {}
  nullable    = false

  # A map and not an object: an object would drop a misspelt alarm without a word and turn null into the default.
  validation {
    condition     = length(setsubtract(keys(var.alarms), keys(local.alarm_thresholds))) == 0
    error_message = "alarms has ${join(", ", setsubtract(keys(var.alarms), keys(local.alarm_thresholds)))}, but the alarms are ${join(", ", keys(local.alarm_thresholds))}."
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

variable "policy_json" {
  description = "IAM policy with the rights that the tools need, added to the function's role. null for none."
  type        = string
  default     = null

  validation {
    condition     = var.policy_json == null || can(jsondecode(var.policy_json).Statement)
    error_message = "policy_json must be an IAM policy in JSON with a Statement, as jsonencode() or aws_iam_policy_document makes it."
  }
}

variable "tags" {
  description = "Tags for everything that can carry them."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(lower(key), "aws:")])
    error_message = "tags has ${join(", ", [for key in keys(var.tags) : key if startswith(lower(key), "aws:")])}, but keys that begin with \"aws:\" belong to AWS."
  }
}
