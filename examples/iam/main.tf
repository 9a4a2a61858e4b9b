# An MCP server for callers that have a role in AWS: they sign their requests. A policy for them is made beside it.
#
#   terraform init && terraform apply
#   uvx mcp-proxy-for-aws "$(terraform output -raw url)" --service execute-api     # as the MCP server of any client
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

module "mcp" {
  source       = "../.."
  name         = "network-notes"
  source_dir   = "${path.module}/server"
  runtime      = var.runtime
  architecture = var.architecture
  auth         = { type = "iam" }
}

# What a caller needs: attach it to the roles and users that shall have the tools.
resource "aws_iam_policy" "callers" {
  name        = "network-notes-callers"
  description = "Call the MCP server network-notes"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "execute-api:Invoke"
      Resource = "${module.mcp.execution_arn}/*"
    }]
  })
}

output "url" {
  value = module.mcp.url
}

output "api_id" {
  value = module.mcp.api_id
}

output "execution_arn" {
  value = module.mcp.execution_arn
}

output "callers_policy_arn" {
  value = aws_iam_policy.callers.arn
}
