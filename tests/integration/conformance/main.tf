# The server that the official suite asks for, open and in several execution environments.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

variable "package_file" {
  type        = string
  description = "Zip of the server."
}

variable "origins" {
  type        = list(string)
  description = "Where the suite finds the API, which is the Origin that it sends, and the origin of a web page."
}

variable "front" {
  type        = string
  description = "The kind of API."
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
  source = "../../.."

  name                 = "conformance-${var.front}"
  package_file         = var.package_file
  front                = var.front
  auth                 = { type = "none" }
  runtime              = var.runtime
  architecture         = var.architecture
  timeout_seconds      = 20
  reserved_concurrency = 6
  throttle             = { rate = 1000, burst = 1000 }
  cors_origins         = var.origins

  tasks = {
    timeout_seconds      = 60
    reserved_concurrency = 3
    tools = {
      slow_compute        = "optional"
      failing_job         = "required"
      protocol_error_job  = "optional"
      confirm_delete      = "optional"
      multi_input         = "optional"
      test_tool_with_task = "after_input"
    }
  }
}

output "api_id" {
  value = module.mcp.api_id
}
