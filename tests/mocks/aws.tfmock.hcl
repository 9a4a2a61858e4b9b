# What AWS would answer where something follows from it: for mock_provider "aws" in the tests of this module and of stacks
# that use it (docs/testing.md). The mocked provider makes up all other values.

# Of the module.

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
    vpc_config  = { vpc_id = "vpc-0123456789abcdef0" }
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

# Of stacks, where the module or the provider checks what it is given.

mock_data "aws_iam_policy_document" {
  defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
}

mock_resource "aws_acm_certificate" {
  defaults = { arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab" }
}

mock_resource "aws_acm_certificate_validation" {
  defaults = { certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab" }
}

mock_resource "aws_cognito_user_pool" {
  defaults = {
    arn      = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_mocked"
    endpoint = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_mocked"
  }
}

mock_resource "aws_dynamodb_table" {
  defaults = { arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/mocked" }
}

mock_resource "aws_efs_access_point" {
  defaults = { arn = "arn:aws:elasticfilesystem:eu-west-1:111122223333:access-point/fsap-0123456789abcdef0" }
}

mock_resource "aws_iam_policy" {
  defaults = { arn = "arn:aws:iam::111122223333:policy/mocked" }
}

mock_resource "aws_kms_key" {
  defaults = { arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
}

mock_resource "aws_lambda_code_signing_config" {
  defaults = { arn = "arn:aws:lambda:eu-west-1:111122223333:code-signing-config:csc-0123456789abcdef0" }
}

mock_resource "aws_lambda_layer_version" {
  defaults = { arn = "arn:aws:lambda:eu-west-1:111122223333:layer:mocked:1" }
}

mock_resource "aws_route53_zone" {
  defaults = { zone_id = "Z0123456789ABCDEFGHIJ" }
}

mock_resource "aws_secretsmanager_secret" {
  defaults = { arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:mocked-a1B2c3" }
}

mock_resource "aws_security_group" {
  defaults = { id = "sg-0123456789abcdef0" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:eu-west-1:111122223333:mocked" }
}

mock_resource "aws_subnet" {
  defaults = { id = "subnet-0123456789abcdef0" }
}

mock_resource "aws_api_gateway_rest_api" {
  defaults = {
    id               = "abc123"
    execution_arn    = "arn:aws:execute-api:eu-west-1:111122223333:abc123"
    root_resource_id = "root"
  }
}

mock_resource "aws_api_gateway_stage" {
  defaults = { arn = "arn:aws:apigateway:eu-west-1::/restapis/abc123/stages/live" }
}

mock_resource "aws_wafv2_web_acl" {
  defaults = { arn = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/mocked/1234abcd-12ab-34cd-56ef-1234567890ab" }
}

mock_resource "aws_vpc_endpoint" {
  defaults = { id = "vpce-0123456789abcdef0" }
}

mock_resource "aws_api_gateway_authorizer" {
  defaults = { id = "authorizer" }
}

mock_data "aws_partition" {
  defaults = { dns_suffix = "amazonaws.com" }
}
