variable "canary" {
  description = "Try the newest version on a share of the calls: { stable_version = 7, weight = 0.1 } sends a tenth of them to it, and the others to version 7. null sends all to the newest. docs/rollout.md has the steps."
  type = object({
    stable_version = number
    weight         = number
  })
  default = null

  validation {
    condition     = var.canary == null || try(var.canary.stable_version >= 1 && floor(var.canary.stable_version) == var.canary.stable_version, false)
    error_message = "canary.stable_version is ${try(coalesce(var.canary.stable_version), "null")}, but must be the number of a version, such as the output live_version names: the calls that do not try the newest go there."
  }

  validation {
    condition     = var.canary == null || try(var.canary.weight > 0 && var.canary.weight < 1, false)
    error_message = "canary.weight is ${try(coalesce(var.canary.weight), "null")}, but must be more than 0 and less than 1, a share of the calls: rollback_to sends none of them to the newest version, and without canary all go there."
  }

  validation {
    condition     = var.canary == null || var.rollback_to == null
    error_message = "canary and rollback_to are both given, but the one tries the newest version and the other leaves it: to end a bad canary, take it out and give rollback_to."
  }

  # "Alias with weights can not be used with Provisioned Concurrency", says PutProvisionedConcurrencyConfig.
  validation {
    condition     = var.canary == null || var.provisioned_concurrency == null
    error_message = "canary and provisioned_concurrency are both given, but Lambda provisions nothing on an alias that shares calls between versions: leave one out."
  }
}

variable "rollback_to" {
  description = "Number of an older version that all calls go to (output live_version); newer ones are published, and get none. null leaves it at the newest."
  type        = number
  default     = null

  validation {
    condition     = var.rollback_to == null || try(var.rollback_to >= 1 && floor(var.rollback_to) == var.rollback_to, false)
    error_message = "rollback_to is ${coalesce(var.rollback_to, 0)}, but must be the number of a version, a whole one from 1."
  }
}
