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
    condition     = contains(keys(local.contract.runtimes), var.runtime)
    error_message = "runtime is \"${var.runtime}\", but must be one of ${join(", ", keys(local.contract.runtimes))}: the locked dependencies are resolved for these."
  }
}

variable "architecture" {
  description = "Processor of the function: arm64 (a fifth cheaper) or x86_64."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(keys(local.contract.architectures), var.architecture)
    error_message = "architecture is \"${var.architecture}\", but must be ${join(" or ", keys(local.contract.architectures))}: Lambda has no other."
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
  description = "Environment variables for the server: about 3,500 bytes of the 4,096 that Lambda takes, as the host reads there, too. For what is longer or secret, see secrets."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.environment) : can(regex("^[A-Za-z]\\w*$", key))])
    error_message = "environment has ${join(", ", [for key in keys(var.environment) : "\"${key}\"" if !can(regex("^[A-Za-z]\\w*$", key))])}, but a name must begin with a letter and hold only letters, digits and \"_\": Lambda accepts no other."
  }

  validation {
    condition     = alltrue([for key in keys(var.environment) : !anytrue([for prefix in local.contract.reserved_prefixes : startswith(key, prefix)])])
    error_message = "environment has ${join(", ", [for key in keys(var.environment) : key if anytrue([for prefix in local.contract.reserved_prefixes : startswith(key, prefix)])])}, but names that begin with ${join(", ", local.contract.reserved_prefixes)} belong to Lambda and to this module."
  }
}
