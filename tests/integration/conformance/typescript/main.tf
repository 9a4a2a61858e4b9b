# The server that the official suite asks for, in TypeScript, behind each front.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

variable "origin" {
  type        = string
  description = "Where the suite finds the API; it sends this as its Origin and expects to be let in."
}

provider "aws" {}

module "mcp" {
  source   = "../../../.."
  for_each = toset(["http", "rest"])

  name                 = "conformance-typescript-${each.key}"
  front                = each.key
  source_dir           = path.module
  runtime              = "nodejs22.x"
  auth                 = { type = "none" }
  timeout_seconds      = 5
  reserved_concurrency = 6
  throttle             = { rate = 1000, burst = 1000 }
  cors_origins         = [var.origin]
  environment          = { NODE_OPTIONS = "--enable-source-maps" }
}

output "api_id" {
  value = module.mcp["http"].api_id
}

output "rest_api_id" {
  value = module.mcp["rest"].api_id
}
