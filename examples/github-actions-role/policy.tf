data "aws_region" "current" {}

# Rights for what the module makes, by the names that it gives. AWS gives an API an id instead of a name: the stack's
# tag mcp-server says whose it is. The role's own name and the boundary's are not among them, so that it cannot widen
# itself.
locals {
  functions = [var.server, "${var.server}-authorizer", "${var.server}-tasks"]

  # Those of the region in which this is applied: add other regions of the server. Names without a region are those of
  # stacks from before the module had it in them. It cuts names of more than 64 characters (docs/network-and-keys.md).
  roles = [
    for name in setproduct(["lambda", "authorizer"], ["", "-${data.aws_region.current.id}"]) :
    "arn:aws:iam::*:role/${var.server}-${join("", name)}"
  ]

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
      resources = ["arn:aws:apigateway:*::/apis"]
      condition = { StringEquals = { "aws:RequestTag/mcp-server" = var.server } }
    }
    OwnApis = {
      actions   = ["apigateway:*"]
      resources = ["arn:aws:apigateway:*::/apis/*"]
      condition = { StringEquals = { "aws:ResourceTag/mcp-server" = var.server } }
    }
    # A change of tags needs PATCH on the API as well, so that no other API can be given the tag.
    Tags = {
      actions   = ["apigateway:*"]
      resources = ["arn:aws:apigateway:*::/tags/*"]
    }
    Logs = {
      actions   = ["logs:*"]
      resources = [for path in setproduct(local.logs, ["", ":*"]) : "arn:aws:logs:*:*:log-group:/aws/${join("", path)}"]
    }
    Alarms = {
      actions   = ["cloudwatch:*"]
      resources = ["arn:aws:cloudwatch:*:*:alarm:${var.server}-*"]
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
