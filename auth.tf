locals {
  # Keys of auth beside `type`, by type. A new type is a row here and a row in `authorizations`.
  auth_table = {
    none   = { required = [], optional = [] }
    iam    = { required = [], optional = [] }
    jwt    = { required = ["issuer", "audience"], optional = ["scopes", "scope_claims", "advertised_scopes"] }
    token  = { required = ["ssm_parameter"], optional = ["header", "ttl"] }
    lambda = { required = ["function_arn"], optional = ["identity_sources", "ttl"] }
  }

  auth_keys = setunion(["type"], flatten([for keys in values(local.auth_table) : concat(keys.required, keys.optional)]))

  auth_types = { for type, keys in local.auth_table : type => {
    required = keys.required
    unused   = setsubtract(local.auth_keys, concat(["type"], keys.required, keys.optional))
  } }

  # var.auth with all its keys. The type decides which resources there are, so it cannot be sensitive.
  auth = {
    type              = nonsensitive(var.auth.type)
    issuer            = lookup(var.auth, "issuer", null)
    audience          = lookup(var.auth, "audience", null)
    scopes            = lookup(var.auth, "scopes", null)
    scope_claims      = lookup(var.auth, "scope_claims", null)
    advertised_scopes = lookup(var.auth, "advertised_scopes", null)
    ssm_parameter     = lookup(var.auth, "ssm_parameter", null)
    header            = coalesce(lookup(var.auth, "header", null), "authorization")
    function_arn      = lookup(var.auth, "function_arn", null)
    identity_sources  = lookup(var.auth, "identity_sources", null)
    ttl               = lookup(var.auth, "ttl", null)
  }

  # How the gateway checks a caller before the function is invoked: a refused request costs no invocation.
  authorizations = {
    none   = { type = "NONE", authorizer_id = null, scopes = null }
    iam    = { type = "AWS_IAM", authorizer_id = null, scopes = null }
    jwt    = { type = "JWT", authorizer_id = one(aws_apigatewayv2_authorizer.jwt[*].id), scopes = local.auth.scopes }
    token  = { type = "CUSTOM", authorizer_id = one(aws_apigatewayv2_authorizer.function[*].id), scopes = null }
    lambda = { type = "CUSTOM", authorizer_id = one(aws_apigatewayv2_authorizer.function[*].id), scopes = null }
  }

  # The types that ask a function. The gateway refuses a request without one of its identity sources unasked (401), and
  # keeps a result by their values: so a credential must be one of them, and all of them must be in each request. Keys
  # are taken from one header, since with both as sources every client would have to send both.
  authorizer_functions = {
    token = {
      arn              = one(aws_lambda_function.authorizer[*].arn)
      identity_sources = ["$request.header.${local.auth.header}"]
      ttl              = coalesce(local.auth.ttl, 60)
    }
    lambda = {
      arn = local.auth.function_arn
      identity_sources = (
        local.auth.identity_sources == null ? ["$request.header.Authorization"] : local.auth.identity_sources
      )
      ttl = coalesce(local.auth.ttl, 300)
    }
  }

  asks_a_function     = contains(keys(local.authorizer_functions), local.auth.type)
  authorizer_function = lookup(local.authorizer_functions, local.auth.type, null)

  # Parts of the function's ARN. The gateway asks the qualifier, if there is one, and the permission is for it.
  authorizer_arn = local.asks_a_function ? regex(
    "^(?P<function>arn:(?P<partition>[^:]+):lambda:(?P<region>[^:]+):[^:]+:function:[^:]+)(?::(?P<qualifier>.+))?$",
    local.authorizer_function.arn,
  ) : null

  # Headers with credentials, which a web page has to be allowed to send.
  credential_headers = local.asks_a_function ? [
    for source in local.authorizer_function.identity_sources : lower(trimprefix(source, "$request.header."))
  ] : []
}

# The gateway checks signature, issuer, audience and times of a token. Only the header counts: a token in the query
# would end in logs and histories.
resource "aws_apigatewayv2_authorizer" "jwt" {
  count = local.auth.type == "jwt" ? 1 : 0

  api_id           = aws_apigatewayv2_api.front.id
  name             = "jwt"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = local.auth.issuer
    audience = local.auth.audience
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

  api_id          = aws_apigatewayv2_api.front.id
  name            = local.auth.type
  authorizer_type = "REQUEST"
  authorizer_uri = join("", [
    "arn:${local.authorizer_arn.partition}:apigateway:${local.authorizer_arn.region}:lambda:path/2015-03-31/functions/",
    "${local.authorizer_function.arn}/invocations",
  ])
  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = true
  identity_sources                  = local.authorizer_function.identity_sources
  authorizer_result_ttl_in_seconds  = local.authorizer_function.ttl

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

  statement_id  = "mcp-${var.name}-authorizer"
  action        = "lambda:InvokeFunction"
  function_name = local.authorizer_arn.function
  qualifier     = local.authorizer_arn.qualifier
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.front.execution_arn}/authorizers/*"

  lifecycle {
    create_before_destroy = true
  }
}
