# An MCP server for machines that hold a token: a Cognito user pool is made beside it, with one machine client.
#
#   terraform init && terraform apply
#   curl -u "$(terraform output -raw client_id):$(terraform output -raw client_secret)" \
#     -d grant_type=client_credentials "$(terraform output -raw token_url)"
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
  name   = "releases"
  region = regex("^[^_]+", aws_cognito_user_pool.clients.id) # a pool's id is <region>_<random>
}

module "mcp" {
  source       = "../.."
  name         = local.name
  source_dir   = "${path.module}/server"
  runtime      = var.runtime
  architecture = var.architecture

  auth = {
    type     = "jwt"
    issuer   = "https://${aws_cognito_user_pool.clients.endpoint}"
    audience = [aws_cognito_user_pool_client.machine.id] # Cognito's access tokens name the client, in client_id
    scopes   = aws_cognito_resource_server.mcp.scope_identifiers
  }
}

resource "aws_cognito_user_pool" "clients" {
  name = local.name

  admin_create_user_config {
    allow_admin_create_user_only = true # a machine client needs no users, and nobody signs up by himself
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
    scope_name        = "call"
    scope_description = "Call the tools"
  }
}

resource "aws_cognito_user_pool_client" "machine" {
  name            = "machine"
  user_pool_id    = aws_cognito_user_pool.clients.id
  generate_secret = true

  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["client_credentials"]
  allowed_oauth_scopes                 = aws_cognito_resource_server.mcp.scope_identifiers
}

output "url" {
  value = module.mcp.url
}

output "api_id" {
  value = module.mcp.api_id
}

output "resource_metadata_url" {
  value = module.mcp.resource_metadata_url
}

output "issuer" {
  value = "https://${aws_cognito_user_pool.clients.endpoint}"
}

output "token_url" {
  value = "https://${aws_cognito_user_pool_domain.login.domain}.auth.${local.region}.amazoncognito.com/oauth2/token"
}

output "client_id" {
  value = aws_cognito_user_pool_client.machine.id
}

output "client_secret" {
  value     = aws_cognito_user_pool_client.machine.client_secret
  sensitive = true
}
