variable "reserved_concurrency" {
  description = "How many calls may run at once: a limit on cost, and on what a caller can do to the systems behind the tools. With auth.type token, the authorizer gets as many. null reserves none, 0 switches the function off. An account keeps 100 unreserved; a new one may have no more than 10 in all and needs null."
  type        = number
  default     = 10

  validation {
    condition     = var.reserved_concurrency == null || try(var.reserved_concurrency >= 0 && floor(var.reserved_concurrency) == var.reserved_concurrency, false)
    error_message = "reserved_concurrency is ${coalesce(var.reserved_concurrency, 0)}, but must be null (unreserved) or a whole number from 0: it counts execution environments."
  }

  validation {
    condition     = var.reserved_concurrency == null || try(local.provisioned_most <= var.reserved_concurrency, true)
    error_message = "reserved_concurrency is ${coalesce(var.reserved_concurrency, 0)}, but provisioned_concurrency asks for ${local.provisioned_most} environments: those are some of the reserved ones. Provision less, or reserve ${local.provisioned_most}."
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

variable "snap_start" {
  description = "Start environments from a snapshot that is taken when a version is published (python3.12 and newer). Its snapshot is billed as long as the version exists. docs/cold-starts.md says when that pays."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.snap_start || var.runtime != "python3.11"
    error_message = "snap_start is on, but runtime is \"${var.runtime}\": Lambda takes snapshots of python3.12 and newer."
  }

  validation {
    condition     = !var.snap_start || var.provisioned_concurrency == null
    error_message = "snap_start and provisioned_concurrency are both given, but Lambda keeps environments started or restores them from a snapshot, not both: leave one out. docs/cold-starts.md says which to take."
  }
}

variable "provisioned_concurrency" {
  description = "Environments that are kept started, and billed by the hour: { environments, max?, schedule? }. With max, there are up to so many when 70 % of them are busy. With schedule, there is another number from a time on: { morning = { cron = \"0 8 ? * MON-FRI *\", environments = 5, timezone? = \"Europe/Berlin\" }, … }, in UTC unless it says otherwise. null starts none ahead."
  type = object({
    environments = number
    max          = optional(number)
    schedule = optional(map(object({
      cron         = string
      environments = number
      timezone     = optional(string, "UTC")
    })), {})
  })
  default = null

  validation {
    condition = alltrue([
      for number in try(concat([var.provisioned_concurrency.environments], var.provisioned_concurrency.max[*], values(var.provisioned_concurrency.schedule)[*].environments), []) :
      try(number >= 1 && floor(number) == number, false)
    ])
    error_message = "provisioned_concurrency is ${jsonencode(var.provisioned_concurrency)}, but environments, max and those of schedule must be whole numbers from 1: they count environments, and null is what starts none."
  }

  validation {
    condition     = try(var.provisioned_concurrency.max >= max(var.provisioned_concurrency.environments, values(var.provisioned_concurrency.schedule)[*].environments...), true)
    error_message = "provisioned_concurrency is ${jsonencode(var.provisioned_concurrency)}, but max is the most that there may be: it must not be less than environments or those of schedule."
  }

  validation {
    condition     = alltrue([for name in keys(try(var.provisioned_concurrency.schedule, {})) : can(regex("^[A-Za-z0-9_-]{1,64}$", name))])
    error_message = "provisioned_concurrency.schedule has ${jsonencode(keys(try(var.provisioned_concurrency.schedule, {})))}, but a name is 1 to 64 letters, digits, \"_\" or \"-\": the scheduled action is named so."
  }

  validation {
    condition     = alltrue([for entry in values(try(var.provisioned_concurrency.schedule, {})) : try(length(regex("^[0-9A-Za-z*?,/#-]+( [0-9A-Za-z*?,/#-]+){5}$", entry.cron)) > 0 && (split(" ", entry.cron)[2] == "?") != (split(" ", entry.cron)[4] == "?"), false)])
    error_message = "provisioned_concurrency.schedule has the cron ${jsonencode(values(try(var.provisioned_concurrency.schedule, {}))[*].cron)}, but it must have six fields, minutes hours day-of-month month day-of-week year, one of the days being ?, such as \"0 8 ? * MON-FRI *\" without cron(): Application Auto Scaling takes no other."
  }
}

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
