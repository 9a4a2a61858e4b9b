locals {
  # Facts that this module, the host, the authorizer and build.py must agree on; they stand in this file alone.
  contract = jsondecode(file("${path.module}/function/mcp_lambda_host/contract.json"))

  # Settings of the host: the fields of its class Settings, which takes no other key and misses none. The last one,
  # tasks, is another one for each function.
  settings = {
    name                    = var.name
    entrypoint              = var.entrypoint
    origins                 = var.cors_origins
    auth_type               = local.auth.type
    issuer                  = local.has_login ? local.origin : local.auth.issuer # whom clients ask for a token
    scopes                  = local.auth.scopes == null ? [] : local.auth.scopes
    scope_claims            = local.auth.scope_claims == null ? [] : local.auth.scope_claims
    advertised_scopes       = local.auth.advertised_scopes == null ? [] : local.auth.advertised_scopes
    required_scopes         = var.required_scopes
    catalogue_seconds       = var.catalogue_seconds
    request_state_parameter = aws_ssm_parameter.request_state_keys.arn
    request_state_keys      = var.request_state_keys # for a rotation to make a new version, which reads the keys anew
    secrets                 = var.secrets            # where they are, not what
    log_level               = var.log_level
    log_sample_rate         = var.log_sample_rate
    log_subject             = var.log_subject
    log_payloads            = var.log_payloads
    metrics                 = var.metrics
    tracing                 = var.tracing
  }

  # The settings win over var.environment, which may not name them.
  environment_variables = merge(var.environment, {
    (local.contract.settings_variable) = jsonencode(merge(local.settings, { tasks = local.server_tasks }))
  })

  # Lambda measures the environment variables as JSON, in bytes. In the author's variables, three characters that
  # jsonencode escapes for the sake of HTML are counted as themselves. The settings are JSON within JSON, counted as
  # they are. The parameter's ARN is known first at apply, so it is counted with 64 bytes more than its name has, and
  # so is the API's own name, which is where people log in, with 80.
  author_variables   = jsonencode(var.environment)
  measured_variables = replace(replace(replace(local.author_variables, "\\u003c", "<"), "\\u003e", ">"), "\\u0026", "&")
  measured_settings = jsonencode({ (local.contract.settings_variable) = jsonencode(merge(local.settings, {
    request_state_parameter = format("%-64s%s", "arn:", local.request_state_parameter)
    tasks                   = local.measured_tasks
    issuer                  = local.has_login ? format("%-80s", "https:") : local.auth.issuer
  })) })

  # length() counts characters, and base64 has four for each three bytes. A size is no secret, whatever is measured.
  measured          = base64encode("${local.measured_variables}${local.measured_settings}")
  environment_bytes = nonsensitive(ceil(length(local.measured) * 3 / 4))
}

resource "aws_lambda_function" "server" {
  function_name = var.name
  description   = "MCP server ${var.name}"
  role          = aws_iam_role.function["server"].arn
  handler       = local.is_node ? "mcp_lambda_host/handler.handler" : "mcp_lambda_host.handler.handler"
  runtime       = var.runtime
  architectures = [var.architecture]
  memory_size   = var.memory_mb
  timeout       = var.timeout_seconds
  layers        = var.layers
  kms_key_arn   = var.kms_key_arn # for the environment variables, and for SnapStart's snapshots
  tags          = var.tags

  code_signing_config_arn = var.code_signing_config_arn

  filename         = var.package_bucket == null ? local.zips.server.file : null
  s3_bucket        = one(aws_s3_object.package[*].bucket)
  s3_key           = one(aws_s3_object.package[*].key)
  source_code_hash = terraform_data.upload["server"].id
  publish          = true # the alias needs versions

  reserved_concurrent_executions = var.reserved_concurrency == null ? -1 : var.reserved_concurrency

  environment {
    variables = local.environment_variables
  }

  ephemeral_storage {
    size = var.ephemeral_storage_mb # without the block, what was once asked for would stay
  }

  dynamic "snap_start" {
    for_each = var.snap_start ? ["PublishedVersions"] : []

    content {
      apply_on = snap_start.value
    }
  }

  dynamic "vpc_config" {
    for_each = local.in_a_vpc ? [var.vpc] : []

    content {
      subnet_ids                  = vpc_config.value.subnet_ids
      security_group_ids          = vpc_config.value.security_group_ids
      ipv6_allowed_for_dual_stack = coalesce(lookup(vpc_config.value, "ipv6", null), false)
    }
  }

  dynamic "file_system_config" {
    for_each = local.has_file_system ? [var.file_system] : []

    content {
      arn              = file_system_config.value.access_point_arn
      local_mount_path = file_system_config.value.mount_path
    }
  }

  logging_config {
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.server.name
    application_log_level = var.log_level
    system_log_level      = var.system_log_level
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough" # AWS's default; without the block a trace once on would stay on
  }

  lifecycle {
    precondition {
      condition     = local.environment_bytes <= 4096
      error_message = <<-EOT
        The function's environment has ${local.environment_bytes} bytes, counting what the host reads there (secrets,
        required_scopes, cors_origins), but Lambda takes 4096. Move long values of environment to a parameter and
        name it in secrets, or to a file beside the server.
      EOT
    }
  }

  # The cold start reads parameters, and Lambda attaches to the VPC and mounts the file system. A worker is there before
  # it is called.
  depends_on = [
    aws_iam_role_policy.server, aws_iam_role_policy.network, aws_iam_role_policy.file_system,
    aws_iam_role_policy_attachment.managed, aws_iam_role_policy.tasks, aws_lambda_function_event_invoke_config.worker,
  ]
}
