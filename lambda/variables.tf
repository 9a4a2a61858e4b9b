variable "name" {
  description = "The function's name."
  type        = string
  nullable    = false
}

variable "description" {
  description = "What the function is, in a line."
  type        = string
  nullable    = false
}

variable "memory_mb" {
  description = "Memory of each execution environment."
  type        = number
  nullable    = false
}

variable "timeout_seconds" {
  description = "How long a call may take."
  type        = number
  nullable    = false
}

variable "reserved_concurrency" {
  description = "How many calls may run at once; null: as many as the account has left."
  type        = number
}

variable "snap_start" {
  description = "Whether a version starts from a snapshot."
  type        = bool
  default     = false
  nullable    = false
}

variable "environment" {
  description = "Environment variables."
  type        = map(string)
  nullable    = false
}

variable "package" {
  description = "The zip, and the id of its upload: another one uploads the zip again."
  type        = object({ file = string, upload = string })
  nullable    = false
}

variable "log_group" {
  description = "Name of the log group that the function writes to."
  type        = string
  nullable    = false
}

variable "needs" {
  description = "Ids of what must be there before the function, and go after it."
  type        = list(string)
  nullable    = false
}

variable "shared" {
  description = <<-EOT
    What the server has in common with its worker. `object` is the zip in S3 (null: it is uploaded directly), and
    `environment_bytes` the size of the larger environment of the two.
  EOT
  type = object({
    role_arn                = string
    handler                 = string
    runtime                 = string
    architecture            = string
    layers                  = list(string)
    kms_key_arn             = string
    tags                    = map(string)
    code_signing_config_arn = string
    object                  = object({ bucket = string, key = string })
    environment_bytes       = number
    ephemeral_storage_mb    = number
    vpc                     = object({ subnet_ids = list(string), security_group_ids = list(string), ipv6 = bool })
    file_system             = object({ access_point_arn = string, mount_path = string })
    log_level               = string
    system_log_level        = string
    tracing                 = bool
  })
  nullable = false
}
