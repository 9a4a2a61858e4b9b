# Rights for what the module makes, by the names that it gives. The role's own name is not among them, so that it cannot
# widen itself.
locals {
  names = [var.server, "${var.server}-*"]

  rights = {
    Functions = {
      actions   = ["lambda:*"]
      resources = [for path in setproduct(local.names, ["", ":*"]) : "arn:aws:lambda:*:*:function:${path[0]}${path[1]}"]
    }
    Roles = {
      actions   = ["iam:*Role", "iam:*RolePolicy", "iam:*RolePolicies", "iam:ListInstanceProfilesForRole"]
      resources = ["arn:aws:iam::*:role/${var.server}-*"]
    }
    Apis = {
      actions   = ["apigateway:*"]
      resources = ["arn:aws:apigateway:*::/apis", "arn:aws:apigateway:*::/apis/*", "arn:aws:apigateway:*::/tags/*"]
    }
    Logs = {
      actions = ["logs:*"]
      resources = [
        for path in setproduct(["lambda", "apigateway"], local.names, ["", ":*"]) :
        "arn:aws:logs:*:*:log-group:/aws/${path[0]}/${path[1]}${path[2]}"
      ]
    }
    Alarms = {
      actions   = ["cloudwatch:*"]
      resources = ["arn:aws:cloudwatch:*:*:alarm:${var.server}-*"]
    }
    Parameters = {
      actions   = ["ssm:*"]
      resources = ["arn:aws:ssm:*:*:parameter/mcp-lambda/${var.server}/*"]
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
    Statement = [for sid, right in local.rights : {
      Sid      = sid
      Effect   = "Allow"
      Action   = right.actions
      Resource = right.resources
    }]
  })
}
