locals {
  # All alarms. Each rings when `metric` reaches `threshold` in `periods` periods of `period` seconds in a row; with
  # `per`, when it reaches that percentage of the metric `per`. A null threshold makes no alarm. The table names no
  # resource, since var.alarms is validated against it before there are any.
  alarm_table = {
    function_errors = {
      source = "function", metric = "Errors", per = null, statistic = "Sum"
      period = 60, periods = 1, threshold = 1
      says = join(" ", [
        "Calls ended without an answer of the host's: out of memory, killed at the timeout, or the process ended.",
        "Read the function's log around the platform's report.",
        "(A tool that fails and a server that cannot be started are answers:",
        "tool_error_rate and api_5xx_rate count these.)",
      ])
    }
    throttles = {
      source = "function", metric = "Throttles", per = null, statistic = "Sum"
      period = 60, periods = 1, threshold = 1
      says = join(" ", [
        "Calls were refused because all execution environments were busy.",
        "Raise reserved_concurrency (or the account's quota), or make the tools faster.",
      ])
    }
    concurrency = {
      source = "function", metric = "ConcurrentExecutions", per = null, statistic = "Maximum"
      period = 60, periods = 3, threshold = local.busy_concurrency
      says = join(" ", [
        "Nearly all execution environments are busy (${local.concurrency_limit}).",
        "Calls are refused next: raise reserved_concurrency, or find out who calls so much.",
      ])
    }
    p95_duration = {
      source = "function", metric = "Duration", per = null, statistic = "p95"
      period = 60, periods = 3, threshold = local.latest_answer_ms * 0.8
      says = join(" ", [
        "One call in twenty comes close to the limit of ${var.timeout_seconds} s, where it is answered with an error.",
        "Find the slow tool in the function's log; raise memory_mb or timeout_seconds, or split the work.",
      ])
    }
    deadline_hits = {
      source = "server", metric = local.counted.deadline_hits, per = null, statistic = "Sum"
      period = 300, periods = 1, threshold = 3
      says = join(" ", [
        "Calls were given up after ${var.timeout_seconds} s, and their clients were told so.",
        "Find the tool by outcome = \"deadline\" in the function's log, and look at what it waits for.",
      ])
    }
    provisioned_spillover = {
      source = "alias", metric = "ProvisionedConcurrencySpilloverInvocations", per = null, statistic = "Sum"
      period = 300, periods = 1, threshold = 1
      says = join(" ", [
        "Calls found no provisioned environment free, and started cold or waited.",
        "Raise provisioned_concurrency, or give it a max or a schedule.",
      ])
    }
    tool_error_rate = {
      source = "server", metric = local.counted.tool_errors, per = local.counted.tool_calls, statistic = "Sum"
      period = 300, periods = 1, threshold = 10
      says = join(" ", [
        "So many percent of the tool calls failed.",
        "These are HTTP 200, no other alarm sees them.",
        "Rank the tools by outcome in the function's log, and look at what the worst one depends on.",
      ])
    }
    api_5xx_rate = {
      source = "api", metric = local.front_metrics.failures, per = local.front_metrics.requests, statistic = "Sum"
      period = 300, periods = 1, threshold = 5
      says = join(" ", [
        "So many percent of the requests were answered with a 5xx:",
        "the server cannot be started, or the gateway got no answer.",
        var.access_log ? "Read status and error in the access log, then" : "Read",
        "the ERROR lines of the function's log.",
      ])
    }
    auth_refused = {
      source = local.refusals.source, metric = local.refusals.metric, per = null, statistic = "Sum"
      period = 300, periods = 1, threshold = max(20, ceil(local.throttle.rate * 300 / 100)) # 1 % of what gets through
      says = join(" ", [
        "Many requests were refused with ${local.refusals.statuses}:",
        "somebody tries keys, or a key or an issuer has changed under the clients.",
        local.refusals.next,
      ])
    }
    authorizer_errors = {
      source = "authorizer", metric = "Errors", per = null, statistic = "Sum"
      period = 60, periods = 1, threshold = 1
      says = join(" ", [
        "Callers got a 500 since nobody could check their keys: the SSM parameter is unreadable or malformed.",
        "The ERROR lines of /aws/lambda/${local.authorizer_name}${local.log_group_suffix} say what is wrong with it.",
      ])
    }
    login_errors = {
      source = "login", metric = "Errors", per = null, statistic = "Sum"
      period = 60, periods = 1, threshold = 1
      says = join(" ", [
        "People could not log in: the function for it has no keys, was out of memory, or took too long.",
        "Read the ERROR lines and the platform's report in ${local.login_log}.",
        "(A provider that is away is an answer: api_5xx_rate counts it.)",
      ])
    }
    login_throttles = {
      source = "login", metric = "Throttles", per = null, statistic = "Sum"
      period = 60, periods = 1, threshold = 1
      says = join(" ", [
        "People could not log in, since all environments of the function for it were busy.",
        "Find out who asks so much, or raise reserved_concurrency (or the account's quota).",
      ])
    }
    worker_errors = {
      source = "worker", metric = "Errors", per = null, statistic = "Sum"
      period = 60, periods = 1, threshold = 1
      says = join(" ", [
        "A worker ended without a word: out of memory, killed, or without a way to the table.",
        "Its task fails a minute later, or, if it had not begun, once no worker may begin it any more.",
        "Read the log ${local.tasks_log} around the platform's report.",
      ])
    }
    worker_throttles = {
      source = "worker", metric = "Throttles", per = null, statistic = "Sum"
      period = 300, periods = 3, threshold = 1
      says = join(" ", [
        "For a quarter of an hour tasks have had to wait, since all workers were busy.",
        "Raise tasks.reserved_concurrency, or make the tools faster.",
      ])
    }
    oldest_task = {
      source = "worker", metric = "AsyncEventAge", per = null, statistic = "Maximum"
      period = 300, periods = 1, threshold = 300000
      says = join(" ", [
        "A task has waited for a worker for so many milliseconds.",
        "Raise tasks.reserved_concurrency (or the account's quota),",
        "or find in the server's log who makes so many tasks.",
      ])
    }
  }

  # What counts refusals: a filter on the access log, or, where none is written, the gateway, which tells no status from
  # another.
  refusals = var.access_log ? {
    source = "server", metric = local.counted.auth_refused, statuses = "401 or 403"
    next   = "Count the addresses (ip) in the access log."
    } : {
    source = "api", metric = local.front_metrics.refusals, statuses = "a status from 400 to 499"
    next   = "Set access_log = true to see from where; those of the server itself are errors in the function's log."
  }

  # By their names, as the table names no resource.
  login_log = "/aws/lambda/${local.login_name}${local.log_group_suffix}"
  tasks_log = "/aws/lambda/${local.tasks_name}${local.log_group_suffix}"

  # Whether there is this alarm must be known at plan, and reserved_concurrency may be unknown then: only null switches
  # the alarm off.
  busy_concurrency = var.reserved_concurrency == null ? null : max(1, ceil(var.reserved_concurrency * 0.8))

  concurrency_limit = (
    var.reserved_concurrency == null
    ? "none reserved: the account's quota is the limit"
    : "${coalesce(var.reserved_concurrency, 0)} reserved"
  )
}
