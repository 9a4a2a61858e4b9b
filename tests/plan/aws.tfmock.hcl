# What AWS would answer where something follows from it.

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::111122223333:role/orders-lambda" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:orders" }
}

mock_resource "aws_ssm_parameter" {
  defaults = { arn = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp-lambda/orders/request-state-keys" }
}

mock_resource "aws_lambda_function" {
  defaults = {
    arn         = "arn:aws:lambda:eu-west-1:111122223333:function:orders-authorizer"
    version     = "8"
    code_sha256 = "uploaded"
  }
}

mock_resource "aws_lambda_alias" {
  defaults = { invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:111122223333:function:orders:live/invocations" }
}

mock_resource "aws_apigatewayv2_api" {
  defaults = {
    id            = "abc123"
    api_endpoint  = "https://abc123.execute-api.eu-west-1.amazonaws.com"
    execution_arn = "arn:aws:execute-api:eu-west-1:111122223333:abc123"
  }
}

mock_resource "aws_apigatewayv2_authorizer" {
  defaults = { id = "authorizer" }
}

mock_resource "aws_apigatewayv2_domain_name" {
  defaults = {
    id = "mcp.example.com"
    domain_name_configuration = {
      target_domain_name = "d-abc123.execute-api.eu-west-1.amazonaws.com"
      hosted_zone_id     = "Z2ZONE"
    }
  }
}

mock_resource "aws_api_gateway_rest_api" {
  defaults = {
    id               = "abc123"
    execution_arn    = "arn:aws:execute-api:eu-west-1:111122223333:abc123"
    root_resource_id = "root"
  }
}

mock_resource "aws_api_gateway_authorizer" {
  defaults = { id = "authorizer" }
}

mock_data "aws_partition" {
  defaults = { dns_suffix = "amazonaws.com" }
}
