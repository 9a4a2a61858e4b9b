# Servers that exist, each as its author has it, on the local AWS.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

variable "servers" {
  type = map(object({
    source_dir = string
    entrypoint = optional(string)
    sdk_1      = optional(bool, false)
  }))
  description = "Directories of servers by name, and what the module is told of each."
}

variable "runtime" {
  type    = string
  default = "python3.13"
}

variable "architecture" {
  type    = string
  default = "arm64"
}

provider "aws" {}

module "mcp" {
  source   = "../../.."
  for_each = var.servers

  name                = each.key
  source_dir          = each.value.source_dir
  entrypoint          = each.value.entrypoint
  sdk_1_compatibility = each.value.sdk_1
  auth                = { type = "none" }
  runtime             = var.runtime
  architecture        = var.architecture
}

output "api_ids" {
  value = { for name, server in module.mcp : name => server.api_id }
}
