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
