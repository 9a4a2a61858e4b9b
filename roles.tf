locals {
  # Exactly what the host does, on exactly the ARNs.
  host_statements = concat(local.own_statements, local.secret_statements, local.key_statements, local.network_statements)

  own_statements = [
    {
      Sid      = "WriteOwnLog"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.server.arn}:*"
    },
    {
      Sid      = "ReadRequestStateKeys"
      Effect   = "Allow"
      Action   = "ssm:GetParameter"
      Resource = aws_ssm_parameter.request_state_keys.arn
    },
  ]

  secret_parameters = distinct([for arn in values(var.secrets) : arn if can(regex("^arn:[^:]+:ssm:", arn))])
  secrets           = distinct([for arn in values(var.secrets) : arn if can(regex("^arn:[^:]+:secretsmanager:", arn))])

  secret_statements = [for statement in [
    { Sid = "ReadSecretParameters", Effect = "Allow", Action = "ssm:GetParameter", Resource = local.secret_parameters },
    { Sid = "ReadSecrets", Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = local.secrets },
  ] : statement if length(statement.Resource) > 0]

  # Both services decrypt with the rights of their caller, and tell KMS what they open: the role can open nothing else
  # that lies under the key. Without a key of the user's, that of the service (aws/ssm, aws/secretsmanager) needs no
  # statement: its policy lets every principal of the account use it through the service. Lambda gets the environment
  # decrypted by a grant that it makes itself, and logs are encrypted in the name of the log service.
  opened = [
    { sid = "OpenParameters", context = "PARAMETER_ARN", arns = concat([aws_ssm_parameter.request_state_keys.arn], local.secret_parameters) },
    { sid = "OpenSecrets", context = "SecretARN", arns = local.secrets },
  ]

  key_statements = flatten([for key in var.kms_key_arn[*] : [for opened in local.opened : {
    Sid       = opened.sid
    Effect    = "Allow"
    Action    = "kms:Decrypt"
    Resource  = key
    Condition = { StringEquals = { "kms:EncryptionContext:${opened.context}" = opened.arns } }
  } if length(opened.arns) > 0]])

  # The server's role and its authorizer's.
  assumed_by_lambda = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })

  # A Statement may be one or a list.
  tool_policy     = jsondecode(coalesce(var.policy_json, jsonencode({ Statement = [] })))
  tool_statements = flatten([local.tool_policy.Statement])
}

resource "aws_iam_role" "server" {
  name        = "${var.name}-lambda"
  description = "Function of the MCP server ${var.name}"
  tags        = var.tags

  assume_role_policy   = local.assumed_by_lambda
  permissions_boundary = var.permissions_boundary_arn
}

# One policy: whether policy_json is null may be unknown at plan (a document about a table that does not exist yet), and
# a resource of its own would then need a count that nobody knows.
resource "aws_iam_role_policy" "server" {
  name   = "server"
  role   = aws_iam_role.server.id
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.host_statements, local.tracing_statements, local.tool_statements) })
}
