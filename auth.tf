locals {
  # What each type takes. A new type is a row here and a row in `authorizations`.
  auth_attributes = {
    none   = { type = "required" }
    iam    = { type = "required" }
    jwt    = { type = "required", issuer = "required", audience = "required", scopes = "optional" }
    token  = { type = "required", ssm_parameter = "required", header = "optional", ttl = "optional" }
    lambda = { type = "required", function_arn = "required", identity_sources = "optional", ttl = "optional" }
  }

  # How the gateway checks a caller before the function is invoked: a refused request costs no invocation.
  authorizations = {
    none   = { type = "NONE", authorizer_id = null, scopes = null }
    iam    = { type = "AWS_IAM", authorizer_id = null, scopes = null }
    jwt    = { type = "JWT", authorizer_id = one(aws_apigatewayv2_authorizer.jwt[*].id), scopes = var.auth.scopes }
    token  = { type = "CUSTOM", authorizer_id = one(aws_apigatewayv2_authorizer.function[*].id), scopes = null }
    lambda = { type = "CUSTOM", authorizer_id = one(aws_apigatewayv2_authorizer.function[*].id), scopes = null }
  }

  # The types that ask a function. Without one of its identity sources a request is refused unasked (401), and a result
  # is kept by their values: so a credential must be one of them, and all of them must be in each request. That is why
  # keys are taken from one header: with both as sources, every client would have to send both.
  askers = {
    token = {
      function_arn     = one(aws_lambda_function.authorizer[*].arn)
      identity_sources = ["$request.header.${local.key_header}"]
      ttl              = coalesce(var.auth.ttl, 60)
    }
    lambda = {
      function_arn     = var.auth.function_arn
      identity_sources = var.auth.identity_sources == null ? ["$request.header.Authorization"] : var.auth.identity_sources
      ttl              = coalesce(var.auth.ttl, 300)
    }
  }

  key_header = coalesce(var.auth.header, "authorization")
  asker      = one([for type, asker in local.askers : asker if type == var.auth.type])

  # Where its function is. A qualifier, if there is one, is part of what is asked and of what the permission is for.
  asked = one([for asker in local.asker[*] : regex(
    "^(?P<function>arn:(?P<partition>[^:]+):lambda:(?P<region>[^:]+):[^:]+:function:[^:]+)(?::(?P<qualifier>.+))?$",
    asker.function_arn,
  )])

  # A web page has to be allowed to send them.
  credential_headers = flatten([for asker in local.asker[*] : [for source in asker.identity_sources : lower(trimprefix(source, "$request.header."))]])
}

# Signature, issuer, audience and times of a token are the gateway's to check. Only the header counts: a token in the
# query would end in logs and histories.
resource "aws_apigatewayv2_authorizer" "jwt" {
  count = var.auth.type == "jwt" ? 1 : 0

  api_id           = aws_apigatewayv2_api.front.id
  name             = "jwt"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = var.auth.issuer
    audience = var.auth.audience
  }
}

# Simple responses: yes or no for the whole API. A policy would be kept and applied to other routes than it was made for.
resource "aws_apigatewayv2_authorizer" "function" {
  count = contains(keys(local.askers), var.auth.type) ? 1 : 0

  api_id                            = aws_apigatewayv2_api.front.id
  name                              = var.auth.type
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = "arn:${local.asked.partition}:apigateway:${local.asked.region}:lambda:path/2015-03-31/functions/${local.asker.function_arn}/invocations"
  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = true
  identity_sources                  = local.asker.identity_sources
  authorizer_result_ttl_in_seconds  = local.asker.ttl
}

# Only as this API's authorizer: as its integration, or called by another API, it would answer to anybody's events.
resource "aws_lambda_permission" "authorizer" {
  count = contains(keys(local.askers), var.auth.type) ? 1 : 0

  statement_id  = "mcp-${var.name}"
  action        = "lambda:InvokeFunction"
  function_name = local.asked.function
  qualifier     = local.asked.qualifier
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.front.execution_arn}/authorizers/${one(aws_apigatewayv2_authorizer.function[*].id)}"
}
