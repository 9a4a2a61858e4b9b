# Takes keys before the change and everybody after it. All that can be is encrypted under a key of its own, with the
# policy that docs/network-and-keys.md shows.
locals {
  keyed_groups = [for group in ["lambda/%s", "lambda/%s-authorizer", "lambda/%s-tasks", "vendedlogs/apigateway/%s"] :
    format("arn:${local.partition}:logs:${var.region}:${var.account}:log-group:/aws/${group}", "${var.name}-keyed")
  ]
  partition = data.aws_partition.current.partition
}

data "aws_partition" "current" {}

module "keyed" {
  source = "../.."
  count  = contains(var.parts, "keyed") ? 1 : 0

  name                 = "${var.name}-keyed"
  package_file         = var.package_file
  runtime              = var.runtime
  architecture         = var.architecture
  timeout_seconds      = var.timeout_seconds
  reserved_concurrency = null
  throttle             = { rate = 20, burst = 20 }
  tasks                = { tools = { wait = "optional" }, timeout_seconds = 60 }
  kms_key_arn          = one(aws_kms_key.keyed[*].arn)
  alarm_actions        = aws_sns_topic.on_call[*].arn

  auth = {
    type          = var.changed ? "none" : "token"
    ssm_parameter = var.changed ? null : one(aws_ssm_parameter.keys[*].arn)
  }
}

resource "aws_ssm_parameter" "keys" {
  count = contains(var.parts, "keyed") ? 1 : 0

  name   = "/${var.name}/keys"
  type   = "SecureString"
  key_id = one(aws_kms_key.keyed[*].arn)
  value  = var.keys
}

resource "aws_kms_key" "keyed" {
  count = contains(var.parts, "keyed") ? 1 : 0

  description             = var.name
  enable_key_rotation     = true
  deletion_window_in_days = 7 # the fewest that AWS takes; until then it costs nothing

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "LetIamPoliciesCount"
        Effect    = "Allow"
        Action    = "kms:*"
        Resource  = "*"
        Principal = { AWS = "arn:${local.partition}:iam::${var.account}:root" }
      },
      {
        Sid       = "LetLogsEncrypt"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:Describe*", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = "*"
        Principal = { Service = "logs.${var.region}.amazonaws.com" }
        Condition = { ArnEquals = { "kms:EncryptionContext:aws:logs:arn" = local.keyed_groups } }
      },
    ]
  })
}

output "keyed" {
  value = one([for server in module.keyed : merge(server, {
    keys_parameter = one(aws_ssm_parameter.keys[*].name)
    key_arn        = one(aws_kms_key.keyed[*].arn)
  })])
}
