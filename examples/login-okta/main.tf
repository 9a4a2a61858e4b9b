# An MCP server in TypeScript where people log in by Claude, ChatGPT, VS Code or Claude Code, with their account of
# Okta.
#
#   terraform init && terraform apply -var okta_domain=… -var client_id=… -var client_secret_arn=…
#
# On the local AWS, which runs functions in its own Python and its own Node.js: AWS_ENDPOINT_URL, TF_VAR_architecture.
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

variable "okta_domain" {
  type        = string
  description = "The organisation's domain, such as example.okta.com."
}

variable "client_id" {
  type        = string
  description = "Client id of the one web application."
}

variable "client_secret_arn" {
  type        = string
  description = "ARN of the SSM parameter, or of the secret in Secrets Manager, that holds its client secret."
}

variable "architecture" {
  type    = string
  default = "arm64"
}

module "mcp" {
  source       = "../.."
  name         = "stock"
  source_dir   = "${path.module}/server"
  runtime      = "nodejs22.x"
  architecture = var.architecture

  auth = {
    type     = "jwt"
    issuer   = "https://${var.okta_domain}/oauth2/default" # a custom server: nobody may read the org's own
    audience = ["api://default"]
    scopes   = ["stock"]

    login = {
      client_id     = var.client_id
      client_secret = var.client_secret_arn
      scopes        = ["offline_access"] # or there are no refresh tokens
    }
  }
}

output "url" {
  value = module.mcp.url
}

output "api_id" {
  value = module.mcp.api_id
}

output "login_callback_url" {
  value = module.mcp.login_callback_url
}
