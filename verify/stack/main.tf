# What scripts/verify-aws applies, looks at, changes once and destroys: a server for each thing that only AWS can show.
terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account] # another account's credentials must not make Terraform believe that all is gone

  default_tags {
    tags = { made-by = "verify-aws", stack = var.name }
  }
}

variable "name" {
  description = "What everything is named after."
  type        = string
}

variable "account" {
  description = "The account that it is made in."
  type        = string
}

variable "region" {
  type = string
}

variable "parts" {
  description = "The parts to make, named as the modules below."
  type        = set(string)
}

variable "changed" {
  description = "Whether this is the stack before (false) or after its change."
  type        = bool
  default     = false
}

variable "can_reserve" {
  description = "Whether the account's quota lets a function reserve environments."
  type        = bool
}

variable "timeout_seconds" {
  type = number
}

variable "package_file" {
  description = "Zip of the server, built once for all."
  type        = string
}

variable "runtime" {
  type    = string
  default = "python3.13"
}

variable "architecture" {
  type    = string
  default = "arm64"
}

# Open to everybody who guesses its URL, for an hour: what is late, large or broken.
module "open" {
  source = "../.."
  count  = contains(var.parts, "open") ? 1 : 0

  name                 = "${var.name}-open"
  package_file         = var.package_file
  runtime              = var.runtime
  architecture         = var.architecture
  auth                 = { type = "none" }
  timeout_seconds      = var.timeout_seconds
  reserved_concurrency = var.can_reserve ? 5 : null
}

output "open" {
  value = one(module.open[*])
}

# Takes tokens of a user pool before the change, and signatures after it.
module "guarded" {
  source = "../.."
  count  = contains(var.parts, "guarded") ? 1 : 0

  name                 = "${var.name}-guarded"
  package_file         = var.package_file
  runtime              = var.runtime
  architecture         = var.architecture
  timeout_seconds      = var.timeout_seconds
  reserved_concurrency = null
  required_scopes      = { for entry in ["tools/refund"] : entry => ["refund"] if !var.changed } # signatures have none
  cors_origins         = ["https://app.example"]

  auth = {
    type     = var.changed ? "iam" : "jwt"
    issuer   = var.changed ? null : "https://${one(aws_cognito_user_pool.callers[*].endpoint)}"
    audience = var.changed ? null : aws_cognito_user_pool_client.callers[*].id
    scopes   = var.changed ? null : ["aws.cognito.signin.user.admin"] # of every access token of a user
  }
}

resource "aws_cognito_user_pool" "callers" {
  count = contains(var.parts, "guarded") ? 1 : 0

  name = "${var.name}-guarded"

  admin_create_user_config {
    allow_admin_create_user_only = true
  }
}

resource "aws_cognito_user_pool_client" "callers" {
  count = contains(var.parts, "guarded") ? 1 : 0

  name                = "callers"
  user_pool_id        = one(aws_cognito_user_pool.callers[*].id)
  explicit_auth_flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
}

output "guarded" {
  value = one([for server in module.guarded : merge(server, {
    user_pool_id = one(aws_cognito_user_pool.callers[*].id)
    client_id    = one(aws_cognito_user_pool_client.callers[*].id)
  })])
}
