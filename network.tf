locals {
  vpc_keys        = ["subnet_ids", "security_group_ids", "ipv6"]
  in_a_vpc        = nonsensitive(var.vpc != null)
  has_file_system = nonsensitive(var.file_system != null)

  # var.vpc with all its keys.
  vpc = !local.in_a_vpc ? null : {
    subnet_ids         = var.vpc.subnet_ids
    security_group_ids = var.vpc.security_group_ids
    ipv6               = coalesce(lookup(var.vpc, "ipv6", null), false)
  }

  # Rights of AWS's AWSLambdaVPCAccessExecutionRole, without its rights to all logs. They are granted on "*", since the
  # interfaces have no names before they are made, and a list can be granted on nothing less. Lambda needs them, not the
  # server, so they are denied to calls from inside the function: only there is the key lambda:SourceFunctionArn set.
  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
  network_actions = [
    "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
  ]
}

# A policy of its own, since Lambda detaches with the same rights: they come before the function attaches, and go after
# it has left the VPC or is gone.
resource "aws_iam_role_policy" "network" {
  count = local.in_a_vpc ? 1 : 0

  name = "network"
  role = aws_iam_role.function["server"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "LetLambdaAttach"
        Effect   = "Allow"
        Action   = local.network_actions
        Resource = "*"
      },
      {
        Sid       = "NotTheServerItself"
        Effect    = "Deny"
        Action    = local.network_actions
        Resource  = "*"
        Condition = { Null = { "lambda:SourceFunctionArn" = "false" } }
      },
    ]
  })

  lifecycle {
    create_before_destroy = true
  }
}

# A policy of its own, so that it goes after the function has let go of the file system. The ARN of an access point has
# not that of its file system, on which the right is granted, so the condition names the one access point.
# https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
resource "aws_iam_role_policy" "file_system" {
  count = local.has_file_system ? 1 : 0

  name = "file-system"
  role = aws_iam_role.function["server"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "MountFiles"
      Effect    = "Allow"
      Action    = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
      Resource  = replace(var.file_system.access_point_arn, "/access-point/.*$/", "file-system/*")
      Condition = { StringEquals = { "elasticfilesystem:AccessPointArn" = var.file_system.access_point_arn } }
    }]
  })

  lifecycle {
    create_before_destroy = true
  }
}
