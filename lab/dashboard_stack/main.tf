# The server whose minute on the local AWS the picture of the dashboard shows; see lab/dashboard_run.py.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

variable "runtime" {
  type = string
}

variable "architecture" {
  type = string
}

provider "aws" {}

resource "aws_ssm_parameter" "keys" {
  name  = "/orders/keys"
  type  = "SecureString"
  value = jsonencode({ keys = [] })

  lifecycle {
    ignore_changes = [value]
  }
}

module "mcp" {
  source               = "../.."
  name                 = "orders"
  source_dir           = "${path.module}/server"
  runtime              = var.runtime
  architecture         = var.architecture
  auth                 = { type = "token", ssm_parameter = aws_ssm_parameter.keys.arn }
  reserved_concurrency = 10
  dashboard            = true
  tasks                = { tools = { report = "optional" } }
}

output "api_id" {
  value = module.mcp.api_id
}

output "keys_parameter" {
  value = aws_ssm_parameter.keys.name
}
