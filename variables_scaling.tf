variable "reserved_concurrency" {
  description = <<-EOT
    How many calls may run at once: a limit on cost, and on what a caller can do to the systems behind the tools.
    With auth.type token, the authorizer gets as many. null reserves none, 0 switches the function off.
    An account keeps 100 unreserved; a new one may have no more than 10 in all and needs null.
  EOT
  type        = number
  default     = 10

  validation {
    condition = var.reserved_concurrency == null || try(
      var.reserved_concurrency >= 0 && floor(var.reserved_concurrency) == var.reserved_concurrency, false
    )
    error_message = <<-EOT
      reserved_concurrency is ${coalesce(var.reserved_concurrency, 0)}, but must be null (unreserved) or a whole number
      from 0: it counts execution environments.
    EOT
  }

  validation {
    condition     = var.reserved_concurrency == null || try(local.provisioned_most <= var.reserved_concurrency, true)
    error_message = <<-EOT
      reserved_concurrency is ${coalesce(var.reserved_concurrency, 0)}, but provisioned_concurrency asks for
      ${local.provisioned_most} environments: those are some of the reserved ones.
      Provision less, or reserve ${local.provisioned_most}.
    EOT
  }
}

variable "snap_start" {
  description = <<-EOT
    Start execution environments from a snapshot that is taken when a version is published (python3.12 and newer).
    Its snapshot is billed as long as the version exists. docs/cold-starts.md says when that pays.
  EOT
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.snap_start || !(local.is_node || var.runtime == "python3.11")
    error_message = <<-EOT
      snap_start is on, but runtime is "${var.runtime}": Lambda takes snapshots of python3.12 and newer.
      provisioned_concurrency keeps environments of every runtime started.
    EOT
  }

  validation {
    condition     = !var.snap_start || var.provisioned_concurrency == null
    error_message = <<-EOT
      snap_start and provisioned_concurrency are both given, but Lambda keeps environments started or restores them from
      a snapshot, not both: leave one out. docs/cold-starts.md says which to take.
    EOT
  }

  # "SnapStart does not support provisioned concurrency, Amazon Elastic File System (Amazon EFS), or ephemeral storage
  # greater than 512 MB" (Lambda Developer Guide, "Improving startup performance with Lambda SnapStart").
  validation {
    condition     = !var.snap_start || var.ephemeral_storage_mb == 512
    error_message = <<-EOT
      snap_start is on, but ephemeral_storage_mb is ${var.ephemeral_storage_mb}:
      Lambda takes snapshots of functions with 512 MB of it and no more.
    EOT
  }

  validation {
    condition     = !var.snap_start || var.file_system == null
    error_message = "snap_start and file_system are both given, but Lambda takes no snapshots of functions with one."
  }
}

variable "provisioned_concurrency" {
  description = <<-EOT
    Execution environments that are kept started, and billed by the hour: { environments, max?, schedule? }.
    With max, there are up to so many when 70 % of them are busy.
    With schedule, there is another number from a time on, in UTC unless it says otherwise:
    { morning = { cron = "0 8 ? * MON-FRI *", environments = 5, timezone? = "Europe/Berlin" }, … }.
    null starts none ahead.
  EOT
  type        = any # an object would drop a misspelt key without a word
  default     = null

  validation {
    condition     = var.provisioned_concurrency == null || can(keys(var.provisioned_concurrency))
    error_message = "provisioned_concurrency must be null or an object, such as { environments = 2 }."
  }

  validation {
    condition = try(length(setsubtract(keys(var.provisioned_concurrency), local.provisioned_keys)) == 0, true)
    error_message = join(" ", [
      "provisioned_concurrency has",
      "${join(", ", try(setsubtract(nonsensitive(keys(var.provisioned_concurrency)), local.provisioned_keys), []))}.",
      "Its keys are ${join(", ", local.provisioned_keys)}.",
    ])
  }

  validation {
    condition = try(var.provisioned_concurrency.schedule, null) == null || alltrue([
      for name in try(keys(var.provisioned_concurrency.schedule), [null]) :
      can(keys(var.provisioned_concurrency.schedule[name]))
    ])
    error_message = <<-EOT
      provisioned_concurrency.schedule must be null or an object of objects,
      such as { day = { cron = "0 8 ? * MON-FRI *", environments = 2 } }.
    EOT
  }

  validation {
    condition = alltrue(flatten([
      for name in try(keys(var.provisioned_concurrency.schedule), []) : [
        for key in try(keys(var.provisioned_concurrency.schedule[name]), []) : contains(local.schedule_keys, key)
      ]
    ]))
    error_message = join(" ", [
      "provisioned_concurrency.schedule has",
      join(", ", flatten([
        for name in try(nonsensitive(keys(var.provisioned_concurrency.schedule)), []) : [
          for key in try(nonsensitive(keys(var.provisioned_concurrency.schedule[name])), []) : "${name}.${key}"
          if !contains(local.schedule_keys, key)
        ]
      ])),
      "but the keys of each are ${join(", ", local.schedule_keys)}.",
    ])
  }

  validation {
    condition = var.provisioned_concurrency == null || alltrue([
      for number in concat(
        [try(var.provisioned_concurrency.environments, null)],
        try(var.provisioned_concurrency.max[*], []),
        [
          for name in try(keys(var.provisioned_concurrency.schedule), []) :
          try(var.provisioned_concurrency.schedule[name].environments, null)
        ],
      ) : try(number >= 1 && floor(number) == number, false)
    ])
    error_message = <<-EOT
      provisioned_concurrency is ${jsonencode(var.provisioned_concurrency)}.
      environments, max and those of schedule must be whole numbers from 1.
      They count execution environments, and null is what starts none.
    EOT
  }

  validation {
    condition = alltrue([
      for number in concat(
        try([var.provisioned_concurrency.environments], []),
        try(values(var.provisioned_concurrency.schedule)[*].environments, []),
      ) : try(number <= var.provisioned_concurrency.max, true)
    ])
    error_message = <<-EOT
      provisioned_concurrency is ${jsonencode(var.provisioned_concurrency)}, but max is the most that there may be:
      it must not be less than environments or those of schedule.
    EOT
  }

  validation {
    condition = alltrue([
      for name in try(keys(var.provisioned_concurrency.schedule), []) : can(regex(local.patterns.schedule_name, name))
    ])
    error_message = <<-EOT
      provisioned_concurrency.schedule has ${jsonencode(try(keys(var.provisioned_concurrency.schedule), []))}.
      A name is 1 to 64 letters, digits, "_" or "-": the scheduled action is named so.
    EOT
  }

  validation {
    condition = alltrue([
      for entry in try(values(var.provisioned_concurrency.schedule), []) :
      can(regex(local.patterns.cron, entry.cron)) && try(
        (split(" ", entry.cron)[2] == "?") != (split(" ", entry.cron)[4] == "?"), false
      )
    ])
    error_message = <<-EOT
      provisioned_concurrency.schedule has the cron
      ${jsonencode([for entry in try(values(var.provisioned_concurrency.schedule), []) : try(entry.cron, null)])}.
      It must have six fields, minutes hours day-of-month month day-of-week year, one of the days being ?,
      such as "0 8 ? * MON-FRI *" without cron(): Application Auto Scaling takes no other.
    EOT
  }

  validation {
    condition = alltrue([
      for entry in try(values(var.provisioned_concurrency.schedule), []) : can(tostring(try(entry.timezone, null)))
    ])
    error_message = <<-EOT
      provisioned_concurrency.schedule has a timezone that is no string, such as "Europe/Berlin".
    EOT
  }
}
