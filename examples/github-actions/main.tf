# An MCP server that GitHub Actions deploys: deploy.yml beside it builds the zip once and applies it in dev, then in
# prod. Each account has a role for it (examples/github-actions-role) and a bucket for the state.
#
# On the local AWS, which runs functions in its own Python: AWS_ENDPOINT_URL, TF_VAR_runtime, TF_VAR_architecture.
terraform {
  required_version = ">= 1.11" # the lock in the bucket

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }

  backend "s3" { # the bucket comes from the workflow
    key          = "toolbox.tfstate"
    use_lockfile = true
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

variable "permissions_boundary_arn" {
  description = "Boundary of the functions' roles: boundary_arn of examples/github-actions-role. null: no limit."
  type        = string
  default     = null
}

module "mcp" {
  source       = "../.."
  name         = "toolbox"
  package_file = "${path.module}/server.zip" # built by the workflow, once for all accounts
  runtime      = var.runtime
  architecture = var.architecture
  auth         = { type = "iam" }

  # Without these, the pipeline's role may make neither the roles nor the API.
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = { mcp-server = "toolbox" }
}

output "url" {
  value = module.mcp.url
}

output "api_id" {
  value = module.mcp.api_id
}
