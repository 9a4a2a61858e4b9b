variable "canary" {
  description = <<-EOT
    Try the newest version on a share of the calls: { stable_version, weight }.
    { stable_version = 7, weight = 0.1 } sends a tenth of the calls to the newest version, and the others to version 7.
    null: all calls go to the newest. docs/rollout.md has the steps.
  EOT
  type        = map(number) # an object would drop a misspelt key without a word
  default     = null

  validation {
    condition     = try(length(setsubtract(keys(var.canary), ["stable_version", "weight"])) == 0, true)
    error_message = <<-EOT
      canary has ${join(", ", try(setsubtract(keys(var.canary), ["stable_version", "weight"]), []))}.
      Its keys are stable_version and weight.
    EOT
  }

  validation {
    condition = var.canary == null || try(
      var.canary.stable_version >= 1 && floor(var.canary.stable_version) == var.canary.stable_version, false
    )
    error_message = <<-EOT
      canary.stable_version is ${jsonencode(try(var.canary.stable_version, null))}.
      It must be the number of a version, such as the output live_version names.
      The calls that do not try the newest go there.
    EOT
  }

  validation {
    condition     = var.canary == null || try(var.canary.weight > 0 && var.canary.weight < 1, false)
    error_message = <<-EOT
      canary.weight is ${jsonencode(try(var.canary.weight, null))}, but must be more than 0 and less than 1,
      a share of the calls.
      rollback_to sends none of them to the newest version, and without canary all go there.
    EOT
  }

  validation {
    condition     = var.canary == null || var.rollback_to == null
    error_message = <<-EOT
      canary and rollback_to are both given, but the one tries the newest version and the other leaves it:
      to end a bad canary, take it out and give rollback_to.
    EOT
  }

  # "Alias with weights can not be used with Provisioned Concurrency", says PutProvisionedConcurrencyConfig.
  validation {
    condition     = var.canary == null || var.provisioned_concurrency == null
    error_message = <<-EOT
      canary and provisioned_concurrency are both given, but Lambda provisions nothing on an alias that shares its calls
      between versions: leave one out.
    EOT
  }
}

variable "rollback_to" {
  description = <<-EOT
    Number of an older version that all calls go to (output live_version).
    Newer ones are published, and get none. null leaves it at the newest.
  EOT
  type        = number
  default     = null

  validation {
    condition = var.rollback_to == null || try(
      var.rollback_to >= 1 && floor(var.rollback_to) == var.rollback_to, false
    )
    error_message = <<-EOT
      rollback_to is ${coalesce(var.rollback_to, 0)}, but must be the number of a version, a whole one from 1.
    EOT
  }
}

variable "versions_kept" {
  description = <<-EOT
    How many of the newest versions stay when an apply publishes one. The older ones are deleted, except those that an
    alias calls. null: 2 with snap_start or vpc, whose versions are billed or hold subnets and security groups, and
    all without. The machine that applies needs boto3 or the AWS CLI for it.
  EOT
  type        = number
  default     = null

  validation {
    condition = var.versions_kept == null || try(
      var.versions_kept >= 1 && floor(var.versions_kept) == var.versions_kept, false
    )
    error_message = <<-EOT
      versions_kept is ${coalesce(var.versions_kept, 0)}, but must be a whole number from 1.
      The newest version is called.
    EOT
  }
}
