# What the integration tests need that no example has: slow and failing tools, few environments, a topic for alarms.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

variable "module_source_dir" {
  type        = string
  description = "Directory of the server; the tests change it between two applies."
  default     = null
}

variable "package_file" {
  type        = string
  description = "Zip of the server, for stacks that differ in other things."
  default     = null
}

variable "package_bucket" {
  type    = map(string)
  default = null
}

variable "name" {
  type    = string
  default = "integration"
}

variable "front" {
  type    = string
  default = "http"
}

variable "auth" {
  type = object({
    type             = string
    issuer           = optional(string)
    audience         = optional(list(string))
    scopes           = optional(list(string))
    ssm_parameter    = optional(string)
    header           = optional(string)
    function_arn     = optional(string)
    identity_sources = optional(list(string))
    ttl              = optional(number)
    login            = optional(object({ client_id = string, client_secret = string, scopes = list(string) }))
  })
  default = { type = "none" }
}

variable "required_scopes" {
  type    = map(list(string))
  default = {}
}

variable "cors_origins" {
  type    = list(string)
  default = ["https://app.example"]
}

variable "request_state_keys" {
  type    = list(string)
  default = ["1"]
}

variable "environment" {
  type    = map(string)
  default = {}
}

variable "snap_start" {
  type    = bool
  default = false
}

variable "provisioned_concurrency" {
  type = object({
    environments = number
  })
  default = null
}

variable "canary" {
  type = object({
    stable_version = number
    weight         = number
  })
  default = null
}

variable "rollback_to" {
  type    = number
  default = null
}

variable "runtime" {
  type    = string
  default = "python3.13"
}

variable "architecture" {
  type    = string
  default = "arm64"
}

variable "secrets" {
  type    = map(string)
  default = {}
}

variable "custom_domain" {
  type    = any
  default = null
}

variable "allowed_cidrs" {
  type    = list(string)
  default = null
}

variable "web_acl_arn" {
  type    = string
  default = null
}

variable "access_log" {
  type    = bool
  default = true
}

variable "gateway_timeout_quota_seconds" {
  type    = number
  default = null
}

variable "vpc_endpoint_ids" {
  type    = list(string)
  default = []
}

variable "vpc" {
  type    = object({ subnet_ids = list(string), security_group_ids = list(string), ipv6 = optional(bool) })
  default = null
}

variable "file_system" {
  type    = map(string)
  default = null
}

variable "ephemeral_storage_mb" {
  type    = number
  default = null
}

variable "layers" {
  type    = list(string)
  default = []
}

variable "code_signing_config_arn" {
  type    = string
  default = null
}

variable "managed_policy_arns" {
  type    = map(string)
  default = {}
}

variable "role_path" {
  type    = string
  default = null
}

variable "log_groups_kept" {
  type    = bool
  default = false
}

variable "kms_key_arn" {
  type    = string
  default = null
}

variable "permissions_boundary_arn" {
  type    = string
  default = null
}

variable "versions_kept" {
  type    = number
  default = null
}

variable "dashboard" {
  type    = bool
  default = false
}

variable "tasks" {
  type    = object({ tools = map(string), timeout_seconds = number, reserved_concurrency = number })
  default = null
}

provider "aws" {}

module "mcp" {
  source = "../../.."

  name                     = var.name
  source_dir               = var.module_source_dir
  package_file             = var.package_file
  package_bucket           = var.package_bucket
  front                    = var.front
  auth                     = var.auth
  required_scopes          = var.required_scopes
  request_state_keys       = var.request_state_keys
  runtime                  = var.runtime
  architecture             = var.architecture
  environment              = var.environment
  snap_start               = var.snap_start
  provisioned_concurrency  = var.provisioned_concurrency
  canary                   = var.canary
  rollback_to              = var.rollback_to
  timeout_seconds          = 3
  reserved_concurrency     = 4
  throttle                 = { rate = 1000, burst = 1000 }
  cors_origins             = var.cors_origins
  alarm_actions            = [aws_sns_topic.alarms.arn]
  secrets                  = var.secrets
  tasks                    = var.tasks
  custom_domain            = var.custom_domain
  allowed_cidrs            = var.allowed_cidrs
  vpc_endpoint_ids         = var.vpc_endpoint_ids
  web_acl_arn              = var.web_acl_arn
  vpc                      = var.vpc
  file_system              = var.file_system
  ephemeral_storage_mb     = var.ephemeral_storage_mb
  layers                   = var.layers
  code_signing_config_arn  = var.code_signing_config_arn
  managed_policy_arns      = var.managed_policy_arns
  role_path                = var.role_path
  log_groups_kept          = var.log_groups_kept
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  dashboard                = var.dashboard
  versions_kept            = var.versions_kept
  metrics                  = "tools"
  tracing                  = true

  gateway_timeout_quota_seconds = var.gateway_timeout_quota_seconds
  access_log                    = var.access_log
}

resource "aws_sns_topic" "alarms" {
  name = "${var.name}-alarms"
}

output "url" {
  value = module.mcp.url
}

output "api_id" {
  value = module.mcp.api_id
}

output "execution_arn" {
  value = module.mcp.execution_arn
}

output "topic_arn" {
  value = aws_sns_topic.alarms.arn
}

output "alarm_arns" {
  value = module.mcp.alarm_arns
}

output "login_callback_url" {
  value = module.mcp.login_callback_url
}

output "domain_target" {
  value = module.mcp.domain_target
}
