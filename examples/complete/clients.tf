# Who calls: machines with a client id and a secret, each with the scopes that it needs.

resource "aws_cognito_user_pool" "clients" {
  name = local.name

  admin_create_user_config {
    allow_admin_create_user_only = true # machines need no users, and nobody signs up by himself
  }
}

resource "aws_cognito_user_pool_domain" "login" {
  domain       = lower(replace(aws_cognito_user_pool.clients.id, "_", "-")) # unique in the region, as the id is
  user_pool_id = aws_cognito_user_pool.clients.id
}

resource "aws_cognito_resource_server" "mcp" {
  name         = local.name
  identifier   = local.name
  user_pool_id = aws_cognito_user_pool.clients.id

  scope {
    scope_name        = "read"
    scope_description = "Ask what a person agreed to"
  }

  scope {
    scope_name        = "write"
    scope_description = "Note a consent, and forget a person"
  }
}

resource "aws_cognito_user_pool_client" "machines" {
  for_each = {
    crm        = ["consents/read", "consents/write"]
    newsletter = ["consents/read"]
  }

  name            = each.key
  user_pool_id    = aws_cognito_user_pool.clients.id
  generate_secret = true

  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["client_credentials"]
  allowed_oauth_scopes                 = each.value

  depends_on = [aws_cognito_resource_server.mcp] # which has the scopes
}
