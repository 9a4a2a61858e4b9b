# How the gateway checks a caller before the function is invoked: a refused request costs no invocation.

locals {
  authorizations = {
    none   = { type = "NONE", authorizer_id = null, scopes = null }
    iam    = { type = "AWS_IAM", authorizer_id = null, scopes = null }
    jwt    = { type = "JWT", authorizer_id = local.jwt_authorizer_id, scopes = var.authorization.scopes }
    token  = { type = "CUSTOM", authorizer_id = local.function_authorizer_id, scopes = null }
    lambda = { type = "CUSTOM", authorizer_id = local.function_authorizer_id, scopes = null }
  }

  jwt_authorizer_id      = one(aws_apigatewayv2_authorizer.jwt[*].id)
  function_authorizer_id = one(aws_apigatewayv2_authorizer.function[*].id)

  asked           = var.authorization.function
  asks_a_function = local.asked != null
}

# The gateway checks signature, issuer, audience and times of a token. Only the header counts: a token in the query
# would end in logs and histories.
resource "aws_apigatewayv2_authorizer" "jwt" {
  count = var.authorization.type == "jwt" ? 1 : 0

  api_id           = aws_apigatewayv2_api.front.id
  name             = "jwt"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = var.authorization.issuer
    audience = var.authorization.audience
  }

  # AWS deletes no authorizer that a route still asks (409). So it goes after the routes have been changed.
  lifecycle {
    create_before_destroy = true
  }
}

# Simple responses say yes or no for the whole API. A policy would be kept, and applied to other routes than it was made
# for.
resource "aws_apigatewayv2_authorizer" "function" {
  count = local.asks_a_function ? 1 : 0

  api_id                            = aws_apigatewayv2_api.front.id
  name                              = var.authorization.type
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = local.asked.uri
  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = true
  identity_sources                  = formatlist("$request.header.%s", local.asked.headers)
  authorizer_result_ttl_in_seconds  = local.asked.ttl

  # AWS deletes no authorizer that a route still asks (409). So it goes after the routes have been changed.
  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_lambda_permission.authorizer] # without it, the gateway answers 500
}

# Only as an authorizer of this API: as its integration, or called by another API, it would answer to anybody's events.
# It names no single authorizer, so that it is there before the first and after the last one.
resource "aws_lambda_permission" "authorizer" {
  count = local.asks_a_function ? 1 : 0

  statement_id  = "mcp-${var.api.name}-authorizer"
  action        = "lambda:InvokeFunction"
  function_name = local.asked.arn
  qualifier     = local.asked.qualifier
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.front.execution_arn}/authorizers/*"

  lifecycle {
    create_before_destroy = true
  }
}
