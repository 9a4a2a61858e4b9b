# From where the API may be called. The resource policy is there without limits as well. What is deployed keeps the
# policy of its time, and Terraform would take one away only after the new deployment: it would still count there, and
# could let in whom another type of authorization shuts out.

locals {
  execution_arn = aws_api_gateway_rest_api.front.execution_arn

  is_private = nonsensitive(length(var.api.reach.vpc_endpoint_ids) > 0)
  has_acl    = nonsensitive(var.api.reach.web_acl_arn != null)

  # A method that asks nobody needs this to be allowed. For any other it is left to the authorizer or to IAM, since what
  # a resource policy allows is allowed although an authorizer's policy is silent, and to each signed caller of the
  # account, rights or none (API Gateway Developer Guide, "How API Gateway resource policies affect authorization
  # workflow", table A).
  unguarded = [
    for key, type in local.methods : replace(replace(replace(key, "ANY", "*"), "{proxy+}", "*"), " ", "")
    if type == "none"
  ]

  allow_unguarded = {
    Sid       = "AllowWhatAsksNobody"
    Effect    = "Allow"
    Principal = "*"
    Action    = "execute-api:Invoke"
    Resource  = [for method in local.unguarded : "${local.execution_arn}/${local.stage}/${method}"]
  }

  # A request through a VPC endpoint has its address under another key.
  address_key = local.is_private ? "aws:VpcSourceIp" : "aws:SourceIp"

  denials = {
    DenyOtherAddresses = {
      is_given  = var.api.reach.allowed_cidrs != null
      condition = { NotIpAddress = { (local.address_key) = var.api.reach.allowed_cidrs } }
    }
    DenyOtherEndpoints = {
      is_given  = local.is_private
      condition = { StringNotEquals = { "aws:SourceVpce" = var.api.reach.vpc_endpoint_ids } }
    }
  }
}

resource "aws_api_gateway_rest_api_policy" "front" {
  rest_api_id = aws_api_gateway_rest_api.front.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([local.allow_unguarded], [for sid, denial in local.denials : {
      Sid       = sid
      Effect    = "Deny"
      Principal = "*"
      Action    = "execute-api:Invoke"
      Resource  = ["${local.execution_arn}/*"]
      Condition = denial.condition
    } if denial.is_given])
  })
}

resource "aws_wafv2_web_acl_association" "live" {
  count = local.has_acl ? 1 : 0

  resource_arn = aws_api_gateway_stage.live.arn
  web_acl_arn  = var.api.reach.web_acl_arn
}
