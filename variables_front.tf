variable "front" {
  description = <<-EOT
    Kind of the API in front of the function: "http" or "rest".
    A REST API tells clients in its 401 where to get a token, and costs $3.50 a million requests instead of $1.00.
    Without custom_domain its URL has the stage in it: https://….amazonaws.com/live/mcp. See docs/fronts.md.
  EOT
  type        = string
  default     = "http"
  nullable    = false

  validation {
    condition     = contains(["http", "rest"], var.front)
    error_message = "front is \"${var.front}\", but must be http or rest, the kinds of API that API Gateway has for it."
  }
}

variable "cors_origins" {
  description = <<-EOT
    Origins of the web pages that may call, such as "https://app.example.com", and of browser extensions and desktop
    clients, such as "chrome-extension://ID" and "vscode-file://vscode-app".
    A request with any other Origin is refused; one without Origin (every client but a browser) is not affected.
  EOT
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for origin in var.cors_origins : can(regex(local.patterns.origin, origin))])
    error_message = <<-EOT
      cors_origins has
      ${jsonencode([for origin in var.cors_origins : origin if !can(regex(local.patterns.origin, origin))])}.
      Each must be "*" or exactly what a browser sends: scheme://host or scheme://host:port without path or final "/".
    EOT
  }
}

variable "throttle" {
  description = <<-EOT
    Requests a second that the API lets through: { rate?, burst? }.
    rate (50) is the average, burst (100) how many may come at once.
    More are answered with 429 and cost no invocation.
  EOT
  # A map, since an object would drop a misspelt key without a word. The defaults are in `local.throttle`, so that a
  # limit that was chosen can be told from one that was not.
  type     = map(number)
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(keys(var.throttle), ["rate", "burst"])) == 0
    error_message = <<-EOT
      throttle has ${join(", ", setsubtract(keys(var.throttle), ["rate", "burst"]))}, but its keys are rate and burst.
    EOT
  }

  validation {
    condition     = try(var.throttle.rate, null) == null || try(var.throttle.rate > 0, false)
    error_message = <<-EOT
      throttle.rate is ${jsonencode(try(var.throttle.rate, null))}, but must be more than 0.
      The API would refuse every request.
    EOT
  }

  validation {
    condition = try(var.throttle.burst, null) == null || try(
      var.throttle.burst > 0 && floor(var.throttle.burst) == var.throttle.burst, false
    )
    error_message = <<-EOT
      throttle.burst is ${jsonencode(try(var.throttle.burst, null))}, but must be a whole number above 0.
      It counts requests, and with 0 every one would be refused.
    EOT
  }
}
