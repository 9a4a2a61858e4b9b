locals {
  # CloudWatch takes these and no others.
  log_retentions = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]

  # What the host reads. It wins over var.environment, which may not name any of it.
  host_environment = {
    MCP_LAMBDA_NAME                    = var.name
    MCP_LAMBDA_ENTRYPOINT              = var.entrypoint
    MCP_LAMBDA_ORIGINS                 = join(",", var.cors_origins)
    MCP_LAMBDA_REQUEST_STATE_PARAMETER = aws_ssm_parameter.request_state_keys.arn
    MCP_LAMBDA_AUTH                    = jsonencode(local.host_auth)
    MCP_LAMBDA_REQUIRED_SCOPES         = jsonencode(var.required_scopes)
    MCP_LAMBDA_CATALOGUE_SECONDS       = var.catalogue_seconds
    MCP_LAMBDA_SECRETS                 = jsonencode(var.secrets) # where they are, not what
    MCP_LAMBDA_OBSERVE                 = jsonencode(local.observe)

    # Nobody reads it: it makes a rotation a new version, whose environments read the keys anew.
    MCP_LAMBDA_REQUEST_STATE_KEYS = join(",", var.request_state_keys)
  }

  environment = merge(var.environment, local.host_environment)

  # Lambda measures the environment as JSON, in bytes. What is known first at apply, an ARN, is counted with 64 more than
  # its name has; what jsonencode escapes for the sake of HTML, as it is.
  measured_environment = replace(replace(replace(jsonencode(merge(local.environment, {
    MCP_LAMBDA_REQUEST_STATE_PARAMETER = format("%-64s%s", "arn:", local.request_state_parameter)
  })), "\\u003c", "<"), "\\u003e", ">"), "\\u0026", "&")

  # A size is no secret, whatever is measured.
  environment_size = nonsensitive(ceil(length(base64encode(local.measured_environment)) * 3 / 4))
}

resource "aws_cloudwatch_log_group" "server" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_lambda_function" "server" {
  function_name = var.name
  description   = "MCP server ${var.name}"
  role          = aws_iam_role.server.arn
  handler       = "mcp_lambda_host.handler.handler"
  runtime       = var.runtime
  architectures = [var.architecture]
  memory_size   = var.memory_mb
  timeout       = var.timeout_seconds
  kms_key_arn   = var.kms_key_arn # for the environment, and for SnapStart's snapshots
  tags          = var.tags

  filename         = local.zips.server.file
  source_code_hash = terraform_data.upload["server"].id
  publish          = true # the alias needs versions

  reserved_concurrent_executions = var.reserved_concurrency == null ? -1 : var.reserved_concurrency

  environment {
    variables = local.environment
  }

  dynamic "snap_start" {
    for_each = var.snap_start ? ["PublishedVersions"] : []

    content {
      apply_on = snap_start.value
    }
  }

  dynamic "vpc_config" {
    for_each = var.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  logging_config {
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.server.name
    application_log_level = var.log_level
    system_log_level      = "INFO" # the platform's report of duration, memory and cold start is an INFO line
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough" # AWS's default; without the block a trace once on would stay on
  }

  lifecycle {
    precondition {
      condition     = local.environment_size <= 4096
      error_message = "The function's environment has ${local.environment_size} bytes, counting what the host reads there (secrets, required_scopes, cors_origins), but Lambda takes 4096. Move long values of environment to a parameter and name it in secrets, or to a file beside the server."
    }

    postcondition {
      condition     = self.code_sha256 == terraform_data.upload["server"].output
      error_message = "The function does not run the package that was last applied: its upload failed, or somebody made another. Upload it again: terraform apply -replace='module.NAME.terraform_data.${var.source_dir == null ? "upload" : "package"}[\"server\"]'."
    }
  }

  depends_on = [aws_iam_role_policy.server] # the cold start reads parameters, and Lambda attaches to the VPC
}
