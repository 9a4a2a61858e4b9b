# The module's own authorization server for people, with auth.login: the clients of MCP are known to it, and it to the
# identity provider. It stays outside of var.vpc, since it talks to the provider, to documents of clients and to AWS.

locals {
  has_login  = nonsensitive(local.auth.login != null)
  login_name = "${var.name}-login"
  login_keys = ["client_id", "client_secret", "scopes", "allowed_clients", "keys"]

  login = !local.has_login ? null : {
    client_id       = local.auth.login.client_id
    client_secret   = lookup(local.auth.login, "client_secret", null)
    scopes          = lookup(local.auth.login, "scopes", null)
    allowed_clients = lookup(local.auth.login, "allowed_clients", null)
    keys            = lookup(local.auth.login, "keys", null)
  }
  login_key_labels = nonsensitive(
    local.has_login ? (local.login.keys == null ? tolist(["1"]) : tolist(local.login.keys)) : []
  )

  login_routes = local.contract.login_routes
  callback_url = "${local.origin}${split(" ", local.login_routes.callback)[1]}"

  # Scopes that clients are told of, as the host's metadata names them.
  login_scopes = local.auth.advertised_scopes != null ? local.auth.advertised_scopes : distinct(concat(
    local.needed, flatten(values(var.required_scopes))
  ))

  # While both names are open, clients know the endpoint by either. It answers as the domain's in any case.
  login_resources = distinct([
    local.endpoint, local.keeps_generated ? "${local.front_origin}${local.contract.mcp_path}" : local.endpoint
  ])

  login_settings = !local.has_login ? null : {
    name            = var.name
    origin          = local.origin
    resources       = local.login_resources
    paths           = local.login_routes
    scopes          = local.login_scopes
    further_scopes  = local.login.scopes == null ? [] : local.login.scopes
    cors_origins    = var.cors_origins
    issuer          = local.auth.issuer
    client_id       = local.login.client_id
    client_secret   = local.login.client_secret # where it is, not what
    allowed_clients = local.login.allowed_clients
    keys_parameter  = one(aws_ssm_parameter.login_keys[*].arn)
    keys            = local.login_key_labels # for a rotation to make new environments, which read the keys anew
  }

  # What each front is told of it.
  login_function = !local.has_login ? null : {
    name       = one(aws_lambda_function.login[*].function_name)
    invoke_arn = one(aws_lambda_function.login[*].invoke_arn)
    routes     = values(local.login_routes)
  }

  login_secret_actions = { ssm = "ssm:GetParameter", secretsmanager = "secretsmanager:GetSecretValue" }
  login_secret         = try(local.login.client_secret, null)
  login_secrets = {
    for service in keys(local.login_secret_actions) :
    service => [for arn in local.login_secret[*] : arn if split(":", arn)[2] == service]
  }

  # As in roles.tf.
  login_opened = {
    OpenParameters = {
      context = "PARAMETER_ARN"
      arns    = concat(aws_ssm_parameter.login_keys[*].arn, local.login_secrets.ssm)
    }
    OpenSecrets = { context = "SecretARN", arns = local.login_secrets.secretsmanager }
  }

  login_statements = concat(
    [for group in aws_cloudwatch_log_group.login : {
      Sid      = "WriteOwnLog"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${group.arn}:*"
    }],
    [for parameter in aws_ssm_parameter.login_keys : {
      Sid      = "ReadKeys"
      Effect   = "Allow"
      Action   = "ssm:GetParameter"
      Resource = parameter.arn
    }],
    [for service, arns in local.login_secrets : {
      Sid      = "ReadClientSecret"
      Effect   = "Allow"
      Action   = local.login_secret_actions[service]
      Resource = arns
    } if length(arns) > 0],
    [for sid, opened in local.login_opened : {
      Sid       = sid
      Effect    = "Allow"
      Action    = "kms:Decrypt"
      Resource  = var.kms_key_arn
      Condition = { StringEquals = { "kms:EncryptionContext:${opened.context}" = opened.arns } }
    } if var.kms_key_arn != null && length(opened.arns) > 0],
  )
}

# Keys of its own, made as those of request state are: neither function can read what the other one seals, and they are
# rotated in other rhythms, as registrations and refresh tokens live for months.
resource "terraform_data" "login_key" {
  for_each = toset(local.login_key_labels)

  triggers_replace = sensitive(base64sha256(join(" ", [uuid(), uuid(), uuid()])))

  lifecycle {
    ignore_changes = [triggers_replace]
  }
}

resource "aws_ssm_parameter" "login_keys" {
  count = local.has_login ? 1 : 0

  name        = "/mcp-lambda/${var.name}/login-keys"
  description = "Keys that seal what the login of the MCP server ${var.name} hands out: the first seals, all open"
  type        = "SecureString"
  key_id      = coalesce(var.kms_key_arn, "alias/aws/ssm") # null would leave it under a key that was taken away
  value       = jsonencode([for label in local.login_key_labels : terraform_data.login_key[label].triggers_replace])
  tags        = var.tags
}

resource "aws_iam_role_policy" "login" {
  count = local.has_login ? 1 : 0

  name   = "login"
  role   = aws_iam_role.function["login"].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.login_statements })
}

# Never kept, as the authorizer's: a stack that has left login could not come back to a group that exists.
resource "aws_cloudwatch_log_group" "login" {
  count = local.has_login ? 1 : 0

  name              = "/aws/lambda/${local.login_name}${local.log_group_suffix}"
  log_group_class   = var.log_group_class
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_lambda_function" "login" {
  count = local.has_login ? 1 : 0

  function_name = local.login_name
  description   = "Login of the MCP server ${var.name}"
  role          = aws_iam_role.function["login"].arn
  handler       = "login.handler.handler"
  runtime       = local.authorizer_runtime
  architectures = [var.architecture]
  memory_size   = 256 # less has too little processor time for a quick TLS handshake
  timeout       = 25  # a document of a client's, the provider's metadata and its tokens, each at its slowest
  kms_key_arn   = var.kms_key_arn
  tags          = var.tags

  filename         = local.zips.login.file
  source_code_hash = terraform_data.upload["login"].id

  # As many as the server, which could serve no more people. Whoever finds the URL may ask it.
  reserved_concurrent_executions = module.server.function.reserved_concurrent_executions

  environment {
    variables = { MCP_LOGIN_SETTINGS = jsonencode(local.login_settings) }
  }

  logging_config {
    log_format            = "JSON"
    log_group             = one(aws_cloudwatch_log_group.login[*].name)
    application_log_level = "INFO"
    system_log_level      = "WARN"
  }

  depends_on = [aws_iam_role_policy.login] # the cold start reads the keys
}
