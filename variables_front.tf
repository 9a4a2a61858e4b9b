variable "cors_origins" {
  description = "Origins of the web pages that may call, such as \"https://app.example.com\". A request that carries any other Origin is refused; one without Origin (every client but a browser) is not affected."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for origin in var.cors_origins : can(regex("^([*]|https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?)$", origin))])
    error_message = "cors_origins has ${join(", ", [for origin in var.cors_origins : "\"${origin}\"" if !can(regex("^([*]|https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?)$", origin))])}, but each must be \"*\" or exactly what a browser sends, scheme://host or scheme://host:port without path or final \"/\"."
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
