# An MCP server in TypeScript, written with the official SDK.
#
#   terraform init && terraform apply
#
# On the local AWS, which runs whatever Node.js is on PATH: AWS_ENDPOINT_URL.
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

module "mcp" {
  source     = "../.."
  name       = "calendar"
  source_dir = "${path.module}/server"
  runtime    = "nodejs22.x"

  # Open on purpose: the tools only calculate. The limits are what a stranger can cost.
  auth                 = { type = "none" }
  reserved_concurrency = 5
  throttle             = { rate = 20, burst = 40 }
}

output "url" {
  value = module.mcp.url
}

output "api_id" {
  value = module.mcp.api_id
}
