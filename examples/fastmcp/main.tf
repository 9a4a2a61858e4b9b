# An MCP server written with FastMCP instead of the official SDK.
#
#   terraform init && terraform apply
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
  name         = "contrast"
  source_dir   = "${path.module}/server"
  runtime      = var.runtime
  architecture = var.architecture

  # Open on purpose: it only calculates. The limits are what a stranger can cost.
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
