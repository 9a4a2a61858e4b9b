variable "custom_domain" {
  description = <<-EOT
    A domain name of your own for the endpoint:
    { domain_name, certificate_arn, zone_id?, keep_generated?, mutual_tls? }.
    certificate_arn is an ACM certificate of the API's region, zone_id the Route 53 zone for its A and AAAA records;
    where DNS is kept elsewhere, the key is left out.
    url and OAuth's resource follow the name, and the API's own endpoint is closed, unless keep_generated is true: for
    the time until all callers know the new name.
    mutual_tls asks clients for a certificate: { truststore_uri, version?, ownership_certificate_arn? }.
    truststore_uri is an object in S3 with the certificates of those who may issue them, and version its version.
    null: the name that AWS generates.
  EOT
  type        = any # an object would drop a misspelt key without a word
  default     = null

  validation {
    condition     = var.custom_domain == null || can(keys(var.custom_domain))
    error_message = "custom_domain must be null or an object with a domain_name and a certificate_arn."
  }

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
    condition     = try(var.custom_domain.keep_generated, null) == null || can(tobool(var.custom_domain.keep_generated))
    error_message = <<-EOT
      custom_domain.keep_generated is ${jsonencode(try(var.custom_domain.keep_generated, null))}, but must be true or
      false.
    EOT
  }

  validation {
    condition = try(var.custom_domain.mutual_tls, null) == null || try(
      length(setsubtract(keys(var.custom_domain.mutual_tls), local.mutual_tls_keys)) == 0, false
    )
    error_message = <<-EOT
      custom_domain.mutual_tls must be null or an object, but it is a value of another type, or has
      ${join(", ", try(setsubtract(keys(var.custom_domain.mutual_tls), local.mutual_tls_keys), []))}.
      Its keys are ${join(", ", local.mutual_tls_keys)}.
    EOT
  }

  validation {
    condition = try(var.custom_domain.mutual_tls, null) == null || can(
      regex(local.patterns.truststore_uri, var.custom_domain.mutual_tls.truststore_uri)
    )
    error_message = <<-EOT
      custom_domain.mutual_tls.truststore_uri is
      ${jsonencode(try(var.custom_domain.mutual_tls.truststore_uri, null))}.
      It must be an object in S3 with the certificates of those who may issue certificates to clients, such as
      s3://acme-trust/mcp.pem.
    EOT
  }

  validation {
    condition = try(var.custom_domain.mutual_tls.ownership_certificate_arn, null) == null || can(
      regex(local.patterns.certificate_arn, var.custom_domain.mutual_tls.ownership_certificate_arn)
    )
    error_message = <<-EOT
      custom_domain.mutual_tls.ownership_certificate_arn is
      ${jsonencode(try(var.custom_domain.mutual_tls.ownership_certificate_arn, null))}.
      It must be the ARN of a public ACM certificate for the same name. null is right unless certificate_arn is imported
      or of a private authority.
    EOT
  }

  validation {
    condition     = try(var.custom_domain.mutual_tls == null || !tobool(var.custom_domain.keep_generated), true)
    error_message = <<-EOT
      custom_domain has mutual_tls and keep_generated, but the endpoint that AWS generates asks for no certificate:
      everybody could go round the domain by it. Leave keep_generated out.
    EOT
  }

  validation {
    condition = (
      !contains(try(keys(var.custom_domain), []), "zone_id") ||
      can(regex(local.patterns.zone_id, var.custom_domain.zone_id))
    )
    error_message = <<-EOT
      custom_domain.zone_id is ${jsonencode(try(var.custom_domain.zone_id, null))}.
      It must be the id of a Route 53 hosted zone, such as Z0123456789ABCDEFGHIJ (data.aws_route53_zone.main.zone_id).
      Where DNS is kept elsewhere, leave the key out. Where a variable may be null:
      merge({ domain_name = …, certificate_arn = … }, var.zone_id == null ? {} : { zone_id = var.zone_id }).
    EOT
  }
}
