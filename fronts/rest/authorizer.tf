# How the gateway checks a caller before the function is invoked: a refused request costs no invocation.

locals {
  authorizations = {
    none   = { type = "NONE", authorizer_id = null }
    iam    = { type = "AWS_IAM", authorizer_id = null }
    jwt    = { type = "CUSTOM", authorizer_id = local.authorizer_id }
    token  = { type = "CUSTOM", authorizer_id = local.authorizer_id }
    lambda = { type = "CUSTOM", authorizer_id = local.authorizer_id }
  }

  authorizer_id = one(aws_api_gateway_authorizer.function[*].id)

  asked           = var.authorization.function
  asks_a_function = nonsensitive(local.asked != null)

  identity_sources = local.asks_a_function ? formatlist("method.request.header.%s", local.asked.headers) : []
}

resource "aws_api_gateway_authorizer" "function" {
  count = local.asks_a_function ? 1 : 0

  rest_api_id                      = aws_api_gateway_rest_api.front.id
  name                             = var.authorization.type
  type                             = "REQUEST"
  authorizer_uri                   = local.asked.uri
  identity_source                  = length(local.identity_sources) == 0 ? null : join(",", local.identity_sources)
  authorizer_result_ttl_in_seconds = local.asked.ttl

  # It goes after the methods that ask it have been changed.
  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_lambda_permission.authorizer] # without it, the gateway answers 500
}

# Only as an authorizer of this API: as its integration, or called by another API, it would answer to anybody's events.
# It names no single authorizer, so that it is there before the first and after the last one.
resource "aws_lambda_permission" "authorizer" {
  count = local.asks_a_function ? 1 : 0

  statement_id  = "mcp-${var.api.name}-rest-authorizer"
  action        = "lambda:InvokeFunction"
  function_name = local.asked.arn
  qualifier     = local.asked.qualifier
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.front.execution_arn}/authorizers/*"

  lifecycle {
    create_before_destroy = true
  }
}
