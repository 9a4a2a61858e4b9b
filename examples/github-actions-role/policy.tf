data "aws_region" "current" {}

# Rights for what the module makes, by the names that it gives. AWS gives an API an id, and a domain has the name that
# its owner wants: the stack's tag mcp-server says whose they are. The role's own name and the boundary's are not among
# them, so that it cannot widen itself.
locals {
  functions = [for suffix in ["", "-authorizer", "-login", "-tasks"] : "${var.server}${suffix}"]

  # Those of the region in which this is applied: add other regions of the server. Names without a region are those of
  # stacks from before the module had it in them. It cuts names of more than 64 characters (docs/network-and-keys.md).
  roles = [
    for name in setproduct(["lambda", "authorizer", "login"], ["", "-${data.aws_region.current.id}"]) :
    "arn:aws:iam::*:role/${var.server}-${join("", name)}"
  ]

  apis = ["apis", "restapis", "domainnames"]

  logs = concat([for name in local.functions : "lambda/${name}"], ["vendedlogs/apigateway/${var.server}"])

  rights = {
    Functions = {
      actions = ["lambda:*"]
      resources = [
        for path in setproduct(local.functions, ["", ":*"]) : "arn:aws:lambda:*:*:function:${join("", path)}"
      ]
    }
    # Who may assume a role, and under which boundary, is settled when it is made.
    Roles = {
      actions = [
        "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole",
        "iam:ListRolePolicies", "iam:ListRoleTags", "iam:DeleteRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateRole",
      ]
      resources = local.roles
    }
    RolesUnderTheBoundary = {
      actions = [
        "iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:DeleteRolePolicy",
        "iam:AttachRolePolicy", "iam:DetachRolePolicy",
      ]
      resources = local.roles
      condition = { StringEquals = { "iam:PermissionsBoundary" = aws_iam_policy.boundary.arn } }
    }
    RolesForFunctions = {
      actions   = ["iam:PassRole"]
      resources = local.roles
      condition = { StringEquals = { "iam:PassedToService" = "lambda.amazonaws.com" } }
    }
    NewApis = {
      actions   = ["apigateway:*"]
      resources = [for kind in local.apis : "arn:aws:apigateway:*::/${kind}"]
      condition = { StringEquals = { "aws:RequestTag/mcp-server" = var.server } }
    }
    # What belongs to a REST API or to a domain has its tags in this respect (API Gateway Developer Guide, "API Gateway
    # resources that can be tagged").
    OwnApis = {
      actions   = ["apigateway:*"]
      resources = [for kind in local.apis : "arn:aws:apigateway:*::/${kind}/*"]
      condition = { StringEquals = { "aws:ResourceTag/mcp-server" = var.server } }
    }
    # A change of tags needs PATCH on the API as well, so that no other API can be given the tag.
    Tags = {
      actions   = ["apigateway:*"]
      resources = ["arn:aws:apigateway:*::/tags/*"]
    }
    # The first API or domain of an account makes it; API Gateway alone can take it.
    ServiceRole = {
      actions   = ["iam:CreateServiceLinkedRole"]
      resources = ["arn:aws:iam::*:role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway"]
    }
    # API Gateway asks for its own right to the stage as well, apigateway:SetWebACL, so that no other API loses its ACL.
    Firewall = {
      actions = [
        "wafv2:AssociateWebACL", "wafv2:DisassociateWebACL", "wafv2:GetWebACL", "wafv2:GetWebACLForResource",
      ]
      resources = ["arn:aws:wafv2:*:*:regional/webacl/*", "arn:aws:apigateway:*::/restapis/*/stages/*"]
    }
    # Groups of the class INFREQUENT_ACCESS have a further part in their names.
    Logs = {
      actions = ["logs:*"]
      resources = [
        for path in setproduct(local.logs, ["", ":*", "/*"]) : "arn:aws:logs:*:*:log-group:/aws/${join("", path)}"
      ]
    }
    Alarms = {
      actions   = ["cloudwatch:*"]
      resources = ["arn:aws:cloudwatch:*:*:alarm:${var.server}-*"]
    }
    Dashboard = {
      actions   = ["cloudwatch:*"]
      resources = ["arn:aws:cloudwatch::*:dashboard/${var.server}-${data.aws_region.current.id}"]
    }
    Parameters = {
      actions   = ["ssm:*"]
      resources = ["arn:aws:ssm:*:*:parameter/mcp-lambda/${var.server}/*"]
    }
    Tasks = {
      actions   = ["dynamodb:*"]
      resources = ["arn:aws:dynamodb:*:*:table/${var.server}-tasks"]
    }
    State = {
      actions   = ["s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
      resources = ["arn:aws:s3:::${var.state_bucket}", "arn:aws:s3:::${var.state_bucket}/${var.server}.tfstate*"]
    }
    # For package_bucket, where it is the bucket of the state.
    Package = {
      actions = [
        "s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion",
        "s3:ListBucketVersions",
      ]
      resources = ["arn:aws:s3:::${var.state_bucket}", "arn:aws:s3:::${var.state_bucket}/${var.server}.zip"]
    }
    # Actions that cannot be granted by name: lists, and the delivery of an API's access log.
    Account = {
      actions = [
        "cloudwatch:DescribeAlarms", "logs:DescribeLogGroups", "logs:DescribeMetricFilters", "ssm:DescribeParameters",
        "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
        "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies",
      ]
      resources = ["*"]
    }
  }
}

resource "aws_iam_role_policy" "deploy" {
  name = "deploy"
  role = aws_iam_role.deploy.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for sid, right in local.rights : merge(
      { Sid = sid, Effect = "Allow", Action = right.actions, Resource = right.resources },
      try({ Condition = right.condition }, {}),
    )]
  })
}
