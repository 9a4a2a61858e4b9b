# A stack that already has a table and an on-call topic gets an MCP server, and a REST route beside its tools.
# Callers sign their requests with AWS credentials.
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

provider "aws" { # region and credentials come from the environment
  default_tags {
    tags = { stack = "shop" }
  }
}

variable "runtime" {
  type    = string
  default = "python3.13"
}

variable "architecture" {
  type    = string
  default = "arm64"
}

# What the stack has already.

resource "aws_sns_topic" "on_call" {
  #checkov:skip=CKV_AWS_26:CloudWatch may not use the key alias/aws/sns: no alarm would reach a topic under it.
  name = "shop-on-call"
}

resource "aws_dynamodb_table" "orders" {
  name         = "shop-orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "order_id"

  attribute {
    name = "order_id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_dynamodb_table_item" "first_order" {
  table_name = aws_dynamodb_table.orders.name
  hash_key   = aws_dynamodb_table.orders.hash_key

  item = jsonencode({
    order_id = { S = "A-1001" }
    status   = { S = "shipped" }
    items    = { L = [{ S = "espresso machine" }, { S = "filter, box of 100" }] }
  })
}

# What is added to it.

data "aws_iam_policy_document" "read_orders" {
  statement {
    actions   = ["dynamodb:GetItem"]
    resources = [aws_dynamodb_table.orders.arn]
  }
}

module "mcp" {
  source       = "../.."
  name         = "shop-orders"
  source_dir   = "${path.module}/server"
  entrypoint   = "server:app"
  runtime      = var.runtime
  architecture = var.architecture

  auth        = { type = "iam" }
  environment = { ORDERS_TABLE = aws_dynamodb_table.orders.name }
  policy_json = data.aws_iam_policy_document.read_orders.json

  alarm_actions = [aws_sns_topic.on_call.arn]
  alarms        = { p95_duration = 2000 } # a look-up in a table takes milliseconds
  tags          = { part = "mcp" }
}

output "url" {
  value = module.mcp.url
}

output "api_id" {
  value = module.mcp.api_id
}

output "execution_arn" {
  value = module.mcp.execution_arn # callers need execute-api:Invoke on "<this>/*"
}

output "on_call_topic" {
  value = aws_sns_topic.on_call.arn
}
