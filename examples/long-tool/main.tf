# A report that reads a whole table, slowly enough to leave the table to its other readers. With a year of sales that
# takes seconds, with a shop's it takes minutes: longer than an API waits, so it runs as a task.
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
  sold = {
    "2026-01" = 1200, "2026-02" = 900, "2026-03" = 1450, "2026-04" = 1300, "2026-05" = 1500, "2026-06" = 1100
  }
}

resource "aws_dynamodb_table" "sales" {
  name         = "shop-sales"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "month"

  attribute {
    name = "month"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_dynamodb_table_item" "sales" {
  for_each = local.sold

  table_name = aws_dynamodb_table.sales.name
  hash_key   = aws_dynamodb_table.sales.hash_key
  item       = jsonencode({ month = { S = each.key }, euros = { N = tostring(each.value) } })
}

data "aws_iam_policy_document" "read_sales" {
  statement {
    actions   = ["dynamodb:Scan"]
    resources = [aws_dynamodb_table.sales.arn]
  }
}

module "mcp" {
  source       = "../.."
  name         = "shop-reports"
  source_dir   = "${path.module}/server"
  runtime      = var.runtime
  architecture = var.architecture

  auth        = { type = "iam" }
  environment = { SALES_TABLE = aws_dynamodb_table.sales.name }
  policy_json = data.aws_iam_policy_document.read_sales.json

  tasks = {
    tools                = { sales_report = "optional" }
    timeout_seconds      = 600
    reserved_concurrency = 2 # reports at once: more would take the table from its other readers
  }
}

output "url" {
  value = module.mcp.url
}

output "api_id" {
  value = module.mcp.api_id
}
