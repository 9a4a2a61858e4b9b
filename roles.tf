locals {
  # Roles by the function that takes each, which Lambda alone may assume.
  roles = merge(
    { server = { suffix = "lambda", description = "Function of the MCP server ${var.name}" } },
    !local.own_authorizer ? {} : {
      authorizer = { suffix = "authorizer", description = "Authorizer of the MCP server ${var.name}" }
    },
    !local.has_login ? {} : { login = { suffix = "login", description = "Login of the MCP server ${var.name}" } },
  )

  # An account has its roles in common for all regions and paths, so their names say both. One that would be too long is
  # cut, and ends with a hash of the whole. An ARN has the region without a look-up.
  region          = split(":", aws_cloudwatch_log_group.server.arn)[3]
  role_suffix     = "${local.region}${trimsuffix(replace(var.role_path, "/", "-"), "-")}"
  full_role_names = { for key, role in local.roles : key => "${var.name}-${role.suffix}-${local.role_suffix}" }
  role_names = {
    for key, name in local.full_role_names :
    key => length(name) <= 64 ? name : "${substr(name, 0, 55)}-${substr(sha256(name), 0, 8)}"
  }

  # Rights to exactly what the host does, on exactly the ARNs, and those that the tools need.
  statements = concat(
    local.own_statements,
    local.secret_statements,
    local.key_statements,
    local.tracing_statements,
    local.tool_statements,
  )

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

  secret_statements = concat(
    length(local.secret_parameters) == 0 ? [] : [{
      Sid      = "ReadSecretParameters"
      Effect   = "Allow"
      Action   = "ssm:GetParameter"
      Resource = local.secret_parameters
    }],
    length(local.secrets) == 0 ? [] : [{
      Sid      = "ReadSecrets"
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = local.secrets
    }],
  )

  # Both services decrypt with the rights of their caller, and tell KMS what they open: the role can open nothing else
  # that lies under the key. Without a key of the user's, the service's own (aws/ssm, aws/secretsmanager) needs no
  # statement: its policy lets every principal of the account use it through the service. Lambda gets the environment
  # variables decrypted by a grant that it makes itself, and logs are encrypted in the name of the log service.
  opened = {
    OpenParameters = {
      context = "PARAMETER_ARN"
      arns    = concat([aws_ssm_parameter.request_state_keys.arn], local.secret_parameters)
    }
    OpenSecrets = {
      context = "SecretARN"
      arns    = local.secrets
    }
  }

  key_statements = [for sid, opened in local.opened : {
    Sid       = sid
    Effect    = "Allow"
    Action    = "kms:Decrypt"
    Resource  = var.kms_key_arn
    Condition = { StringEquals = { "kms:EncryptionContext:${opened.context}" = opened.arns } }
  } if var.kms_key_arn != null && length(opened.arns) > 0]

  # A policy's Statement may be one statement or a list of them. Each loses its Sid, which grants nothing: IAM refuses a
  # policy in which two statements have the same one, and the author cannot know this module's.
  tool_policy = jsondecode(coalesce(var.policy_json, jsonencode({ Statement = [] })))
  tool_statements = [
    for statement in flatten([local.tool_policy.Statement]) :
    { for element, value in statement : element => value if element != "Sid" }
  ]
}

# Changes with the server's name, and with nothing else.
resource "terraform_data" "name" {
  input = var.name
}

resource "aws_iam_role" "function" {
  for_each = local.roles

  name        = local.role_names[each.key]
  path        = var.role_path
  description = each.value.description
  tags        = var.tags

  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })

  # A role that was named in another way keeps its name until the server gets another one, or the role another path.
  # The function takes a new role before the old one goes.
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [name]
    replace_triggered_by  = [terraform_data.name]
  }
}

# One policy: whether policy_json is null may be unknown at plan (a document about a table that does not exist yet), and
# a resource of its own would then need a count that nobody knows.
resource "aws_iam_role_policy" "server" {
  name   = "server"
  role   = aws_iam_role.function["server"].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}

resource "aws_iam_role_policy_attachment" "managed" {
  for_each = toset(nonsensitive(keys(var.managed_policy_arns)))

  role       = aws_iam_role.function["server"].name
  policy_arn = var.managed_policy_arns[each.key]
}
