locals {
  # A client without a token learns here where to get one (RFC 9728), so these routes are open. The issuer is public.
  # Clients look at both places: with the endpoint's path (RFC 9728 section 3.1) and without.
  metadata_paths  = [local.contract.metadata_path, "${local.contract.metadata_path}${local.contract.mcp_path}"]
  metadata_routes = local.auth.type == "jwt" ? [for path in local.metadata_paths : "GET ${path}"] : []

  has_cors = nonsensitive(length(var.cors_origins) > 0)

  # AWS documents origins of web pages alone for an HTTP API ("Configure CORS for HTTP APIs in API Gateway"). With one
  # of an extension or a desktop client among them the gateway names every origin, and the host refuses all but those
  # that are listed: it answers the preflight of any other with 403, and browsers go no further.
  has_only_web_origins = alltrue([for origin in var.cors_origins : can(regex(local.patterns.web_origin, origin))])
  gateway_origins      = local.has_only_web_origins ? var.cors_origins : tolist(["*"])

  # A preflight carries no credentials. ANY /mcp and $default catch OPTIONS too, and would ask the authorizer: AWS
  # ("Configuring CORS for an HTTP API with a $default route and an authorizer") wants an open route that goes first.
  preflight_routes = local.has_cors ? ["OPTIONS ${local.contract.mcp_path}", "OPTIONS /{proxy+}"] : []

  # The author's own routes ($default) are as shut as the tools.
  guarded_routes = ["ANY ${local.contract.mcp_path}", "$default"]
  open_routes    = concat(["GET ${local.contract.health_path}"], local.metadata_routes, local.preflight_routes)

  routes = merge(
    { for key in local.guarded_routes : key => local.authorizations[local.auth.type] },
    { for key in local.open_routes : key => local.authorizations.none },
  )

  throttle = {
    rate  = coalesce(lookup(var.throttle, "rate", null), 50)
    burst = coalesce(lookup(var.throttle, "burst", null), 100)
  }

  endpoint = "${local.front.origin}${local.contract.mcp_path}" # as clients know it

  # Facts about the front that the rest of the module may use.
  front = {
    origin        = local.has_domain ? "https://${local.domain.name}" : aws_apigatewayv2_api.front.api_endpoint
    api_id        = aws_apigatewayv2_api.front.id
    execution_arn = aws_apigatewayv2_api.front.execution_arn
    log_group     = aws_cloudwatch_log_group.access.name
    metrics       = { namespace = "AWS/ApiGateway", dimensions = { ApiId = aws_apigatewayv2_api.front.id } }
    refusals      = "{ ($.status = \"401\") || ($.status = \"403\") }" # the access log has strings alone
  }

  # Facts that are known before there is an API. Price: HTTP API, us-east-1, noted in 2026-11.
  front_metrics = { requests = "Count", failures = "5xx", latency = "Latency", dollars_per_million = 1.00 }

  # Fields of the access log: never a header or a query, which may hold credentials.
  access_log = {
    requestId          = "$context.requestId"
    ip                 = "$context.identity.sourceIp"
    method             = "$context.httpMethod"
    path               = "$context.path"
    routeKey           = "$context.routeKey"
    status             = "$context.status"
    protocol           = "$context.protocol"
    responseLength     = "$context.responseLength"
    responseLatency    = "$context.responseLatency"
    integrationLatency = "$context.integrationLatency"
    integrationError   = "$context.integrationErrorMessage"
    authorizerError    = "$context.authorizer.error"
    error              = "$context.error.message"
  }
}

resource "aws_apigatewayv2_api" "front" {
  name          = var.name
  description   = "MCP server ${var.name}"
  protocol_type = "HTTP"
  tags          = var.tags

  disable_execute_api_endpoint = local.has_domain && !local.keeps_generated

  dynamic "cors_configuration" {
    for_each = local.has_cors ? [local.gateway_origins] : []

    content {
      allow_origins = cors_configuration.value
      allow_methods = ["DELETE", "GET", "OPTIONS", "POST"]
      allow_headers = setunion(local.credential_headers, [
        "accept", "authorization", "content-type", "last-event-id", "mcp-method", "mcp-name", "mcp-protocol-version",
        "mcp-session-id", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token", "x-api-key",
      ])
      expose_headers = ["mcp-protocol-version", "mcp-session-id", "www-authenticate"]
      max_age        = 3600
    }
  }

  # Its own endpoint closes only when callers can come by the domain.
  depends_on = [aws_apigatewayv2_domain_name.front, aws_route53_record.front]
}

# $default is served at the origin's root: a stage in the path would hide the well-known documents from clients.
resource "aws_apigatewayv2_stage" "front" {
  api_id      = aws_apigatewayv2_api.front.id
  name        = "$default"
  auto_deploy = true
  tags        = var.tags

  default_route_settings {
    throttling_rate_limit  = local.throttle.rate
    throttling_burst_limit = local.throttle.burst
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = jsonencode(local.access_log)
  }
}

# API Gateway writes here under a policy of the account. Under /aws/vendedlogs/ one statement covers all groups, where
# any other name takes room in the 5,120 characters that the account has for such policies (API Gateway Developer Guide,
# "Configure logging for HTTP APIs"; CloudWatch Logs User Guide, "Enabling logging from AWS services").
resource "aws_cloudwatch_log_group" "access" {
  name              = "/aws/vendedlogs/apigateway/${var.name}${local.log_group_suffix}"
  log_group_class   = var.log_group_class
  skip_destroy      = var.log_groups_kept
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_apigatewayv2_integration" "live" {
  api_id                 = aws_apigatewayv2_api.front.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_alias.live.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 30000 # the most there is; the function gives up before
}

resource "aws_apigatewayv2_route" "front" {
  #checkov:skip=CKV_AWS_309:Open are /health, OAuth's documents and preflights, or all with auth none; see the table.
  for_each = local.routes

  api_id               = aws_apigatewayv2_api.front.id
  route_key            = each.key
  target               = "integrations/${aws_apigatewayv2_integration.live.id}"
  authorization_type   = each.value.type
  authorizer_id        = each.value.authorizer_id
  authorization_scopes = each.value.scopes
}

# Only this API may invoke, and only the alias: nobody gets round the authorizer by way of $LATEST or an old version.
resource "aws_lambda_permission" "front" {
  statement_id  = "api"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_alias.live.function_name
  qualifier     = aws_lambda_alias.live.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.front.execution_arn}/*/*"
}
