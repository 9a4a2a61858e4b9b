# The module's own authorizer. For `auth.type = "token"` it compares the key of a caller with the hashes in a parameter,
# for jwt it checks tokens where the front does not. It stays outside of var.vpc, since it talks to SSM or to the issuer
# alone and runs no code of the server's author.

locals {
  own_authorizer  = local.auth.type == "token" || (local.auth.type == "jwt" && !local.front_facts.checks_jwt)
  authorizer_name = "${var.name}-authorizer"

  # What the function is, by the type of authorization.
  authorizer_kinds = {
    token = {
      handler = "authorizer.handler.handler"
      variables = {
        MCP_AUTHORIZER_HEADER    = local.auth.header
        MCP_AUTHORIZER_PARAMETER = local.auth.ssm_parameter
      }
      statements = concat(local.read_keys, local.open_keys)
    }
    jwt = {
      handler = "authorizer.jwt_handler.handler"
      variables = {
        MCP_AUTHORIZER_ISSUER   = local.auth.issuer
        MCP_AUTHORIZER_AUDIENCE = jsonencode(local.auth.audience)
        MCP_AUTHORIZER_SCOPES   = jsonencode(local.needed)
      }
      statements = []
    }
  }
  authorizer = lookup(local.authorizer_kinds, local.auth.type, null)

  read_keys = [{
    Sid      = "ReadKeys"
    Effect   = "Allow"
    Action   = "ssm:GetParameter"
    Resource = local.auth.ssm_parameter
  }]

  # The parameter may lie under SSM's own key, which needs no statement, or under kms_key_arn; see roles.tf.
  open_keys = var.kms_key_arn == null ? [] : [{
    Sid       = "OpenKeys"
    Effect    = "Allow"
    Action    = "kms:Decrypt"
    Resource  = var.kms_key_arn
    Condition = { StringEquals = { "kms:EncryptionContext:PARAMETER_ARN" = local.auth.ssm_parameter } }
  }]
}

resource "aws_iam_role_policy" "authorizer" {
  count = local.own_authorizer ? 1 : 0

  name = "authorizer"
  role = aws_iam_role.function["authorizer"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid      = "WriteOwnLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${one(aws_cloudwatch_log_group.authorizer[*].arn)}:*"
      }],
      local.authorizer.statements,
    )
  })
}

# Never kept: with log_groups_kept, a stack that left auth.type token could not come back to a group that exists.
resource "aws_cloudwatch_log_group" "authorizer" {
  count = local.own_authorizer ? 1 : 0

  name              = "/aws/lambda/${local.authorizer_name}${local.log_group_suffix}"
  log_group_class   = var.log_group_class
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_lambda_function" "authorizer" {
  count = local.own_authorizer ? 1 : 0

  function_name = local.authorizer_name
  description   = "Authorizer of the MCP server ${var.name}"
  role          = aws_iam_role.function["authorizer"].arn
  handler       = local.authorizer.handler
  runtime       = local.authorizer_runtime
  architectures = [var.architecture]
  memory_size   = 256 # less has too little processor time for a quick TLS handshake
  timeout       = 10  # the gateway waits no longer for an authorizer
  kms_key_arn   = var.kms_key_arn
  tags          = var.tags

  filename         = local.zips.authorizer.file
  source_code_hash = terraform_data.upload["authorizer"].id

  # As many as the server, which could serve no more callers. It keeps a flood of wrong keys from taking the account's
  # execution environments, and null and 0 mean the same for both.
  reserved_concurrent_executions = module.server.function.reserved_concurrent_executions

  environment {
    variables = local.authorizer.variables
  }

  logging_config {
    log_format            = "JSON"
    log_group             = one(aws_cloudwatch_log_group.authorizer[*].name)
    application_log_level = "INFO"
    system_log_level      = "WARN" # a report of each check would cost more than the check
  }

  depends_on = [aws_iam_role_policy.authorizer] # the cold start reads the keys
}
