variable "policy_json" {
  description = "IAM policy with the rights that the tools need, added to the function's role. null for none."
  type        = string
  default     = null

  validation {
    condition     = var.policy_json == null || can(jsondecode(var.policy_json).Statement)
    error_message = "policy_json must be an IAM policy in JSON with a Statement, as jsonencode() or aws_iam_policy_document makes it."
  }
}

variable "secrets" {
  description = "Environment variables that the server finds filled from an SSM parameter or a Secrets Manager secret, by its ARN: { DB_PASSWORD = \"arn:aws:ssm:…:parameter/…\" }. They are read when an environment starts, and are in its memory alone."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.secrets) : can(regex("^[A-Za-z]\\w*$", name)) && !anytrue([for prefix in local.contract.reserved_prefixes : startswith(name, prefix)])])
    error_message = "secrets has ${join(", ", [for name in keys(var.secrets) : "\"${name}\"" if !can(regex("^[A-Za-z]\\w*$", name)) || anytrue([for prefix in local.contract.reserved_prefixes : startswith(name, prefix)])])}, but a name must be that of an environment variable: a letter, then letters, digits and \"_\"; those that begin with ${join(", ", local.contract.reserved_prefixes)} belong to Lambda and to this module."
  }

  validation {
    condition     = length(setintersection(keys(var.secrets), keys(var.environment))) == 0
    error_message = "${join(", ", setintersection(keys(var.secrets), keys(var.environment)))} is in secrets and in environment: one would hide the other, so give each name once."
  }

  # What is given is not shown: it may be the secret itself, by mistake. An ARN ends with the name of a parameter (after
  # it, a version or a label would be part of no ARN that IAM knows) or with the six characters that Secrets Manager
  # adds to the name of a secret.
  validation {
    condition     = alltrue([for arn in values(var.secrets) : can(regex("^arn:aws(-cn|-us-gov)?:(ssm:[a-z0-9-]+:[0-9]{12}:parameter/[A-Za-z0-9_./-]*[A-Za-z0-9_.-]|secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6})$", arn))])
    error_message = "secrets must hold the ARN of an SSM parameter (aws_ssm_parameter.x.arn), without version or label, or of a Secrets Manager secret, with the six characters at its end (aws_secretsmanager_secret.x.arn), but does not for ${join(", ", [for name, arn in var.secrets : name if !can(regex("^arn:aws(-cn|-us-gov)?:(ssm:[a-z0-9-]+:[0-9]{12}:parameter/[A-Za-z0-9_./-]*[A-Za-z0-9_.-]|secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6})$", arn))])}: the right to read is granted on exactly these. A value of its own would end in Terraform's state."
  }
}

variable "kms_key_arn" {
  description = "KMS key, by its ARN, for the functions' environment, their snapshots, the logs and the parameter with the request-state keys; secrets and auth.ssm_parameter may lie under it, too. Its policy must let CloudWatch Logs use it (docs/network-and-keys.md). null: keys that AWS keeps."
  type        = string
  default     = null

  # No alias: a right is granted on a key itself, and a log group takes nothing else.
  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws(-cn|-us-gov)?:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "kms_key_arn is \"${coalesce(var.kms_key_arn, "empty")}\", but must be the ARN of a key and not its id or alias, such as arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab (aws_kms_key.main.arn): the right to decrypt is granted on exactly this one."
  }
}

variable "permissions_boundary_arn" {
  description = "Policy that limits what the module's roles can ever do, by its ARN, where the account asks for one. It must allow what the roles are granted. null: none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws(-cn|-us-gov)?:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn is \"${coalesce(var.permissions_boundary_arn, "empty")}\", but must be the ARN of an IAM policy, such as arn:aws:iam::111122223333:policy/boundary: IAM takes nothing else for a boundary."
  }
}
