locals {
  # Keys of auth beside `type`, by type. A new type is a row here and in each front's `authorizations`.
  auth_table = {
    none   = { required = [], optional = [] }
    iam    = { required = [], optional = [] }
    jwt    = { required = ["issuer", "audience"], optional = ["scopes", "scope_claims", "advertised_scopes", "login"] }
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
    login             = lookup(var.auth, "login", null)
  }

  # Headers with what a function is asked about. Keys are taken from one header, since with both as sources every client
  # would have to send both.
  asked_headers = {
    token = [local.auth.header]
    lambda = local.auth.identity_sources == null ? ["Authorization"] : [
      for source in local.auth.identity_sources : trimprefix(source, "$request.header.")
    ]
    jwt = ["Authorization"] # a token in the query would end in logs and histories
  }

  # The types that ask a function. The gateway refuses a request without one of its identity sources unasked (401), and
  # keeps a result by their values: so a credential must be one of them, and all of them must be in each request.
  authorizer_functions = {
    token = {
      arn     = one(aws_lambda_function.authorizer[*].arn)
      headers = local.asked_headers.token
      ttl     = coalesce(local.auth.ttl, 60)
    }
    lambda = {
      arn     = local.auth.function_arn
      headers = local.asked_headers.lambda
      ttl     = coalesce(local.auth.ttl, 300)
    }
    jwt = {
      arn     = one(aws_lambda_function.authorizer[*].arn)
      headers = local.asked_headers.jwt
      ttl     = 60
    }
  }

  asks_a_function = local.own_authorizer || local.auth.type == "lambda"
  asked           = local.asks_a_function ? local.authorizer_functions[local.auth.type] : null

  # Parts of the function's ARN. The gateway asks the qualifier, if there is one, and the permission is for it.
  asked_arn = local.asks_a_function ? regex(
    "^(?P<function>arn:(?P<partition>[^:]+):lambda:(?P<region>[^:]+):[^:]+:function:[^:]+)(?::(?P<qualifier>.+))?$",
    local.asked.arn,
  ) : null

  # Whom the front lets in. A client asks for scopes by the names that advertised_scopes has for those that are needed:
  # api://orders/read for read.
  authorization = {
    type       = local.auth.type
    issuer     = local.auth.issuer
    audience   = local.auth.audience
    scopes     = local.auth.scopes
    advertised = local.advertised
    function = local.asks_a_function ? {
      arn       = local.asked_arn.function
      qualifier = local.asked_arn.qualifier
      uri = join("", [
        "arn:${local.asked_arn.partition}:apigateway:${local.asked_arn.region}:lambda:path/2015-03-31/functions/",
        "${local.asked.arn}/invocations",
      ])
      headers = local.asked.headers
      ttl     = local.asked.ttl
    } : null
  }

  needed = local.auth.scopes == null ? [] : local.auth.scopes
  advertised = local.auth.advertised_scopes == null ? local.needed : [
    for asked in local.auth.advertised_scopes : asked
    if anytrue([for scope in local.needed : asked == scope || endswith(asked, "/${scope}")])
  ]
}
