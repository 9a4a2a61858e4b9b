locals {
  in_a_vpc = nonsensitive(var.vpc != null)

  # Rights of AWS's AWSLambdaVPCAccessExecutionRole, without its rights to all logs. They are granted on "*", since the
  # interfaces have no names before they are made, and a list can be granted on nothing less. Lambda needs them, not the
  # server, so they are denied to calls from inside the function: only there is the key lambda:SourceFunctionArn set.
  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
  network_actions = [
    "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
  ]

  network_statements = concat(
    local.in_a_vpc ? [{
      Sid      = "LetLambdaAttach"
      Effect   = "Allow"
      Action   = local.network_actions
      Resource = "*"
    }] : [],
    local.in_a_vpc ? [{
      Sid       = "NotTheServerItself"
      Effect    = "Deny"
      Action    = local.network_actions
      Resource  = "*"
      Condition = { Null = { "lambda:SourceFunctionArn" = "false" } }
    }] : [],
  )
}
