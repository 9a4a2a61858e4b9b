# Takes tokens of a user pool before the change, and signatures after it.
module "guarded" {
  source = "../.."
  count  = contains(var.parts, "guarded") ? 1 : 0

  name                 = "${var.name}-guarded"
  package_file         = var.package_file
  runtime              = var.runtime
  architecture         = var.architecture
  timeout_seconds      = var.timeout_seconds
  reserved_concurrency = null
  required_scopes      = { for entry in ["tools/refund"] : entry => ["refund"] if !var.changed } # signatures have none
  cors_origins         = ["https://app.example"]
  log_level            = "ERROR" # lines with metrics in them are to be kept all the same
  access_log           = !var.changed
  alarms               = { auth_refused = 20 }
  alarm_actions        = aws_sns_topic.on_call[*].arn

  auth = {
    type     = var.changed ? "iam" : "jwt"
    issuer   = var.changed ? null : "https://${one(aws_cognito_user_pool.callers[*].endpoint)}"
    audience = var.changed ? null : aws_cognito_user_pool_client.callers[*].id
    scopes   = var.changed ? null : ["aws.cognito.signin.user.admin"] # of every access token of a user
  }
}

# For guarded, rest (rest.tf) and login (login.tf).
locals {
  has_pool = length(setintersection(var.parts, ["guarded", "login", "rest"])) > 0
  pool = {
    user_pool_id = one(aws_cognito_user_pool.callers[*].id)
    client_id    = one(aws_cognito_user_pool_client.callers[*].id)
  }
}

resource "aws_cognito_user_pool" "callers" {
  count = local.has_pool ? 1 : 0

  name = "${var.name}-guarded"

  admin_create_user_config {
    allow_admin_create_user_only = true
  }
}

# Users are free, where a client that logs in by itself is billed by the month.
resource "aws_cognito_user_pool_client" "callers" {
  count = local.has_pool ? 1 : 0

  name                  = "callers"
  user_pool_id          = one(aws_cognito_user_pool.callers[*].id)
  explicit_auth_flows   = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  access_token_validity = 24 # hours: a token is to last until the stack is changed
}

output "guarded" {
  value = one([for server in module.guarded : merge(server, local.pool)])
}
