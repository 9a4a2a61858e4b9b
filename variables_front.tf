variable "front" {
  description = <<-EOT
    Kind of the API in front of the function: "http" or "rest".
    A REST API tells clients in its 401 where to get a token, and costs $3.50 a million requests instead of $1.00.
    Without custom_domain its URL has the stage in it: https://….amazonaws.com/live/mcp. See docs/fronts.md.
    A change makes another API: without custom_domain, url is another one, which the plan shows as known after apply.
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

variable "allowed_cidrs" {
  description = <<-EOT
    Addresses that may call, such as ["203.0.113.0/24"]: all others are refused (403) before anybody is asked who calls.
    Takes front = "rest". null lets every address try.
  EOT
  type        = list(string)
  default     = null

  validation {
    condition     = var.allowed_cidrs == null || var.front == "rest"
    error_message = <<-EOT
      allowed_cidrs is given with front = "${var.front}", but an HTTP API has no resource policy, by which API Gateway
      would know a caller's address: everybody could call. Set front = "rest".
    EOT
  }

  validation {
    condition = var.allowed_cidrs == null || try(alltrue([
      length(var.allowed_cidrs) > 0, alltrue([for cidr in var.allowed_cidrs : can(cidrsubnet(cidr, 0, 0))]),
    ]), false)
    error_message = <<-EOT
      allowed_cidrs is ${jsonencode(var.allowed_cidrs)}.
      It must be a list of one range of addresses or more, such as "203.0.113.0/24", "203.0.113.7/32" or
      "2001:db8::/32". With none, every call would be refused; null lets every address try.
    EOT
  }

  validation {
    condition     = try(length(jsonencode(var.allowed_cidrs)) <= 7000, true)
    error_message = <<-EOT
      allowed_cidrs has ${try(length(var.allowed_cidrs), 0)} ranges, too many for the 8,192 characters of a resource
      policy. Put them into an IP set of AWS WAF, and block what is not in it in the ACL of web_acl_arn.
    EOT
  }
}

variable "vpc_endpoint_ids" {
  description = <<-EOT
    VPC endpoints (for execute-api) through which alone the API can be called: it is private, and has no address on the
    internet. Takes front = "rest", and no custom_domain. See docs/fronts.md.
  EOT
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.vpc_endpoint_ids) == 0 || var.front == "rest"
    error_message = <<-EOT
      vpc_endpoint_ids is given with front = "${var.front}", but an HTTP API is always on the internet: AWS has no
      private one. Set front = "rest".
    EOT
  }

  validation {
    condition     = length(var.vpc_endpoint_ids) == 0 || var.custom_domain == null
    error_message = <<-EOT
      vpc_endpoint_ids and custom_domain are both given, but a name on the internet cannot lead to a private API, and
      private domain names, which AWS has besides, need an association in each VPC. Leave custom_domain out: url is the
      name that AWS generates.
    EOT
  }

  validation {
    condition     = alltrue([for id in var.vpc_endpoint_ids : can(regex(local.patterns.vpc_endpoint_id, id))])
    error_message = <<-EOT
      vpc_endpoint_ids has
      ${jsonencode([for id in var.vpc_endpoint_ids : id if !can(regex(local.patterns.vpc_endpoint_id, id))])}.
      Each must be the id of an interface endpoint for execute-api, such as vpce-0123456789abcdef0.
    EOT
  }
}

variable "web_acl_arn" {
  description = <<-EOT
    ARN of a web ACL of AWS WAF (scope REGIONAL) that sees each request first. Takes front = "rest".
    For one that is made in the same apply, write format("%s", aws_wafv2_web_acl.NAME.arn): Terraform then knows at plan
    that there will be one. See examples/firewall. null: none.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.web_acl_arn == null || var.front == "rest"
    error_message = <<-EOT
      web_acl_arn is given with front = "${var.front}", but AWS WAF does not take HTTP APIs: the ACL would protect
      nothing. Set front = "rest".
    EOT
  }

  validation {
    condition     = var.web_acl_arn == null || can(regex(local.patterns.web_acl_arn, var.web_acl_arn))
    error_message = <<-EOT
      web_acl_arn is ${jsonencode(var.web_acl_arn)}.
      It must be the ARN of a web ACL with the scope REGIONAL, as API Gateway takes no other, such as
      arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/mcp/1234abcd-12ab-34cd-56ef-1234567890ab.
    EOT
  }
}

variable "gateway_timeout_quota_seconds" {
  description = <<-EOT
    The account's quota "Maximum integration timeout" of API Gateway, in seconds, where AWS has raised it.
    timeout_seconds may be as much. Takes front = "rest". null: what AWS gives by default, 29.
  EOT
  type        = number
  default     = null

  validation {
    condition     = var.gateway_timeout_quota_seconds == null || var.front == "rest"
    error_message = <<-EOT
      gateway_timeout_quota_seconds is given with front = "${var.front}", but AWS raises this quota for REST APIs alone:
      an HTTP API gives up after 30 seconds. Set front = "rest".
    EOT
  }

  validation {
    condition = var.gateway_timeout_quota_seconds == null || try(alltrue([
      var.gateway_timeout_quota_seconds >= 29, var.gateway_timeout_quota_seconds <= 300,
      floor(var.gateway_timeout_quota_seconds) == var.gateway_timeout_quota_seconds,
    ]), false)
    error_message = <<-EOT
      gateway_timeout_quota_seconds is ${coalesce(var.gateway_timeout_quota_seconds, 0)}, but must be a whole number
      from 29 to 300: AWS raises this quota no further.
    EOT
  }
}
