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
  description = "How many calls may run at once: a limit on cost, and on what a caller can do to the systems behind the tools. With auth.type token, the authorizer gets as many. null reserves none, 0 switches the function off. An account keeps 100 unreserved; a new one may have no more than 10 in all and needs null."
  type        = number
  default     = 10

  validation {
    condition     = var.reserved_concurrency == null || try(var.reserved_concurrency >= 0 && floor(var.reserved_concurrency) == var.reserved_concurrency, false)
    error_message = "reserved_concurrency is ${coalesce(var.reserved_concurrency, 0)}, but must be null (unreserved) or a whole number from 0: it counts execution environments."
  }
}

variable "throttle" {
  description = "Requests a second that the API lets through on average (rate, 50) and at once (burst, 100). What is above is answered with 429 and costs no invocation."
  # The defaults are in `local.throttle`, so that a limit that was chosen can be told from one that was not.
  type = object({
    rate  = optional(number)
    burst = optional(number)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.throttle.rate == null || try(var.throttle.rate > 0, false)
    error_message = "throttle.rate is ${coalesce(var.throttle.rate, 50)}, but must be more than 0: the API would refuse every request."
  }

  validation {
    condition     = var.throttle.burst == null || try(var.throttle.burst > 0 && floor(var.throttle.burst) == var.throttle.burst, false)
    error_message = "throttle.burst is ${coalesce(var.throttle.burst, 100)}, but must be a whole number above 0: it counts requests, and with 0 every one would be refused."
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

variable "catalogue_seconds" {
  description = "How long a client may keep the lists of tools, prompts and resources (ttlMs, specification 2026-07-28). Each one not asked for saves an invocation; a changed tool is seen that much later."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.catalogue_seconds >= 0 && var.catalogue_seconds <= 86400 && floor(var.catalogue_seconds) == var.catalogue_seconds
    error_message = "catalogue_seconds is ${var.catalogue_seconds}, but must be a whole number from 0 (ask each time) to 86400 (a day): for longer, a client would miss a deployment."
  }
}

variable "request_state_keys" {
  description = "Labels of the keys that seal the state of multi-round calls: the first seals, all open. To rotate, in three applies: add a label at the end, move it to the front, remove the old one after ten minutes."
  type        = list(string)
  default     = ["1"]
  nullable    = false

  validation {
    condition     = length(var.request_state_keys) >= 1 && length(var.request_state_keys) <= 10 && length(distinct(var.request_state_keys)) == length(var.request_state_keys)
    error_message = "request_state_keys is ${jsonencode(var.request_state_keys)}, but must hold 1 to 10 different labels: without a key no state could be sealed, and a rotation needs two."
  }

  validation {
    condition     = alltrue([for label in var.request_state_keys : can(regex("^[A-Za-z0-9._-]{1,32}$", label))])
    error_message = "request_state_keys is ${jsonencode(var.request_state_keys)}, but a label is 1 to 32 letters, digits or . _ -, such as \"2026-11\"; it names a key, and is none."
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
