# People of the user pool log in by the module's own authorization server.
module "login" {
  source = "../.."
  count  = contains(var.parts, "login") ? 1 : 0

  name                 = "${var.name}-people"
  package_file         = var.package_file
  runtime              = var.runtime
  architecture         = var.architecture
  timeout_seconds      = var.timeout_seconds
  reserved_concurrency = null
  throttle             = { rate = 20, burst = 20 }

  auth = {
    type     = "jwt"
    issuer   = "https://${one(aws_cognito_user_pool.callers[*].endpoint)}"
    audience = aws_cognito_user_pool_client.login[*].id
    scopes   = ["aws.cognito.signin.user.admin"]
    login = {
      client_id     = one(aws_cognito_user_pool_client.login[*].id)
      client_secret = one(aws_ssm_parameter.login_secret[*].arn)
    }
  }
}

resource "aws_cognito_user_pool_domain" "login" {
  count = contains(var.parts, "login") ? 1 : 0

  domain       = lower(replace(one(aws_cognito_user_pool.callers[*].id), "_", "-")) # unique in the region, as the id is
  user_pool_id = one(aws_cognito_user_pool.callers[*].id)
}

resource "aws_cognito_user_pool_client" "login" {
  count = contains(var.parts, "login") ? 1 : 0

  name            = "login"
  user_pool_id    = one(aws_cognito_user_pool.callers[*].id)
  generate_secret = true

  callback_urls                        = [module.login[0].login_callback_url] # by [*] of all outputs: a cycle
  supported_identity_providers         = ["COGNITO"]
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes                 = ["aws.cognito.signin.user.admin"]
}

resource "aws_ssm_parameter" "login_secret" {
  count = contains(var.parts, "login") ? 1 : 0

  name  = "/${var.name}/client-secret"
  type  = "SecureString"
  value = one(aws_cognito_user_pool_client.login[*].client_secret)
}

output "login" {
  value = one([for server in module.login : merge(server, local.pool)])
}
