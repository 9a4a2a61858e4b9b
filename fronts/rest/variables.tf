# The same in each front, for nothing else is to know which one there is.

variable "api" {
  description = <<-EOT
    The API's name and tags, requests a second that it lets through, the group and the fields of its access log (null:
    none is written), the origin of a domain that leads to it (null: there is none), whether its generated
    endpoint is closed, for how many seconds it waits for an answer where that can be chosen, and its reach: by which
    web ACL's leave it may be called, from which addresses (null: from all) and through which VPC endpoints (none: from
    the internet). An HTTP API has none of these three.
  EOT
  type = object({
    name            = string
    tags            = map(string)
    throttle        = object({ rate = number, burst = number })
    access_log      = object({ group_arn = string, fields = map(string) })
    domain_origin   = string
    is_closed       = bool
    timeout_seconds = number
    reach = object({
      web_acl_arn      = string
      allowed_cidrs    = list(string)
      vpc_endpoint_ids = list(string)
    })
  })
  nullable = false
}

variable "functions" {
  description = <<-EOT
    What answers: the alias of the server's function, and where people log in another function (null: there is none)
    with its routes, each method and path, which are open to everybody.
  EOT
  type = object({
    live  = object({ name = string, function_name = string, invoke_arn = string })
    login = object({ name = string, invoke_arn = string, routes = list(string) })
  })
  nullable = false
}

variable "paths" {
  description = "Path of the MCP endpoint, paths that anybody may get, and which of them is OAuth's metadata."
  type        = object({ mcp = string, open = list(string), metadata = string })
  nullable    = false
}

variable "cors_origins" {
  description = "Origins of the web pages, browser extensions and desktop clients that may call."
  type        = list(string)
  nullable    = false
}

variable "authorization" {
  description = <<-EOT
    Who may call: the type as in auth, what a JWT must say, the scopes that a client is told to ask for, and the
    function to ask (null: there is none): its ARN without the qualifier, the qualifier, the URI that a gateway calls it
    by, and the headers that its result is kept by for so many seconds.
  EOT
  type = object({
    type       = string
    issuer     = string
    audience   = list(string)
    scopes     = list(string)
    advertised = list(string)
    function = object({
      arn       = string
      qualifier = string
      uri       = string
      headers   = list(string)
      ttl       = number
    })
  })
  nullable = false
}
