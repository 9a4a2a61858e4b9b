# An MCP server where people log in by Claude, ChatGPT, VS Code or Claude Code, with the users of a Cognito user pool.
#
#   terraform init && terraform apply
#   claude mcp add --transport http desk "$(terraform output -raw url)"
#
# On the local AWS, which runs functions in its own Python: AWS_ENDPOINT_URL, TF_VAR_runtime, TF_VAR_architecture.
terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

provider "aws" {} # region and credentials come from the environment

variable "runtime" {
  type    = string
  default = "python3.13"
}

variable "architecture" {
  type    = string
  default = "arm64"
}

locals {
  name = "desk"
}

module "mcp" {
  source       = "../.."
  name         = local.name
  source_dir   = "${path.module}/server"
  runtime      = var.runtime
  architecture = var.architecture

  auth = {
    type     = "jwt"
    issuer   = "https://${aws_cognito_user_pool.people.endpoint}"
    audience = [aws_cognito_user_pool_client.login.id] # Cognito's access tokens name the client, in client_id
    scopes   = aws_cognito_resource_server.mcp.scope_identifiers
    login = {
      client_id     = aws_cognito_user_pool_client.login.id
      client_secret = aws_ssm_parameter.client_secret.arn
    }
  }
}

resource "aws_cognito_user_pool" "people" {
  name                     = local.name
  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]

  admin_create_user_config {
    allow_admin_create_user_only = true # nobody signs up by himself
  }
}

# Cognito's own pages, on which people log in.
resource "aws_cognito_user_pool_domain" "people" {
  domain       = lower(replace(aws_cognito_user_pool.people.id, "_", "-")) # unique in the region, as the id is
  user_pool_id = aws_cognito_user_pool.people.id
}

resource "aws_cognito_resource_server" "mcp" {
  name         = local.name
  identifier   = local.name
  user_pool_id = aws_cognito_user_pool.people.id

  scope {
    scope_name        = "use"
    scope_description = "Use the tools"
  }
}

# The one client that Cognito knows, however many clients of MCP there are.
resource "aws_cognito_user_pool_client" "login" {
  name            = "login"
  user_pool_id    = aws_cognito_user_pool.people.id
  generate_secret = true

  callback_urls                        = [module.mcp.login_callback_url]
  supported_identity_providers         = ["COGNITO"]
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes                 = aws_cognito_resource_server.mcp.scope_identifiers
}

resource "aws_ssm_parameter" "client_secret" {
  name  = "/${local.name}/client-secret"
  type  = "SecureString"
  value = aws_cognito_user_pool_client.login.client_secret
}

output "url" {
  value = module.mcp.url
}

output "api_id" {
  value = module.mcp.api_id
}

output "user_pool_id" {
  value = aws_cognito_user_pool.people.id
}

output "client_id" {
  value = aws_cognito_user_pool_client.login.id
}
