# The server of the comparison, open to as many callers at once as the benchmark has.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

variable "source_dir" {
  type = string
}

variable "name" {
  type = string
}

variable "front" {
  type = string
}

variable "clients" {
  type = number
}

variable "runtime" {
  type = string
}

variable "architecture" {
  type = string
}

provider "aws" {}

module "mcp" {
  source               = "../.."
  name                 = var.name
  front                = var.front
  source_dir           = var.source_dir
  runtime              = var.runtime
  architecture         = var.architecture
  auth                 = { type = "none" }
  reserved_concurrency = var.clients
  throttle             = { rate = 10000, burst = 5000 }
}

output "api_id" {
  value = module.mcp.api_id
}
