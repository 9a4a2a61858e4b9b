variable "vpc" {
  description = "Subnets and security groups that the server reaches its systems through: { subnet_ids, security_group_ids }. They need a way to SSM: a NAT gateway or the VPC endpoints of docs/network-and-keys.md. null: no VPC, and all of the internet."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null

  validation {
    condition     = var.vpc == null || try(length(var.vpc.subnet_ids) >= 1 && length(var.vpc.subnet_ids) <= 16, false)
    error_message = "vpc.subnet_ids holds ${try(length(var.vpc.subnet_ids), 0)} subnets, but must hold 1 to 16: without one, Lambda would leave the function outside of the VPC, and it takes no more."
  }

  validation {
    condition     = var.vpc == null || try(length(var.vpc.security_group_ids) >= 1 && length(var.vpc.security_group_ids) <= 5, false)
    error_message = "vpc.security_group_ids holds ${try(length(var.vpc.security_group_ids), 0)} groups, but must hold 1 to 5: what the function may reach is for somebody to say, and Lambda takes no more."
  }

  validation {
    condition     = try(alltrue([for id in var.vpc.subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))]), true)
    error_message = "vpc.subnet_ids is ${jsonencode(try(var.vpc.subnet_ids, null))}, but each must be the id of a subnet, such as subnet-0123456789abcdef0."
  }

  validation {
    condition     = try(alltrue([for id in var.vpc.security_group_ids : can(regex("^sg-[0-9a-f]+$", id))]), true)
    error_message = "vpc.security_group_ids is ${jsonencode(try(var.vpc.security_group_ids, null))}, but each must be the id of a security group, such as sg-0123456789abcdef0."
  }
}
