# A domain name of the user's own for the endpoint. The API's generated name is closed then (front.tf): callers could go
# round what stands before the domain by it, and a token is made for one URL only. On a stack that is live it is closed
# once the domain and its records are there, and opened before they go.

locals {
  domain_keys     = ["domain_name", "certificate_arn", "zone_id", "keep_generated", "mutual_tls"]
  mutual_tls_keys = ["truststore_uri", "version", "ownership_certificate_arn"]
  has_domain      = nonsensitive(var.custom_domain != null)

  domain = var.custom_domain == null ? null : {
    name            = var.custom_domain.domain_name
    certificate_arn = var.custom_domain.certificate_arn
    zone_id         = lookup(var.custom_domain, "zone_id", null)
  }

  # custom_domain.mutual_tls with all its keys; null: clients show no certificate.
  mutual_tls = try(var.custom_domain.mutual_tls, null) == null ? null : {
    truststore_uri            = var.custom_domain.mutual_tls.truststore_uri
    version                   = lookup(var.custom_domain.mutual_tls, "version", null)
    ownership_certificate_arn = lookup(var.custom_domain.mutual_tls, "ownership_certificate_arn", null)
  }

  domain_origin   = local.has_domain ? "https://${local.domain.name}" : null
  keeps_generated = try(nonsensitive(tobool(var.custom_domain.keep_generated) == true), false)

  # The API waits for this before it closes its generated name: callers can come by the domain then.
  domain_is_ready = length(concat(aws_apigatewayv2_domain_name.front[*].id, values(aws_route53_record.front)[*].id)) > 0

  # Target of the domain's DNS.
  domain_target = one([for domain in aws_apigatewayv2_domain_name.front : {
    name    = one(domain.domain_name_configuration).target_domain_name
    zone_id = one(domain.domain_name_configuration).hosted_zone_id
  }])

  has_mutual_tls = nonsensitive(local.mutual_tls != null)

  # Whether the key is there, and not what it says: the id of a zone of the same apply is known first then.
  has_zone = local.has_domain ? nonsensitive(contains(keys(var.custom_domain), "zone_id")) : false
}

resource "aws_apigatewayv2_domain_name" "front" {
  count = local.has_domain ? 1 : 0

  domain_name = local.domain.name
  tags        = var.tags

  domain_name_configuration {
    certificate_arn = local.domain.certificate_arn
    endpoint_type   = "REGIONAL"  # the only one of an HTTP API
    security_policy = "TLS_1_2"   # and newer
    ip_address_type = "dualstack" # so that the AAAA record leads somewhere

    # A public certificate that shows whose the name is, where certificate_arn is imported or of a private authority.
    ownership_verification_certificate_arn = try(local.mutual_tls.ownership_certificate_arn, null)
  }

  dynamic "mutual_tls_authentication" {
    for_each = local.has_mutual_tls ? [local.mutual_tls] : []

    content {
      truststore_uri     = mutual_tls_authentication.value.truststore_uri
      truststore_version = mutual_tls_authentication.value.version
    }
  }

  lifecycle {
    create_before_destroy = true # so it goes after the API's own endpoint is open again
  }
}

resource "aws_apigatewayv2_api_mapping" "front" {
  count = local.has_domain ? 1 : 0

  api_id      = local.front.api_id
  domain_name = one(aws_apigatewayv2_domain_name.front[*].id)
  stage       = local.front.stage
}

resource "aws_route53_record" "front" {
  for_each = toset(local.has_zone ? ["A", "AAAA"] : [])

  zone_id = local.domain.zone_id
  name    = local.domain.name
  type    = each.key

  alias {
    name                   = local.domain_target.name
    zone_id                = local.domain_target.zone_id
    evaluate_target_health = false # there is one target, healthy or not
  }

  lifecycle {
    create_before_destroy = true
  }
}
