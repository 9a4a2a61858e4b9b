# What the gateway itself answers. Bodies are JSON-RPC errors, as the host's are, with the HTTP status as their code.

locals {
  # RFC 9728 section 5.1 and RFC 6750 section 3: where to get a token, and with which scopes.
  origin        = coalesce(var.api.domain_origin, local.generated_origin)
  metadata_url  = "resource_metadata=\"${local.origin}${var.paths.metadata}\""
  asked_scopes  = length(local.scope) == 0 ? [] : ["scope=\"${local.scope}\""]
  scope         = join(" ", var.authorization.advertised)
  to_log_in     = join(", ", concat([local.metadata_url], local.asked_scopes))
  to_get_scopes = join(", ", concat(["error=\"insufficient_scope\""], local.asked_scopes, [local.metadata_url]))

  # A browser hands a page no answer that does not name its origin. These hold nothing that a page must not read.
  cors_headers = local.has_cors ? {
    Access-Control-Allow-Origin   = "'*'"
    Access-Control-Expose-Headers = "'WWW-Authenticate'"
  } : {}

  # By the gateway's name of the response. A signature that is missing where auth is iam is a
  # MISSING_AUTHENTICATION_TOKEN, too.
  refusals = {
    UNAUTHORIZED                 = { status = 401, message = "A valid credential is needed." }
    ACCESS_DENIED                = { status = 403, message = "The caller may not do this." }
    INVALID_SIGNATURE            = { status = 403, message = "The signature is not valid." }
    EXPIRED_TOKEN                = { status = 403, message = "The credential has expired." }
    WAF_FILTERED                 = { status = 403, message = "The request was blocked." }
    MISSING_AUTHENTICATION_TOKEN = local.missing
    REQUEST_TOO_LARGE            = { status = 413, message = "The request is too large." }
    THROTTLED                    = { status = 429, message = "Too many requests: come back later." }
    INTEGRATION_TIMEOUT          = { status = 504, message = "The server gave no answer in time." }
    DEFAULT_4XX                  = { status = 400, message = "The request was refused." }
    DEFAULT_5XX                  = { status = 500, message = "The request could not be served." }
  }

  missing = var.authorization.type == "iam" ? { status = 403, message = "A signature is needed." } : {
    status = 404, message = "There is nothing here."
  }

  challenges = {
    for refusal, challenge in { UNAUTHORIZED = local.to_log_in, ACCESS_DENIED = local.to_get_scopes } :
    refusal => { WWW-Authenticate = "'Bearer ${challenge}'" } if var.authorization.type == "jwt"
  }
}

resource "aws_api_gateway_gateway_response" "refusal" {
  for_each = local.refusals

  rest_api_id   = aws_api_gateway_rest_api.front.id
  response_type = each.key
  status_code   = startswith(each.key, "DEFAULT_") ? null : each.value.status # each of the others keeps its own

  response_parameters = {
    for name, value in merge(try(local.challenges[each.key], {}), local.cors_headers) :
    "gatewayresponse.header.${name}" => value
  }

  response_templates = {
    "application/json" = jsonencode({
      jsonrpc = "2.0", id = null, error = { code = each.value.status, message = each.value.message }
    })
  }
}
