# An HTTP API, the cheaper front.

locals {
  has_cors = nonsensitive(length(var.cors_origins) > 0)

  # AWS documents origins of web pages alone for an HTTP API ("Configure CORS for HTTP APIs in API Gateway"). With one
  # of an extension or a desktop client among them the gateway names every origin, and the host refuses all but those
  # that are listed: it answers the preflight of any other with 403, and browsers go no further.
  has_only_web_origins = alltrue([for origin in var.cors_origins : can(regex("^([*]|https?://)", origin))])
  gateway_origins      = local.has_only_web_origins ? var.cors_origins : tolist(["*"])

  # A preflight carries no credentials. ANY /mcp and $default catch OPTIONS too, and would ask the authorizer: AWS
  # ("Configuring CORS for an HTTP API with a $default route and an authorizer") wants an open route that goes first.
  preflight_routes = local.has_cors ? ["OPTIONS ${var.paths.mcp}", "OPTIONS /{proxy+}"] : []

  # The author's own routes ($default) are as shut as the tools.
  guarded_routes = ["ANY ${var.paths.mcp}", "$default"]
  open_routes    = concat(formatlist("GET %s", var.paths.open), local.preflight_routes)

  has_login    = nonsensitive(var.functions.login != null)
  login_routes = local.has_login ? var.functions.login.routes : []

  guard = local.authorizations[var.authorization.type]
  open  = local.authorizations.none

  routes = merge(
    { for key in local.guarded_routes : key => merge(local.guard, { integration_id = local.live_id }) },
    { for key in local.unserved_routes : key => merge(local.guard, { integration_id = local.unserved_id }) },
    { for key in local.open_routes : key => merge(local.open, { integration_id = local.live_id }) },
    { for key in local.login_routes : key => merge(local.open, { integration_id = local.login_id }) },
  )
}

resource "aws_apigatewayv2_api" "front" {
  name          = var.api.name
  description   = "MCP server ${var.api.name}"
  protocol_type = "HTTP"
  tags          = var.api.tags

  disable_execute_api_endpoint = var.api.is_closed

  dynamic "cors_configuration" {
    for_each = local.has_cors ? [local.gateway_origins] : []

    content {
      allow_origins = cors_configuration.value
      allow_methods = ["DELETE", "GET", "OPTIONS", "POST"]

      # Whatever a page asks for, since it may call and the caller is checked: only the server knows the names of
      # Mcp-Param-NAME, in which a client repeats arguments of a tool. * does not stand for Authorization (Fetch
      # standard, "CORS non-wildcard request-header name"). Headers that `auth` names would make the API wait for what
      # auth is made of: a client at an identity provider that has to know the API's URL first.
      allow_headers = ["*", "authorization"]

      expose_headers = ["mcp-protocol-version", "mcp-session-id", "www-authenticate"]
      max_age        = 3600
    }
  }

  lifecycle {
    create_before_destroy = true # it answers until another front does
  }
}

# $default is served at the origin's root: a stage in the path would hide the well-known documents from clients.
resource "aws_apigatewayv2_stage" "front" {
  api_id      = aws_apigatewayv2_api.front.id
  name        = "$default"
  auto_deploy = true
  tags        = var.api.tags

  default_route_settings {
    throttling_rate_limit  = var.api.throttle.rate
    throttling_burst_limit = var.api.throttle.burst
  }

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

resource "aws_apigatewayv2_integration" "live" {
  api_id                 = aws_apigatewayv2_api.front.id
  integration_type       = "AWS_PROXY"
  integration_uri        = var.functions.live.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 30000 # the most there is; the function gives up before

  depends_on = [aws_lambda_permission.front]

  lifecycle {
    create_before_destroy = true # as the API
  }
}

resource "aws_apigatewayv2_integration" "login" {
  count = local.has_login ? 1 : 0

  api_id                 = aws_apigatewayv2_api.front.id
  integration_type       = "AWS_PROXY"
  integration_uri        = var.functions.login.invoke_arn
  payload_format_version = "2.0"

  depends_on = [aws_lambda_permission.login]
}

locals {
  live_id     = aws_apigatewayv2_integration.live.id
  unserved_id = aws_apigatewayv2_integration.unserved.id
  login_id    = one(aws_apigatewayv2_integration.login[*].id)
}

resource "aws_apigatewayv2_route" "front" {
  #checkov:skip=CKV_AWS_309:Open are /health, OAuth's documents and preflights, or all with auth none; see the table.
  for_each = local.routes

  api_id               = aws_apigatewayv2_api.front.id
  route_key            = each.key
  target               = "integrations/${each.value.integration_id}"
  authorization_type   = each.value.type
  authorizer_id        = each.value.authorizer_id
  authorization_scopes = each.value.scopes

  lifecycle {
    create_before_destroy = true # as the API
  }
}

# Only this API may invoke, and only the alias: nobody gets round the authorizer by way of $LATEST or an old version.
# Without it, the gateway answers 500: so the next one is made before this one goes, under the name of its own API.
resource "aws_lambda_permission" "front" {
  statement_id  = "api-${aws_apigatewayv2_api.front.id}"
  action        = "lambda:InvokeFunction"
  function_name = var.functions.live.function_name
  qualifier     = var.functions.live.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.front.execution_arn}/*/*"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lambda_permission" "login" {
  count = local.has_login ? 1 : 0

  statement_id  = "api-${aws_apigatewayv2_api.front.id}"
  action        = "lambda:InvokeFunction"
  function_name = var.functions.login.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.front.execution_arn}/*/*"

  lifecycle {
    create_before_destroy = true
  }
}
