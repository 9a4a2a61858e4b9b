# An MCP server behind a firewall: AWS WAF counts requests by address, by caller and by tool, and blocks what it knows
# to be an attack. Callers have keys.
#
#   terraform init && terraform apply
#   python3 ../../function/authorizer/new_key.py ci     # prints a key, and the entry for it
#   aws ssm put-parameter --overwrite --type SecureString --name "$(terraform output -raw keys_parameter)" \
#     --value '{"keys": [ …the entry… ]}'
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

locals {
  name = "comparisons"
}

module "mcp" {
  source       = "../.."
  name         = local.name
  source_dir   = "${path.module}/server"
  runtime      = var.runtime
  architecture = var.architecture
  front        = "rest" # AWS WAF takes no HTTP API

  auth = { type = "token", ssm_parameter = aws_ssm_parameter.keys.arn }

  # The ARN is known first at apply, and format() says at plan that there will be one.
  web_acl_arn = format("%s", aws_wafv2_web_acl.mcp.arn)
}

# Keys come and go without Terraform, and their hashes stay out of its state: it makes a parameter that lets nobody in.
resource "aws_ssm_parameter" "keys" {
  name        = "/${local.name}/keys"
  description = "Who may call the MCP server ${local.name}: hashes of keys, made by function/authorizer/new_key.py"
  type        = "SecureString"
  value       = jsonencode({ keys = [] })

  lifecycle {
    ignore_changes = [value]
  }
}

output "url" {
  value = module.mcp.url
}

output "api_id" {
  value = module.mcp.api_id
}

output "keys_parameter" {
  value = aws_ssm_parameter.keys.name
}
