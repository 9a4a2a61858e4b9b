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
