# A name of the user's own for the endpoint. The API's generated one is closed then (api.tf): what stands before the
# domain could be gone round by it, and a token is made for one URL only.

locals {
  # What the domain's DNS has to lead to.
  domain_target = one([for domain in aws_apigatewayv2_domain_name.front : {
    name    = one(domain.domain_name_configuration).target_domain_name
    zone_id = one(domain.domain_name_configuration).hosted_zone_id
  }])

  records = try(var.custom_domain.zone_id, null) == null ? [] : ["A", "AAAA"]
}

resource "aws_apigatewayv2_domain_name" "front" {
  count = var.custom_domain == null ? 0 : 1

  domain_name = var.custom_domain.domain_name
  tags        = var.tags

  domain_name_configuration {
    certificate_arn = var.custom_domain.certificate_arn
    endpoint_type   = "REGIONAL"  # the only one of an HTTP API
    security_policy = "TLS_1_2"   # and newer
    ip_address_type = "dualstack" # so that the AAAA record leads somewhere
  }
}

resource "aws_apigatewayv2_api_mapping" "front" {
  count = var.custom_domain == null ? 0 : 1

  api_id      = aws_apigatewayv2_api.front.id
  domain_name = one(aws_apigatewayv2_domain_name.front[*].id)
  stage       = aws_apigatewayv2_stage.front.id
}

resource "aws_route53_record" "front" {
  for_each = toset(local.records)

  zone_id = var.custom_domain.zone_id
  name    = var.custom_domain.domain_name
  type    = each.key

  alias {
    name                   = local.domain_target.name
    zone_id                = local.domain_target.zone_id
    evaluate_target_health = false # there is one target, healthy or not
  }
}
