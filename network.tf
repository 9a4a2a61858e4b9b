locals {
  # Those of AWS's AWSLambdaVPCAccessExecutionRole, without its rights to all logs. "*": the interfaces have no names
  # before they are made, and a list can be granted on nothing less. It is Lambda that needs them, not the server, so
  # they are denied to calls from inside the function: only there is the key lambda:SourceFunctionArn set.
  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
  network_actions = [
    "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
  ]

  network_statements = flatten([for vpc in var.vpc[*] : [
    { Sid = "LetLambdaAttach", Effect = "Allow", Action = local.network_actions, Resource = "*" },
    {
      Sid       = "NotTheServerItself"
      Effect    = "Deny"
      Action    = local.network_actions
      Resource  = "*"
      Condition = { Null = { "lambda:SourceFunctionArn" = "false" } }
    },
  ]])
}
