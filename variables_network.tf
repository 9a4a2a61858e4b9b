variable "vpc" {
  description = <<-EOT
    Subnets and security groups through which the server reaches its systems: { subnet_ids, security_group_ids }.
    They need a way to SSM: a NAT gateway or the VPC endpoints of docs/network-and-keys.md.
    null: no VPC, and all of the internet.
  EOT
  type        = map(list(string)) # an object would drop a misspelt key without a word
  default     = null

  validation {
    condition     = try(length(setsubtract(keys(var.vpc), ["subnet_ids", "security_group_ids"])) == 0, true)
    error_message = <<-EOT
      vpc has ${join(", ", try(setsubtract(keys(var.vpc), ["subnet_ids", "security_group_ids"]), []))}.
      Its keys are subnet_ids and security_group_ids.
    EOT
  }

  validation {
    condition     = var.vpc == null || try(length(var.vpc.subnet_ids) >= 1 && length(var.vpc.subnet_ids) <= 16, false)
    error_message = <<-EOT
      vpc.subnet_ids holds ${try(length(var.vpc.subnet_ids), 0)} subnets, but must hold 1 to 16.
      Without one, Lambda would leave the function outside of the VPC, and it takes no more.
    EOT
  }

  validation {
    condition = var.vpc == null || try(
      length(var.vpc.security_group_ids) >= 1 && length(var.vpc.security_group_ids) <= 5, false
    )
    error_message = <<-EOT
      vpc.security_group_ids holds ${try(length(var.vpc.security_group_ids), 0)} groups, but must hold 1 to 5.
      What the function may reach is for somebody to say, and Lambda takes no more.
    EOT
  }

  validation {
    condition     = alltrue(try([for id in var.vpc.subnet_ids : can(regex(local.patterns.subnet_id, id))], []))
    error_message = <<-EOT
      vpc.subnet_ids is ${jsonencode(try(var.vpc.subnet_ids, null))}.
      Each must be the id of a subnet, such as subnet-0123456789abcdef0.
    EOT
  }

  validation {
    condition = alltrue(try(
      [for id in var.vpc.security_group_ids : can(regex(local.patterns.security_group_id, id))], []
    ))
    error_message = <<-EOT
      vpc.security_group_ids is ${jsonencode(try(var.vpc.security_group_ids, null))}.
      Each must be the id of a security group, such as sg-0123456789abcdef0.
    EOT
  }
}
