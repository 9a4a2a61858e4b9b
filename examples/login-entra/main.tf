# An MCP server where people log in by Claude, ChatGPT, VS Code or Claude Code, with their account of Entra ID.
#
#   terraform init && terraform apply -var tenant_id=… -var client_id=… -var client_secret_arn=…
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

variable "tenant_id" {
  type        = string
  description = "The directory's id; not \"common\": tokens name the directory as their issuer."
}

variable "client_id" {
  type        = string
  description = "Application id of the one app registration."
}

variable "client_secret_arn" {
  type        = string
  description = "ARN of the secret in Secrets Manager, or of the SSM parameter, that holds its client secret."
}

variable "runtime" {
  type    = string
  default = "python3.13"
}

variable "architecture" {
  type    = string
  default = "arm64"
}

module "mcp" {
  source       = "../.."
  name         = "billing"
  source_dir   = "${path.module}/server"
  runtime      = var.runtime
  architecture = var.architecture

  auth = {
    type     = "jwt"
    issuer   = "https://login.microsoftonline.com/${var.tenant_id}/v2.0"
    audience = [var.client_id]
    scopes   = ["call"] # as tokens name it, in scp

    # As it is asked for. By "api://…", Entra ID would give a token and refuse to renew it (AADSTS90009).
    advertised_scopes = ["${var.client_id}/call"]

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
