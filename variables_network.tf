variable "vpc" {
  description = <<-EOT
    Subnets and security groups through which the server reaches its systems: { subnet_ids, security_group_ids, ipv6? }.
    They need a way to SSM: a NAT gateway or the VPC endpoints of docs/network-and-keys.md.
    ipv6 = true lets the server call out by IPv6 too, which takes subnets that all have both (dual-stack).
    null: no VPC, and all of the internet.
  EOT
  type        = any # an object would drop a misspelt key without a word
  default     = null

  validation {
    condition     = var.vpc == null || can(keys(var.vpc))
    error_message = "vpc must be null or an object with subnet_ids and security_group_ids."
  }

  validation {
    condition = try(length(setsubtract(keys(var.vpc), local.vpc_keys)) == 0, true)
    error_message = join(" ", [
      "vpc has ${join(", ", try(setsubtract(nonsensitive(keys(var.vpc)), local.vpc_keys), []))}.",
      "Its keys are ${join(", ", local.vpc_keys)}.",
    ])
  }

  validation {
    condition = var.vpc == null || try(
      length(tolist(var.vpc.subnet_ids)) >= 1 && length(tolist(var.vpc.subnet_ids)) <= 16, false
    )
    error_message = <<-EOT
      vpc.subnet_ids holds ${try(length(tolist(var.vpc.subnet_ids)), 0)} subnets, but must be a list of 1 to 16.
      Without one, Lambda would leave the function outside of the VPC, and it takes no more.
    EOT
  }

  validation {
    condition = var.vpc == null || try(
      length(tolist(var.vpc.security_group_ids)) >= 1 && length(tolist(var.vpc.security_group_ids)) <= 5, false
    )
    error_message = <<-EOT
      vpc.security_group_ids holds ${try(length(tolist(var.vpc.security_group_ids)), 0)} groups, but must be a list of 1
      to 5. What the function may reach is for somebody to say, and Lambda takes no more.
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

  validation {
    condition     = can(tobool(try(var.vpc.ipv6, null)))
    error_message = "vpc.ipv6 is ${jsonencode(try(var.vpc.ipv6, null))}, but must be true or false."
  }
}

variable "file_system" {
  description = <<-EOT
    EFS access point, by its ARN, whose files the server finds below a folder: { access_point_arn, mount_path }.
    mount_path is "/mnt/NAME". It takes a vpc whose subnets reach the file system's mount targets (NFS, port 2049).
    null: no file system.
  EOT
  type        = map(string) # an object would drop a misspelt key without a word
  default     = null

  validation {
    condition     = try(length(setsubtract(keys(var.file_system), ["access_point_arn", "mount_path"])) == 0, true)
    error_message = <<-EOT
      file_system has ${join(", ", try(setsubtract(keys(var.file_system), ["access_point_arn", "mount_path"]), []))}.
      Its keys are access_point_arn and mount_path.
    EOT
  }

  validation {
    condition = var.file_system == null || can(
      regex(local.patterns.access_point_arn, var.file_system.access_point_arn)
    )
    error_message = <<-EOT
      file_system.access_point_arn is ${jsonencode(try(var.file_system.access_point_arn, null))}.
      It must be the ARN of an EFS access point, such as
      arn:aws:elasticfilesystem:eu-west-1:111122223333:access-point/fsap-0123456789abcdef0
      (aws_efs_access_point.main.arn): the right to mount is granted on exactly this one.
    EOT
  }

  validation {
    condition     = var.file_system == null || can(regex(local.patterns.mount_path, var.file_system.mount_path))
    error_message = <<-EOT
      file_system.mount_path is ${jsonencode(try(var.file_system.mount_path, null))}.
      It must be a folder directly below /mnt, such as "/mnt/files": Lambda mounts nowhere else.
    EOT
  }

  validation {
    condition     = var.file_system == null || var.vpc != null
    error_message = "file_system is given without vpc, but its mount targets can be reached only from inside their VPC."
  }
}
