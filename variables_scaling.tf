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
