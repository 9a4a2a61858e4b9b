variable "tasks" {
  description = <<-EOT
    Tools that may run longer than a request, for clients that know the tasks extension:
    { tools, timeout_seconds?, memory_mb?, reserved_concurrency?, ttl_seconds?, point_in_time_recovery?,
    result_bucket? }.
    tools is { NAME = MODE, … }, and a MODE is one of these:
    optional: a task, and for clients without the extension a plain call within timeout_seconds.
    required: a task, and for clients without the extension an error that says so.
    after_input: a task once the client has answered what the tool asks first.
    A task may take timeout_seconds (900) and can be asked for during ttl_seconds (86400).
    As many run at once as reserved_concurrency says, by default as many as calls.
    Results over 400 KB, compressed, go to result_bucket, below NAME-tasks/.
    null makes no table and no second function. docs/long-tools.md explains it.
  EOT
  type        = any # an object would drop a misspelt key without a word
  default     = null

  validation {
    condition     = var.tasks == null || !local.is_node
    error_message = <<-EOT
      tasks is given, but runtime is "${var.runtime}": only the host for Python runs tools as tasks.
      Leave tasks out, and keep each call within timeout_seconds.
    EOT
  }

  validation {
    condition     = var.tasks == null || can(keys(var.tasks.tools))
    error_message = <<-EOT
      tasks must be null or an object with tools, such as { tools = { report = "optional" } }.
    EOT
  }

  validation {
    condition = try(length(setsubtract(keys(var.tasks), local.tasks_keys)) == 0, true)
    error_message = join(" ", [
      "tasks has ${join(", ", try(setsubtract(nonsensitive(keys(var.tasks)), local.tasks_keys), []))}.",
      "Its keys are ${join(", ", local.tasks_keys)}.",
    ])
  }

  validation {
    condition     = try(length(var.tasks.tools) > 0, true)
    error_message = "tasks.tools is empty: name a tool, or set tasks = null, which makes no table and no function."
  }

  validation {
    condition = alltrue([
      for mode in try(values(var.tasks.tools), []) : try(contains(local.contract.task_modes, mode), false)
    ])
    error_message = <<-EOT
      tasks.tools is ${jsonencode(try(var.tasks.tools, null))}, but each must be one of
      ${join(", ", local.contract.task_modes)}.
    EOT
  }

  validation {
    condition = try(var.tasks.timeout_seconds, null) == null || try(
      var.tasks.timeout_seconds >= 10 && var.tasks.timeout_seconds <= 900
      && floor(var.tasks.timeout_seconds) == var.tasks.timeout_seconds, false
    )
    error_message = <<-EOT
      tasks.timeout_seconds is ${jsonencode(try(var.tasks.timeout_seconds, null))}, but must be a whole number from 10
      to 900. Lambda ends every function after 15 minutes, and a few seconds are kept to write down what came of a task.
    EOT
  }

  validation {
    condition = try(var.tasks.memory_mb, null) == null || try(
      var.tasks.memory_mb >= 128 && var.tasks.memory_mb <= 10240
      && floor(var.tasks.memory_mb) == var.tasks.memory_mb, false
    )
    error_message = <<-EOT
      tasks.memory_mb is ${jsonencode(try(var.tasks.memory_mb, null))}, but must be a whole number from 128 to 10240.
      Lambda allocates nothing outside that.
    EOT
  }

  validation {
    condition = try(var.tasks.reserved_concurrency, null) == null || try(
      var.tasks.reserved_concurrency >= 1 && floor(var.tasks.reserved_concurrency) == var.tasks.reserved_concurrency,
      false
    )
    error_message = <<-EOT
      tasks.reserved_concurrency is ${jsonencode(try(var.tasks.reserved_concurrency, null))}, but must be null (as many
      as reserved_concurrency) or a whole number from 1: it counts the tasks that run at once.
    EOT
  }

  validation {
    condition = try(var.tasks.ttl_seconds, null) == null || try(
      var.tasks.ttl_seconds >= 60 + try(coalesce(var.tasks.timeout_seconds), 900)
      && var.tasks.ttl_seconds <= 2592000 && floor(var.tasks.ttl_seconds) == var.tasks.ttl_seconds, false
    )
    error_message = <<-EOT
      tasks.ttl_seconds is ${jsonencode(try(var.tasks.ttl_seconds, null))}, but must be a whole number from
      ${60 + try(coalesce(var.tasks.timeout_seconds), 900)} (a minute more than a task may take) to 2592000 (30 days).
      Sooner, a task would be gone before its client had asked for the result; what is kept longer belongs elsewhere.
    EOT
  }

  validation {
    condition     = can(tobool(try(var.tasks.point_in_time_recovery, null)))
    error_message = <<-EOT
      tasks.point_in_time_recovery is ${jsonencode(try(var.tasks.point_in_time_recovery, null))}, but must be true or
      false.
    EOT
  }

  validation {
    condition = try(var.tasks.result_bucket, null) == null || can(
      regex(local.patterns.bucket, var.tasks.result_bucket)
    )
    error_message = <<-EOT
      tasks.result_bucket is ${jsonencode(try(var.tasks.result_bucket, null))}, but must be the name of an S3 bucket:
      3 to 63 characters of a-z, 0-9, "." and "-".
    EOT
  }
}
