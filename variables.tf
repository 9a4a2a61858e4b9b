variable "name" {
  description = <<-EOT
    Name of the server, used once per account and region.
    The function, the API, the role, the log groups, the parameter and the alarms are named after it.
  EOT
  type        = string
  nullable    = false

  validation {
    condition     = can(regex(local.patterns.name, var.name))
    error_message = <<-EOT
      name is "${var.name}", but must begin with a lower-case letter and hold only a-z, 0-9 and "-".
      IAM, Lambda, CloudWatch and SSM all have to accept it.
    EOT
  }

  validation {
    condition     = length(var.name) <= 48
    error_message = <<-EOT
      name is ${length(var.name)} characters long, but at most 48 are allowed.
      Lambda stops at 64, and suffixes such as "-authorizer" are added to it.
    EOT
  }
}

variable "memory_mb" {
  description = <<-EOT
    Memory of the function in MB.
    Processor time grows with it, so more memory also means shorter cold starts.
  EOT
  type        = number
  default     = 1024
  nullable    = false

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240 && floor(var.memory_mb) == var.memory_mb
    error_message = <<-EOT
      memory_mb is ${var.memory_mb}, but must be a whole number from 128 to 10240.
      Lambda allocates nothing outside that.
    EOT
  }
}

variable "ephemeral_storage_mb" {
  description = "Size of /tmp in MB, the only folder that the server can write to. What is over 512 is billed."
  type        = number
  default     = 512
  nullable    = false

  validation {
    condition = alltrue([
      var.ephemeral_storage_mb >= 512, var.ephemeral_storage_mb <= 10240,
      floor(var.ephemeral_storage_mb) == var.ephemeral_storage_mb,
    ])
    error_message = <<-EOT
      ephemeral_storage_mb is ${var.ephemeral_storage_mb}, but must be a whole number from 512 to 10240.
      Lambda allocates nothing outside that.
    EOT
  }
}

variable "timeout_seconds" {
  description = <<-EOT
    Seconds a call may take. The host answers just before with an error that names the limit.
    At most 29, or gateway_timeout_quota_seconds.
  EOT
  type        = number
  default     = 29
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds is ${var.timeout_seconds}, but must be a whole number from 1."
  }

  validation {
    condition     = var.timeout_seconds <= coalesce(var.gateway_timeout_quota_seconds, local.usual_timeout)
    error_message = <<-EOT
      timeout_seconds is ${var.timeout_seconds}, but must be at most
      ${coalesce(var.gateway_timeout_quota_seconds, local.usual_timeout)}.
      API Gateway gives up after about that time, and the answer has to come before. For more, have AWS raise the
      account's quota for REST APIs, and say so with front = "rest" and gateway_timeout_quota_seconds.
    EOT
  }
}

variable "environment" {
  description = <<-EOT
    Environment variables for the server.
    Lambda takes 4,096 bytes, of which about 3,500 are left beside the host's settings.
    For what is longer or secret, see secrets.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.environment) : can(regex(local.patterns.variable_name, key))])
    error_message = <<-EOT
      environment has
      ${jsonencode([for key in keys(var.environment) : key if !can(regex(local.patterns.variable_name, key))])}.
      Lambda accepts only names that begin with a letter and hold only letters, digits and "_".
    EOT
  }

  validation {
    condition     = alltrue([for key in keys(var.environment) : !can(regex(local.patterns.reserved_name, key))])
    error_message = <<-EOT
      environment has
      ${jsonencode([for key in keys(var.environment) : key if can(regex(local.patterns.reserved_name, key))])}.
      Names that begin with ${join(", ", local.contract.reserved_prefixes)} belong to Lambda and to this module.
    EOT
  }
}

variable "catalogue_seconds" {
  description = <<-EOT
    How long a client may keep the lists of tools, prompts and resources (ttlMs, specification 2026-07-28).
    Each list not asked for saves an invocation; a changed tool is seen that much later.
  EOT
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition = alltrue([
      var.catalogue_seconds >= 0, var.catalogue_seconds <= 86400, floor(var.catalogue_seconds) == var.catalogue_seconds
    ])
    error_message = <<-EOT
      catalogue_seconds is ${var.catalogue_seconds}, but must be a whole number from 0 (ask each time) to 86400 (a day).
      For longer, a client would miss a deployment.
    EOT
  }
}

variable "tags" {
  description = "Tags for everything that can carry them."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(lower(key), "aws:")])
    error_message = <<-EOT
      tags has ${join(", ", [for key in keys(var.tags) : key if startswith(lower(key), "aws:")])}.
      Keys that begin with "aws:" belong to AWS.
    EOT
  }
}
