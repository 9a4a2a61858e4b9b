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

variable "saved_queries" {
  type = bool
}

variable "keys" {
  description = "Value of the parameter with the keys of callers: their hashes."
  type        = string
}

variable "package_file" {
  description = "Zip of the server, built once for all."
  type        = string
}

variable "hooks_file" {
  description = "Zip of the function whose hook takes long."
  type        = string
}

variable "authorizer_file" {
  description = "Zip of the authorizer of a user's own."
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

locals {
  extension = "chrome-extension://abcdefghijklmnopabcdefghijklmnop"
}
