# A REST API, the front whose refusals say what a client needs. It is made of resources and of no OpenAPI document, as
# that could not hold the API's own identifier.

data "aws_partition" "current" {}

locals {
  stage = "live"

  # The stage is a part of the path, unless a domain leads to it.
  region           = split(":", aws_api_gateway_rest_api.front.execution_arn)[3]
  gateway_domain   = "execute-api.${local.region}.${data.aws_partition.current.dns_suffix}"
  generated_origin = "https://${aws_api_gateway_rest_api.front.id}.${local.gateway_domain}/${local.stage}"

  has_cors = nonsensitive(length(var.cors_origins) > 0)
}

resource "aws_api_gateway_rest_api" "front" {
  name        = var.api.name
  description = "MCP server ${var.api.name}"
  tags        = var.api.tags

  # Without it, an image or an archive of the author's own routes would leave as base64. The function gets every body in
  # base64, which it decodes.
  binary_media_types = ["*/*"]

  disable_execute_api_endpoint = var.api.is_closed

  endpoint_configuration {
    types            = [local.is_private ? "PRIVATE" : "REGIONAL"]
    ip_address_type  = local.is_private ? "dualstack" : "ipv4" # a private API has no other
    vpc_endpoint_ids = local.is_private ? var.api.reach.vpc_endpoint_ids : null
  }

  lifecycle {
    create_before_destroy = true # it answers until another front does
  }
}

# What has been deployed answers, and not what has been changed since. The hash is of what the resources are made of: of
# their own attributes it would be unknown in each plan that changes one of them.
resource "aws_api_gateway_deployment" "live" {
  rest_api_id = aws_api_gateway_rest_api.front.id

  triggers = {
    definition = sha256(jsonencode([
      var.paths, var.authorization, var.functions.live.invoke_arn, local.methods, local.refusals, var.api.domain_origin,
      var.functions.login, var.api.timeout_seconds, var.api.reach.allowed_cidrs, var.api.reach.vpc_endpoint_ids,
      local.unserved, local.unserved_headers,
    ]))
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [
    aws_api_gateway_integration.live, aws_api_gateway_gateway_response.refusal, aws_api_gateway_rest_api_policy.front,
    aws_api_gateway_integration_response.unserved,
  ]
}

resource "aws_api_gateway_stage" "live" {
  #checkov:skip=CKV_AWS_73:X-Ray bills every trace; tracing is of the function, whose traces begin with the request.
  #checkov:skip=CKV_AWS_120:Answers to POST are not for a cache.
  #checkov:skip=CKV2_AWS_51:The gateway calls Lambda, which knows it by IAM and not by a client certificate.
  #checkov:skip=CKV2_AWS_29:A web ACL costs by the month: web_acl_arn. The throttle limits what strangers can cost.
  #checkov:skip=CKV2_AWS_77:What is in web_acl_arn is its owner's choice, and no Java runs behind it.
  #checkov:skip=CKV2_AWS_4:Execution logs hold headers and bodies; the access log says what is needed.
  rest_api_id   = aws_api_gateway_rest_api.front.id
  deployment_id = aws_api_gateway_deployment.live.id
  stage_name    = local.stage
  tags          = var.api.tags

  dynamic "access_log_settings" {
    for_each = var.api.access_log == null ? [] : [var.api.access_log]

    content {
      destination_arn = access_log_settings.value.group_arn
      format          = jsonencode(access_log_settings.value.fields)
    }
  }

  lifecycle {
    create_before_destroy = true # as the API
  }
}

resource "aws_api_gateway_method_settings" "live" {
  #checkov:skip=CKV_AWS_225:Answers to POST are not for a cache.
  rest_api_id = aws_api_gateway_rest_api.front.id
  stage_name  = aws_api_gateway_stage.live.stage_name
  method_path = "*/*"

  settings {
    throttling_rate_limit  = var.api.throttle.rate
    throttling_burst_limit = var.api.throttle.burst
    metrics_enabled        = false # of each method, for money; those of the API and of the stage are there anyway
    logging_level          = "OFF" # execution logs hold headers and bodies; the access log says what is needed
    data_trace_enabled     = false
  }

  lifecycle {
    create_before_destroy = true # as the API
  }
}

# Only this API may invoke, and only the alias: nobody gets round the authorizer by way of $LATEST or an old version.
# Without it, the gateway answers 500: so the next one is made before this one goes, under the name of its own API.
resource "aws_lambda_permission" "front" {
  statement_id  = "api-${aws_api_gateway_rest_api.front.id}"
  action        = "lambda:InvokeFunction"
  function_name = var.functions.live.function_name
  qualifier     = var.functions.live.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.front.execution_arn}/*/*"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lambda_permission" "login" {
  count = local.has_login ? 1 : 0

  statement_id  = "api-${aws_api_gateway_rest_api.front.id}"
  action        = "lambda:InvokeFunction"
  function_name = var.functions.login.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.front.execution_arn}/*/*"

  lifecycle {
    create_before_destroy = true
  }
}
