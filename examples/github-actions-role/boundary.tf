# What a role that the pipeline makes can ever do, whatever its own policies say. Only whoever applies this can change
# it, so that neither the pipeline nor the code that it deploys can get at more. Add what the tools need (tables,
# topics) and what further inputs of the module need (docs/deploying-from-ci.md).
locals {
  bounds = {
    Logs = {
      actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
      resources = [
        for path in setproduct(local.functions, [":*", "/*"]) :
        "arn:aws:logs:*:*:log-group:/aws/lambda/${join("", path)}"
      ]
    }
    Parameters = {
      actions = ["ssm:GetParameter"]
      resources = [
        "arn:aws:ssm:*:*:parameter/mcp-lambda/${var.server}/*", # the module's own
        "arn:aws:ssm:*:*:parameter/${var.server}/*",            # of secrets, auth.ssm_parameter, auth.login
      ]
    }
    Secrets = {
      actions   = ["secretsmanager:GetSecretValue"]
      resources = ["arn:aws:secretsmanager:*:*:secret:${var.server}/*"]
    }
    Tasks = {
      actions = [
        "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "lambda:InvokeFunction",
      ]
      resources = [
        "arn:aws:dynamodb:*:*:table/${var.server}-tasks", "arn:aws:lambda:*:*:function:${var.server}-tasks:*",
      ]
    }
    Traces = {
      actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
      resources = ["*"] # traces have no ARNs
    }
  }
}

resource "aws_iam_policy" "boundary" {
  name        = "${var.server}-boundary"
  description = "The most that the roles of the MCP server ${var.server} can do"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for sid, right in local.bounds : {
      Sid      = sid
      Effect   = "Allow"
      Action   = right.actions
      Resource = right.resources
    }]
  })
}
