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

  # What the server's function has in common with its worker's.
  shared = {
    role_arn                = aws_iam_role.function["server"].arn
    handler                 = local.is_node ? "mcp_lambda_host/handler.handler" : "mcp_lambda_host.handler.handler"
    runtime                 = var.runtime
    architecture            = var.architecture
    layers                  = var.layers
    kms_key_arn             = var.kms_key_arn
    tags                    = var.tags
    code_signing_config_arn = var.code_signing_config_arn
    object                  = one(aws_s3_object.package)
    environment_bytes       = local.environment_bytes # of the server's, which is the longer one
    ephemeral_storage_mb    = var.ephemeral_storage_mb
    vpc                     = local.vpc
    file_system             = var.file_system
    log_level               = var.log_level
    system_log_level        = var.system_log_level
    tracing                 = var.tracing
  }

  # The cold start reads parameters, and Lambda attaches to the VPC and mounts the file system.
  needs = concat(
    [aws_iam_role_policy.server.id], aws_iam_role_policy.network[*].id, aws_iam_role_policy.file_system[*].id,
    values(aws_iam_role_policy_attachment.managed)[*].id, aws_iam_role_policy.tasks[*].id,
  )
}

module "server" {
  source = "./lambda"

  name                 = var.name
  description          = "MCP server ${var.name}"
  memory_mb            = var.memory_mb
  timeout_seconds      = var.timeout_seconds
  reserved_concurrency = var.reserved_concurrency
  snap_start           = var.snap_start
  environment          = local.environment_variables
  package              = { file = local.zips.server.file, upload = terraform_data.upload["server"].id }
  log_group            = aws_cloudwatch_log_group.server.name
  shared               = local.shared

  # A worker is there before it is called.
  needs = concat(local.needs, aws_lambda_function_event_invoke_config.worker[*].id)
}
