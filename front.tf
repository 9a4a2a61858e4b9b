locals {
  # A client without a token learns here where to get one (RFC 9728), so these paths are open. The issuer is public.
  # Clients look at both places: with the endpoint's path (RFC 9728 section 3.1) and without.
  metadata_paths = [local.contract.metadata_path, "${local.contract.metadata_path}${local.contract.mcp_path}"]
  open_paths     = concat([local.contract.health_path], local.auth.type == "jwt" ? local.metadata_paths : [])

  # Seconds that a call may take where the account has no other quota: the function gives up before the gateway does.
  usual_timeout = 29

  throttle = {
    rate  = coalesce(lookup(var.throttle, "rate", null), 50)
    burst = coalesce(lookup(var.throttle, "burst", null), 100)
  }

  # Fields of the access log: never a header or a query, which may hold credentials. Each byte is paid for at every
  # request, and a field without a value is a dash: so all that can go wrong is one field.
  access_log = {
    id      = "$context.requestId"
    ip      = "$context.identity.sourceIp"
    request = "$context.httpMethod $context.path"
    status  = "$context.status"
    error   = "$context.error.message|$context.integrationErrorMessage|$context.authorizer.error"
  }

  # What each front is told, and what it tells: its outputs. Nothing else here knows which one there is.
  api = {
    name     = var.name
    tags     = var.tags
    throttle = local.throttle
    access_log = var.access_log ? {
      group_arn = one(aws_cloudwatch_log_group.access[*].arn)
      fields    = local.access_log
    } : null
    domain_origin   = local.domain_origin
    is_closed       = local.has_domain && !local.keeps_generated && local.domain_is_ready
    timeout_seconds = coalesce(var.gateway_timeout_quota_seconds, local.usual_timeout)

    reach = {
      web_acl_arn      = var.web_acl_arn
      allowed_cidrs    = var.allowed_cidrs
      vpc_endpoint_ids = var.vpc_endpoint_ids
    }
  }
  functions = { live = aws_lambda_alias.live, login = local.login_function }
  paths     = { mcp = local.contract.mcp_path, open = local.open_paths, metadata = local.metadata_paths[1] }
  front     = one(concat(module.http, module.rest))

  # Of one output alone, which is known before there is an API: var.alarms is checked against it.
  front_facts   = var.front == "http" ? module.http[0].facts : module.rest[0].facts
  front_metrics = local.front_facts.metrics

  # Of the API alone, and so known before what depends on `auth`: the identity provider is told the callback URL before
  # `auth` can name the client that is made there.
  front_origin = var.front == "http" ? module.http[0].origin : module.rest[0].origin

  origin   = coalesce(local.domain_origin, local.front_origin)
  endpoint = "${local.origin}${local.contract.mcp_path}" # as clients know it
}

module "http" {
  source = "./fronts/http"
  count  = var.front == "http" ? 1 : 0

  api           = local.api
  functions     = local.functions
  paths         = local.paths
  cors_origins  = var.cors_origins
  authorization = local.authorization
}

module "rest" {
  source = "./fronts/rest"
  count  = var.front == "rest" ? 1 : 0

  api           = local.api
  functions     = local.functions
  paths         = local.paths
  cors_origins  = var.cors_origins
  authorization = local.authorization
}

# API Gateway writes here under a policy of the account. Under /aws/vendedlogs/ one statement covers all groups, where
# any other name takes room in the 5,120 characters that the account has for such policies (API Gateway Developer Guide,
# "Configure logging for HTTP APIs"; CloudWatch Logs User Guide, "Enabling logging from AWS services").
resource "aws_cloudwatch_log_group" "access" {
  count = var.access_log ? 1 : 0

  name              = "/aws/vendedlogs/apigateway/${var.name}${local.log_group_suffix}"
  log_group_class   = var.log_group_class
  skip_destroy      = var.log_groups_kept
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}
