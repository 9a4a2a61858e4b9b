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

}

# A policy of its own, since Lambda detaches with the same rights: they come before the function attaches, and go after
# it has left the VPC or is gone.
resource "aws_iam_role_policy" "network" {
  count = local.in_a_vpc ? 1 : 0

  name = "network"
  role = aws_iam_role.server.id

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
