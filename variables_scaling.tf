variable "reserved_concurrency" {
  description = "How many calls may run at once: a limit on cost, and on what a caller can do to the systems behind the tools. With auth.type token, the authorizer gets as many. null reserves none, 0 switches the function off. An account keeps 100 unreserved; a new one may have no more than 10 in all and needs null."
  type        = number
  default     = 10

  validation {
    condition     = var.reserved_concurrency == null || try(var.reserved_concurrency >= 0 && floor(var.reserved_concurrency) == var.reserved_concurrency, false)
    error_message = "reserved_concurrency is ${coalesce(var.reserved_concurrency, 0)}, but must be null (unreserved) or a whole number from 0: it counts execution environments."
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
