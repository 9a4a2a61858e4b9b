variable "custom_domain" {
  description = "Name of the endpoint: { domain_name, certificate_arn, zone_id? }, with an ACM certificate of the API's region and, for its A and AAAA records, the Route 53 zone. url and OAuth's resource follow it, and the API's own endpoint is closed. null: the name that AWS generates."
  type = object({
    domain_name     = string
    certificate_arn = string
    zone_id         = optional(string)
  })
  default = null

  validation {
    condition     = var.custom_domain == null || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+[a-z][a-z0-9-]{0,61}[a-z0-9]$", var.custom_domain.domain_name))
    error_message = "custom_domain.domain_name is ${jsonencode(try(var.custom_domain.domain_name, null))}, but must be one full name in lower case, such as mcp.example.com: no scheme, no path and no \"*\", since url is made of it."
  }

  validation {
    condition     = var.custom_domain == null || can(regex("^arn:aws(-cn|-us-gov)?:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$", var.custom_domain.certificate_arn))
    error_message = "custom_domain.certificate_arn is ${jsonencode(try(var.custom_domain.certificate_arn, null))}, but must be the ARN of an ACM certificate in the API's region, such as arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab."
  }

  validation {
    condition     = try(var.custom_domain.zone_id, null) == null || can(regex("^Z[A-Z0-9]+$", var.custom_domain.zone_id))
    error_message = "custom_domain.zone_id is ${jsonencode(try(var.custom_domain.zone_id, null))}, but must be the id of a Route 53 hosted zone, such as Z0123456789ABCDEFGHIJ (data.aws_route53_zone.main.zone_id), or null where DNS is kept elsewhere."
  }
}
