# Where the server runs: a network without a way to the internet, and endpoints for what the server needs.

data "aws_region" "here" {}

resource "aws_vpc" "private" {
  #checkov:skip=CKV2_AWS_11:Nothing leads out of it but the endpoints, and CloudTrail has what is asked of those.
  cidr_block           = "10.20.0.0/16"
  enable_dns_hostnames = true # AWS's names lead to the endpoints
  tags                 = { Name = local.name }
}

resource "aws_default_security_group" "none" {
  vpc_id = aws_vpc.private.id # without a rule, so that nothing is reached by omission
}

resource "aws_subnet" "private" {
  for_each = { a = "10.20.0.0/24", b = "10.20.1.0/24" }

  vpc_id            = aws_vpc.private.id
  availability_zone = "${data.aws_region.here.id}${each.key}"
  cidr_block        = each.value
}

resource "aws_security_group" "server" {
  name        = "${local.name}-server"
  description = "The MCP server ${local.name}"
  vpc_id      = aws_vpc.private.id

  egress {
    description     = "HTTPS to the endpoints"
    security_groups = [aws_security_group.endpoints.id]
    prefix_list_ids = [aws_vpc_endpoint.table.prefix_list_id]
    protocol        = "tcp"
    from_port       = 443
    to_port         = 443
  }
}

resource "aws_security_group" "endpoints" {
  name        = "${local.name}-endpoints"
  description = "The endpoints that ${local.name} needs"
  vpc_id      = aws_vpc.private.id

  ingress {
    description = "HTTPS from the server"
    cidr_blocks = values(aws_subnet.private)[*].cidr_block
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
  }
}

resource "aws_vpc_endpoint" "secrets" {
  for_each = toset(["ssm", "secretsmanager"])

  vpc_id              = aws_vpc.private.id
  service_name        = "com.amazonaws.${data.aws_region.here.id}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = values(aws_subnet.private)[*].id
  security_group_ids  = [aws_security_group.endpoints.id]
}

resource "aws_vpc_endpoint" "table" {
  vpc_id            = aws_vpc.private.id
  service_name      = "com.amazonaws.${data.aws_region.here.id}.dynamodb"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_vpc.private.main_route_table_id]
}
