variable "policy_json" {
  description = <<-EOT
    IAM policy with the rights that the tools need, added to the policy of the function's role without the Sids.
    null for none.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.policy_json == null || can(jsondecode(var.policy_json).Statement)
    error_message = <<-EOT
      policy_json must be an IAM policy in JSON with a Statement, as jsonencode() or aws_iam_policy_document makes it.
    EOT
  }
}

variable "managed_policy_arns" {
  description = <<-EOT
    Managed policies for the function's role beside policy_json, by a name of your choice:
    { insights = "arn:aws:iam::aws:policy/CloudWatchLambdaInsightsExecutionRolePolicy" }.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for arn in values(var.managed_policy_arns) : can(regex(local.patterns.policy_arn, arn))])
    error_message = <<-EOT
      managed_policy_arns is ${jsonencode(var.managed_policy_arns)}.
      Each must be the ARN of an IAM policy, such as arn:aws:iam::111122223333:policy/tickets.
    EOT
  }
}

variable "secrets" {
  description = <<-EOT
    Environment variables that the server finds filled from an SSM parameter or a Secrets Manager secret, by its ARN:
    { DB_PASSWORD = "arn:aws:ssm:…:parameter/…" }.
    They are read when an execution environment starts, and are in its memory alone.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.secrets) : can(regex(local.patterns.variable_name, name))])
    error_message = <<-EOT
      secrets has
      ${jsonencode([for name in keys(var.secrets) : name if !can(regex(local.patterns.variable_name, name))])}.
      A name must be that of an environment variable: a letter, then letters, digits and "_".
    EOT
  }

  validation {
    condition     = alltrue([for name in keys(var.secrets) : !can(regex(local.patterns.reserved_name, name))])
    error_message = <<-EOT
      secrets has
      "${join("\", \"", [for name in keys(var.secrets) : name if can(regex(local.patterns.reserved_name, name))])}".
      Names that begin with ${join(", ", local.contract.reserved_prefixes)} belong to Lambda and to this module.
    EOT
  }

  validation {
    condition     = length(setintersection(keys(var.secrets), keys(var.environment))) == 0
    error_message = <<-EOT
      ${join(", ", setintersection(keys(var.secrets), keys(var.environment)))} is in secrets and in environment:
      one would hide the other, so give each name once.
    EOT
  }

  # What is given is not shown: it may be the secret itself, by mistake.
  validation {
    condition     = alltrue([for arn in values(var.secrets) : can(regex(local.patterns.secret_source_arn, arn))])
    error_message = <<-EOT
      secrets must hold the ARN of an SSM parameter (aws_ssm_parameter.x.arn), without version or label, or of a Secrets
      Manager secret, with the six characters at its end (aws_secretsmanager_secret.x.arn), but does not for
      ${join(", ", [for name, arn in var.secrets : name if !can(regex(local.patterns.secret_source_arn, arn))])}:
      the right to read is granted on exactly these. A value of its own would end in Terraform's state.
    EOT
  }
}

variable "kms_key_arn" {
  description = <<-EOT
    KMS key, by its ARN, for the functions' environment variables, their snapshots, the logs and the request-state keys.
    secrets and auth.ssm_parameter may lie under it, too.
    Its policy must let CloudWatch Logs use it (docs/network-and-keys.md). null: keys that AWS keeps.
  EOT
  type        = string
  default     = null

  # No alias: a right is granted on a key itself, and a log group takes nothing else.
  validation {
    condition     = var.kms_key_arn == null || can(regex(local.patterns.key_arn, var.kms_key_arn))
    error_message = <<-EOT
      kms_key_arn is ${jsonencode(var.kms_key_arn)}, but must be the ARN of a key and not its id or alias, such as
      arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab (aws_kms_key.main.arn).
      The right to decrypt is granted on exactly this one.
    EOT
  }
}

variable "permissions_boundary_arn" {
  description = <<-EOT
    Policy that limits what the module's roles can ever do, by its ARN, where the account asks for one.
    It must allow what the roles are granted. null: none.
  EOT
  type        = string
  default     = null

  validation {
    condition = (
      var.permissions_boundary_arn == null || can(regex(local.patterns.policy_arn, var.permissions_boundary_arn))
    )
    error_message = <<-EOT
      permissions_boundary_arn is ${jsonencode(var.permissions_boundary_arn)}.
      It must be the ARN of an IAM policy, such as arn:aws:iam::111122223333:policy/boundary.
      IAM takes nothing else for a boundary.
    EOT
  }
}

variable "role_path" {
  description = "IAM path of the module's roles, where the account's rules go by paths, such as \"/mcp/\"."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex(local.patterns.role_path, var.role_path)) && length(var.role_path) <= 512
    error_message = <<-EOT
      role_path is "${var.role_path}", but must begin and end with "/", such as "/mcp/", and have at most 512
      characters: letters, digits, and +=,.@_- between slashes.
    EOT
  }
}
