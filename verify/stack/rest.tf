# REST APIs: of the module, and one whose answers come from the gateway alone.

# Takes tokens of the user pool.
module "rest" {
  source = "../.."
  count  = contains(var.parts, "rest") ? 1 : 0

  name                 = "${var.name}-rest"
  package_file         = var.package_file
  runtime              = var.runtime
  architecture         = var.architecture
  front                = "rest"
  timeout_seconds      = var.timeout_seconds
  reserved_concurrency = null
  throttle             = { rate = 20, burst = 20 }
  required_scopes      = { "tools/refund" = ["refund"] }
  access_log           = !var.changed

  auth = {
    type     = "jwt"
    issuer   = "https://${one(aws_cognito_user_pool.callers[*].endpoint)}"
    audience = aws_cognito_user_pool_client.callers[*].id
    scopes   = ["aws.cognito.signin.user.admin"] # of every access token of a user
  }
}

output "rest" {
  value = one([for server in module.rest : merge(server, local.pool)])
}

# Asks an authorizer of a user's own.
module "own" {
  source = "../.."
  count  = contains(var.parts, "own") ? 1 : 0

  name                 = "${var.name}-own"
  package_file         = var.package_file
  runtime              = var.runtime
  architecture         = var.architecture
  front                = "rest"
  timeout_seconds      = var.timeout_seconds
  reserved_concurrency = null
  throttle             = { rate = 20, burst = 20 }
  auth                 = { type = "lambda", function_arn = one(aws_lambda_function.authorizer[*].arn) }
}

output "own" {
  value = one(module.own[*])
}

resource "aws_lambda_function" "authorizer" {
  #checkov:skip=CKV_AWS_115:The throttles of its APIs limit it.
  count = length(setintersection(var.parts, ["own", "refusing"])) > 0 ? 1 : 0

  function_name = "${var.name}-authorizer"
  role          = one(aws_iam_role.functions[*].arn)
  handler       = "authorizer.handler"
  runtime       = var.runtime
  architectures = [var.architecture]
  filename      = var.authorizer_file

  logging_config {
    log_format = "JSON"
    log_group  = one(aws_cloudwatch_log_group.authorizer[*].name)
  }
}

resource "aws_cloudwatch_log_group" "authorizer" {
  count = length(setintersection(var.parts, ["own", "refusing"])) > 0 ? 1 : 0

  name              = "/aws/lambda/${var.name}-authorizer"
  retention_in_days = 1
}

# Without the module: what a gateway response can say, and what a MOCK integration answers.
locals {
  refusing_paths = contains(var.parts, "refusing") ? { health = "NONE", mcp = "CUSTOM" } : {}

  # As the module's, and what it could do if the gateway let it: tell each caller something else.
  gateway_responses = contains(var.parts, "refusing") ? {
    UNAUTHORIZED = {
      status  = 401
      headers = { WWW-Authenticate = "'Bearer resource_metadata=\"https://app.example/metadata\"'" }
    }
    ACCESS_DENIED = {
      status = 403
      headers = {
        WWW-Authenticate = "'Bearer error=\"insufficient_scope\"'"
        X-Reason         = "context.authorizer.reason"
      }
    }
  } : {}
}

resource "aws_api_gateway_rest_api" "refusing" {
  #checkov:skip=CKV_AWS_237:It lives for minutes, and nothing replaces it.
  count = contains(var.parts, "refusing") ? 1 : 0

  name = "${var.name}-refusing"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_resource" "refusing" {
  for_each = local.refusing_paths

  rest_api_id = one(aws_api_gateway_rest_api.refusing[*].id)
  parent_id   = one(aws_api_gateway_rest_api.refusing[*].root_resource_id)
  path_part   = each.key
}

resource "aws_api_gateway_method" "refusing" {
  #checkov:skip=CKV_AWS_59:There is nothing behind it.
  #checkov:skip=CKV2_AWS_53:There is nothing behind it.
  for_each = local.refusing_paths

  rest_api_id   = one(aws_api_gateway_rest_api.refusing[*].id)
  resource_id   = aws_api_gateway_resource.refusing[each.key].id
  http_method   = "ANY"
  authorization = each.value
  authorizer_id = each.value == "NONE" ? null : one(aws_api_gateway_authorizer.refusing[*].id)
}

resource "aws_api_gateway_integration" "refusing" {
  for_each = aws_api_gateway_method.refusing

  rest_api_id       = each.value.rest_api_id
  resource_id       = each.value.resource_id
  http_method       = each.value.http_method
  type              = "MOCK"
  request_templates = { "application/json" = jsonencode({ statusCode = 200 }) }
}

resource "aws_api_gateway_method_response" "refusing" {
  for_each = aws_api_gateway_method.refusing

  rest_api_id = each.value.rest_api_id
  resource_id = each.value.resource_id
  http_method = each.value.http_method
  status_code = "200"
}

resource "aws_api_gateway_integration_response" "refusing" {
  for_each = aws_api_gateway_integration.refusing

  rest_api_id        = each.value.rest_api_id
  resource_id        = each.value.resource_id
  http_method        = each.value.http_method
  status_code        = aws_api_gateway_method_response.refusing[each.key].status_code
  response_templates = { "application/json" = jsonencode({ mocked = true }) }
}

resource "aws_api_gateway_authorizer" "refusing" {
  count = contains(var.parts, "refusing") ? 1 : 0

  rest_api_id     = one(aws_api_gateway_rest_api.refusing[*].id)
  name            = "authorizer"
  type            = "REQUEST"
  authorizer_uri  = one(aws_lambda_function.authorizer[*].invoke_arn)
  identity_source = "method.request.header.Authorization"
}

resource "aws_lambda_permission" "refusing" {
  count = contains(var.parts, "refusing") ? 1 : 0

  action        = "lambda:InvokeFunction"
  function_name = one(aws_lambda_function.authorizer[*].arn)
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${one(aws_api_gateway_rest_api.refusing[*].execution_arn)}/authorizers/*"
}

resource "aws_api_gateway_gateway_response" "refusing" {
  for_each = local.gateway_responses

  rest_api_id         = one(aws_api_gateway_rest_api.refusing[*].id)
  response_type       = each.key
  status_code         = each.value.status
  response_parameters = { for name, value in each.value.headers : "gatewayresponse.header.${name}" => value }
  response_templates  = { "application/json" = jsonencode({ refused = true }) }
}

resource "aws_api_gateway_deployment" "refusing" {
  count = contains(var.parts, "refusing") ? 1 : 0

  rest_api_id = one(aws_api_gateway_rest_api.refusing[*].id)

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_api_gateway_integration_response.refusing, aws_api_gateway_gateway_response.refusing]
}

resource "aws_api_gateway_stage" "refusing" {
  #checkov:skip=CKV_AWS_73:It lives for an hour.
  #checkov:skip=CKV_AWS_76:It lives for an hour.
  #checkov:skip=CKV_AWS_120:There is nothing to keep.
  #checkov:skip=CKV2_AWS_4:It lives for an hour.
  #checkov:skip=CKV2_AWS_29:It lives for an hour, and there is nothing behind it.
  #checkov:skip=CKV2_AWS_51:There is nothing behind it.
  count = contains(var.parts, "refusing") ? 1 : 0

  rest_api_id   = one(aws_api_gateway_rest_api.refusing[*].id)
  deployment_id = one(aws_api_gateway_deployment.refusing[*].id)
  stage_name    = "live"
}

output "refusing" {
  value = one([for stage in aws_api_gateway_stage.refusing : {
    api_id = stage.rest_api_id
    url    = "${stage.invoke_url}/mcp"
  }])
}
