# The function around the author's server. With tasks there are two of them, which differ in their limits and in what
# they are told of tasks: the one that answers, and the worker.

resource "aws_lambda_function" "server" {
  function_name = var.name
  description   = var.description
  role          = var.shared.role_arn
  handler       = var.shared.handler
  runtime       = var.shared.runtime
  architectures = [var.shared.architecture]
  memory_size   = var.memory_mb
  timeout       = var.timeout_seconds
  layers        = var.shared.layers
  kms_key_arn   = var.shared.kms_key_arn # for the environment variables, and for SnapStart's snapshots
  tags          = var.shared.tags

  code_signing_config_arn = var.shared.code_signing_config_arn

  filename         = var.shared.object == null ? var.package.file : null
  s3_bucket        = one(var.shared.object[*].bucket)
  s3_key           = one(var.shared.object[*].key)
  source_code_hash = var.package.upload
  publish          = true # the alias needs versions, and each version of the server has its own of the worker

  reserved_concurrent_executions = var.reserved_concurrency == null ? -1 : var.reserved_concurrency

  environment {
    variables = var.environment
  }

  ephemeral_storage {
    size = var.shared.ephemeral_storage_mb # without the block, what was once asked for would stay
  }

  dynamic "snap_start" {
    for_each = var.snap_start ? ["PublishedVersions"] : []

    content {
      apply_on = snap_start.value
    }
  }

  dynamic "vpc_config" {
    for_each = local.in_a_vpc ? [var.shared.vpc] : []

    content {
      subnet_ids                  = vpc_config.value.subnet_ids
      security_group_ids          = vpc_config.value.security_group_ids
      ipv6_allowed_for_dual_stack = vpc_config.value.ipv6
    }
  }

  dynamic "file_system_config" {
    for_each = local.has_file_system ? [var.shared.file_system] : []

    content {
      arn              = file_system_config.value.access_point_arn
      local_mount_path = file_system_config.value.mount_path
    }
  }

  logging_config {
    log_format            = "JSON"
    log_group             = var.log_group
    application_log_level = var.shared.log_level
    system_log_level      = var.shared.system_log_level
  }

  tracing_config {
    mode = var.shared.tracing ? "Active" : "PassThrough" # AWS's default; without the block, a trace would stay on
  }

  lifecycle {
    precondition {
      condition     = var.shared.environment_bytes <= 4096
      error_message = <<-EOT
        The function's environment has ${var.shared.environment_bytes} bytes, counting what the host reads there
        (secrets, required_scopes, cors_origins), but Lambda takes 4096. Move long values of environment to a parameter
        and name it in secrets, or to a file beside the server.
      EOT
    }
  }

  depends_on = [var.needs]
}

locals {
  in_a_vpc        = nonsensitive(var.shared.vpc != null)
  has_file_system = nonsensitive(var.shared.file_system != null)
}
