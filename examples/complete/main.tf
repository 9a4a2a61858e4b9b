# A register of consents, as a platform team would run it: all that the module can do is switched on.
#
#   terraform init && terraform apply -var domain_name=consents.example.com -var zone_id=Z0123456789ABCDEFGHIJ
#
# On the local AWS, which runs functions in its own Python: AWS_ENDPOINT_URL, TF_VAR_runtime, TF_VAR_architecture.
terraform {
  required_version = ">= 1.11" # for the write-only arguments in data.tf

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

provider "aws" { # region and credentials come from the environment
  default_tags {
    tags = { team = "privacy" }
  }
}

locals {
  name = "consents"
}

module "mcp" {
  source       = "../.."
  name         = local.name
  source_dir   = "${path.module}/server"
  runtime      = var.runtime
  architecture = var.architecture

  # Who may call, and what
  auth = {
    type     = "jwt"
    issuer   = "https://${aws_cognito_user_pool.clients.endpoint}"
    audience = values(aws_cognito_user_pool_client.machines)[*].id # Cognito's tokens name the client, in client_id
    scopes   = aws_cognito_resource_server.mcp.scope_identifiers
  }
  required_scopes = {
    "tools/record_consent" = ["consents/write"]
    "tools/forget_person"  = ["consents/write"]
  }
  cors_origins = ["https://console.${var.domain_name}"]
  custom_domain = merge(
    {
      domain_name     = var.domain_name
      certificate_arn = aws_acm_certificate_validation.front.certificate_arn
    },
    var.zone_id == null ? {} : { zone_id = var.zone_id },
  )

  # What the tools reach, and what they may do there
  vpc = {
    subnet_ids         = values(aws_subnet.private)[*].id
    security_group_ids = [aws_security_group.server.id]
  }
  environment = { CONSENTS_TABLE = aws_dynamodb_table.consents.name }
  secrets = {
    PERSON_KEY = aws_ssm_parameter.person_key.arn
    SEAL_KEY   = aws_secretsmanager_secret_version.seal_key.arn
  }
  policy_json              = data.aws_iam_policy_document.tools.json
  kms_key_arn              = aws_kms_key.platform.arn
  permissions_boundary_arn = aws_iam_policy.boundary.arn

  # How much of it. Provisioned, since a person waits for the answer; snap_start = true would be cheaper, and a little
  # slower. An alias that shares its calls has nothing provisioned.
  timeout_seconds         = 10
  throttle                = { rate = 100, burst = 200 }
  reserved_concurrency    = 20
  provisioned_concurrency = var.canary == null ? { environments = 2 } : null
  canary                  = var.canary
  rollback_to             = var.rollback_to

  # What operators see of it
  alarms             = { p95_duration = 2000, throttles = 10 } # a look-up takes milliseconds, and clients try again
  alarm_actions      = [aws_sns_topic.on_call.arn]
  dashboard          = true
  metrics            = "tools"
  tracing            = true
  log_subject        = "plain" # the callers are machines
  log_retention_days = 365
  saved_queries      = true

  # What clients keep
  catalogue_seconds  = 3600
  request_state_keys = ["2026-11"]

  tags = { part = "mcp" }

  depends_on = [aws_vpc_endpoint.secrets] # provisioned environments read their secrets while this is applied
}
