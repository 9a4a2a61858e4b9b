# Environments that are there before anybody calls: restored from a snapshot, or provisioned.
module "restored" {
  source = "../.."
  count  = contains(var.parts, "restored") ? 1 : 0

  name                 = "${var.name}-restored"
  package_file         = var.package_file
  runtime              = var.runtime
  architecture         = var.architecture
  auth                 = { type = "none" }
  reserved_concurrency = null
  throttle             = { rate = 20, burst = 40 }
  snap_start           = true
  secrets              = { SECRET = one(aws_ssm_parameter.secret[*].arn) }
  system_log_level     = "INFO" # the report of a restore that went well
}

resource "aws_ssm_parameter" "secret" {
  count = contains(var.parts, "restored") ? 1 : 0

  name  = "/${var.name}/secret"
  type  = "SecureString"
  value = "read after the restore"
}

output "restored" {
  value = one(module.restored[*])
}

module "provisioned" {
  source = "../.."
  count  = contains(var.parts, "provisioned") ? 1 : 0

  name                    = "${var.name}-provisioned"
  package_file            = var.package_file
  runtime                 = var.runtime
  architecture            = var.architecture
  auth                    = { type = "none" }
  reserved_concurrency    = null
  throttle                = { rate = 20, burst = 40 }
  provisioned_concurrency = { environments = 1 }
  alarm_actions           = aws_sns_topic.on_call[*].arn
}

output "provisioned" {
  value = one(module.provisioned[*])
}

# Functions without the module, whose hooks take less and more than AWS gives to hooks after a restore.
locals {
  hook_seconds = contains(var.parts, "hooks") ? { within = 8, beyond = 12 } : {}
}

resource "aws_lambda_function" "hooks" {
  #checkov:skip=CKV_AWS_115:It is invoked twice, by whoever has applied it.
  for_each = local.hook_seconds

  function_name = "${var.name}-hook-${each.key}"
  role          = one(aws_iam_role.functions[*].arn)
  handler       = "hooks.handler"
  runtime       = var.runtime
  architectures = [var.architecture]
  timeout       = 29
  filename      = var.hooks_file
  publish       = true

  snap_start {
    apply_on = "PublishedVersions"
  }

  environment {
    variables = { SECONDS = each.value }
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.hooks[each.key].name
  }
}

resource "aws_cloudwatch_log_group" "hooks" {
  for_each = local.hook_seconds

  name              = "/aws/lambda/${var.name}-hook-${each.key}"
  retention_in_days = 1
}

# Of the functions without the module. They may do nothing.
resource "aws_iam_role" "functions" {
  count = length(setintersection(var.parts, ["hooks", "own", "refusing"])) > 0 ? 1 : 0

  name = "${var.name}-functions"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

output "hooks" {
  value = length(local.hook_seconds) == 0 ? null : {
    for key, hook in aws_lambda_function.hooks : key => hook.qualified_arn
  }
}
