# What an account needs before GitHub Actions can deploy to it: trust in GitHub's tokens, a role for one environment of
# one repository, and the boundary of the roles that it makes. Somebody who may make roles applies it once in each
# account:
#
#   terraform init && terraform apply -var environment=prod -var repository=OWNER/NAME -var state_bucket=BUCKET
terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

provider "aws" {} # region and credentials come from the environment

variable "repository" {
  description = <<-EOT
    The repository: OWNER/NAME,
    or OWNER@OWNER_ID/NAME@NAME_ID where GitHub gives it immutable subjects, as to all that were made since July 2026.
  EOT
  type        = string
  default     = "example/toolbox"
}

variable "environment" {
  description = "The GitHub environment whose jobs get the role."
  type        = string
  default     = "dev"
}

variable "server" {
  description = "The module's name: the role reaches what is named after it."
  type        = string
  default     = "toolbox"
}

variable "state_bucket" {
  description = "The bucket with the state, which exists."
  type        = string
  default     = "example-terraform-state"
}

locals {
  issuer = "token.actions.githubusercontent.com"
}

# An account can have one for GitHub: where there is one, import it.
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

# The subject is exact: a branch, a pull request or another environment of the repository has another one, and GitHub
# gives a job the environment's only after the reviewers that it asks for.
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values   = ["repo:${var.repository}:environment:${var.environment}"]
    }
  }
}

resource "aws_iam_role" "deploy" {
  name               = "deploy-${var.server}"
  description        = "GitHub Actions deploys the MCP server ${var.server}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

output "role_arn" {
  value = aws_iam_role.deploy.arn
}

output "boundary_arn" {
  value = aws_iam_policy.boundary.arn
}
