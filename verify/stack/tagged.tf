# A role that reaches the children of an API by the API's tag, as that of examples/github-actions-role does.
resource "aws_iam_role" "tagged" {
  count = contains(var.parts, "tagged") ? 1 : 0

  name = "${var.name}-tagged"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:${local.partition}:iam::${var.account}:root" }
    }]
  })
}

resource "aws_iam_role_policy" "tagged" {
  count = contains(var.parts, "tagged") ? 1 : 0

  name = "tagged"
  role = one(aws_iam_role.tagged[*].id)
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "apigateway:*"
      Resource  = "arn:${local.partition}:apigateway:${var.region}::/apis/*"
      Condition = { StringEquals = { "aws:ResourceTag/mcp-server" = var.name } }
    }]
  })
}

resource "aws_apigatewayv2_api" "foreign" {
  count = contains(var.parts, "tagged") ? 1 : 0

  name          = "${var.name}-foreign"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_route" "foreign" {
  #checkov:skip=CKV_AWS_309:The route leads nowhere: whoever calls it gets nothing.
  count = contains(var.parts, "tagged") ? 1 : 0

  api_id    = one(aws_apigatewayv2_api.foreign[*].id)
  route_key = "GET /"
}

output "tagged" {
  value = one([for role in aws_iam_role.tagged : {
    role_arn    = role.arn
    foreign_api = one(aws_apigatewayv2_api.foreign[*].id)
  }])
}
