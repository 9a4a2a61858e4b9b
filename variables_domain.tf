variable "custom_domain" {
  description = <<-EOT
    A domain name of your own for the endpoint: { domain_name, certificate_arn, zone_id?, keep_generated? }.
    certificate_arn is an ACM certificate of the API's region, zone_id the Route 53 zone for its A and AAAA records;
    where DNS is kept elsewhere, the key is left out.
    url and OAuth's resource follow the name, and the API's own endpoint is closed, unless keep_generated is true: for
    the time until all callers know the new name.
    null: the name that AWS generates.
  EOT
  type        = map(string) # an object would drop a misspelt key without a word
  default     = null

  validation {
    condition     = try(length(setsubtract(keys(var.custom_domain), local.domain_keys)) == 0, true)
    error_message = <<-EOT
      custom_domain has ${join(", ", try(setsubtract(keys(var.custom_domain), local.domain_keys), []))}.
      Its keys are ${join(", ", local.domain_keys)}.
    EOT
  }

  validation {
    condition     = var.custom_domain == null || can(regex(local.patterns.domain_name, var.custom_domain.domain_name))
    error_message = <<-EOT
      custom_domain.domain_name is ${jsonencode(try(var.custom_domain.domain_name, null))}.
      It must be one full name in lower case, such as mcp.example.com.
      There is no scheme, no path and no "*" in it, since url is made of it.
    EOT
  }

  validation {
    condition = (
      var.custom_domain == null || can(regex(local.patterns.certificate_arn, var.custom_domain.certificate_arn))
    )
    error_message = <<-EOT
      custom_domain.certificate_arn is ${jsonencode(try(var.custom_domain.certificate_arn, null))}.
      It must be the ARN of an ACM certificate in the API's region, such as
      arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab.
    EOT
  }

  validation {
    condition     = contains(["true", "false"], try(coalesce(var.custom_domain.keep_generated, "false"), "false"))
    error_message = <<-EOT
      custom_domain.keep_generated is ${jsonencode(try(var.custom_domain.keep_generated, null))}, but must be true or
      false.
    EOT
  }

  validation {
    condition = (
      !contains(try(keys(var.custom_domain), []), "zone_id")
      || can(regex(local.patterns.zone_id, var.custom_domain.zone_id))
    )
    error_message = <<-EOT
      custom_domain.zone_id is ${jsonencode(try(var.custom_domain.zone_id, null))}.
      It must be the id of a Route 53 hosted zone, such as Z0123456789ABCDEFGHIJ (data.aws_route53_zone.main.zone_id).
      Where DNS is kept elsewhere, leave the key out. Where a variable may be null:
      merge({ domain_name = …, certificate_arn = … }, var.zone_id == null ? {} : { zone_id = var.zone_id }).
    EOT
  }
}
