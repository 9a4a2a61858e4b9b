# An MCP server for a team without an identity provider: each client has a key, whose hash is in an SSM SecureString.
# Every key may look at the switches; turning one needs a key with the scope switches:write.
#
#   terraform init && terraform apply
#   python3 ../../function/authorizer/new_key.py ci --scope switches:write     # prints a key, and the entry for it
#   aws ssm put-parameter --overwrite --type SecureString --name "$(terraform output -raw keys_parameter)" \
#     --value '{"keys": [ …the entry… ]}'
#
# The client sends "Authorization: Bearer <key>". To revoke a key, put the parameter without its entry.
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
  name = "switches"
}

module "mcp" {
  source       = "../.."
  name         = local.name
  source_dir   = "${path.module}/server"
  runtime      = var.runtime
  architecture = var.architecture

  auth            = { type = "token", ssm_parameter = aws_ssm_parameter.keys.arn }
  required_scopes = { "tools/turn_switch" = ["switches:write"] }

  environment = { SWITCHES_TABLE = aws_dynamodb_table.switches.name }
  policy_json = data.aws_iam_policy_document.use_switches.json
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

resource "aws_dynamodb_table" "switches" {
  name         = local.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "name"

  attribute {
    name = "name"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}

data "aws_iam_policy_document" "use_switches" {
  statement {
    actions   = ["dynamodb:PutItem", "dynamodb:Scan"]
    resources = [aws_dynamodb_table.switches.arn]
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
