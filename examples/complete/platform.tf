# What a platform team has for all its servers: a key, a topic, a boundary for roles, and a certificate.

resource "aws_kms_key" "platform" {
  description         = "MCP servers"
  enable_key_rotation = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "LetIamPoliciesCount" # those of the server's roles, and of whoever applies
        Effect    = "Allow"
        Action    = "kms:*"
        Resource  = "*"
        Principal = { AWS = "arn:aws:iam::${aws_vpc.private.owner_id}:root" }
      },
      {
        Sid       = "LetLogsEncrypt"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:Describe*", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = "*"
        Principal = { Service = "logs.${data.aws_region.here.id}.amazonaws.com" }
        Condition = {
          ArnEquals = {
            "kms:EncryptionContext:aws:logs:arn" = [for group in [
              "lambda/${local.name}", "vendedlogs/apigateway/${local.name}",
              ] :
              "arn:aws:logs:${data.aws_region.here.id}:${aws_vpc.private.owner_id}:log-group:/aws/${group}"
            ]
          }
        }
      },
      {
        Sid       = "LetAlarmsReachTheTopic"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Condition = { StringEquals = { "aws:SourceAccount" = aws_vpc.private.owner_id } }
      },
    ]
  })
}

resource "aws_sns_topic" "on_call" {
  name              = "${local.name}-on-call"
  kms_master_key_id = aws_kms_key.platform.arn
}

# Whatever a policy says, a server's role never gets more than this.
resource "aws_iam_policy" "boundary" {
  name = "${local.name}-boundary"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "UseWhatThisAccountHas"
        Effect = "Allow"
        Action = [
          "dynamodb:BatchWriteItem", "dynamodb:PutItem", "dynamodb:Query", "kms:Decrypt", "logs:CreateLogStream",
          "logs:PutLogEvents", "secretsmanager:GetSecretValue", "ssm:GetParameter",
        ]
        Resource = [
          "arn:aws:dynamodb:*:${aws_vpc.private.owner_id}:table/*",
          "arn:aws:kms:*:${aws_vpc.private.owner_id}:key/*",
          "arn:aws:logs:*:${aws_vpc.private.owner_id}:log-group:*",
          "arn:aws:secretsmanager:*:${aws_vpc.private.owner_id}:secret:*",
          "arn:aws:ssm:*:${aws_vpc.private.owner_id}:parameter/*",
        ]
      },
      {
        Sid       = "LetLambdaAttach" # not the function's code: inside of a function the key is set
        Effect    = "Allow"
        Action    = ["ec2:*NetworkInterface*", "ec2:*PrivateIpAddresses", "ec2:DescribeSubnets"]
        Resource  = "*"
        Condition = { Null = { "lambda:SourceFunctionArn" = "true" } }
      },
      {
        Sid      = "SendTraces" # which have no ARNs
        Effect   = "Allow"
        Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        Resource = "*"
      },
    ]
  })
}

resource "aws_acm_certificate" "front" {
  domain_name       = var.domain_name
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true # the domain is never without one
  }
}

resource "aws_route53_record" "certificate" {
  for_each = {
    for record in aws_acm_certificate.front.domain_validation_options : record.domain_name => record
    if var.zone_id != null
  }

  zone_id = var.zone_id
  name    = each.value.resource_record_name
  type    = each.value.resource_record_type
  records = [each.value.resource_record_value]
  ttl     = 300
}

# Waits until the certificate is issued.
resource "aws_acm_certificate_validation" "front" {
  certificate_arn         = aws_acm_certificate.front.arn
  validation_record_fqdns = var.zone_id == null ? null : values(aws_route53_record.certificate)[*].fqdn
}

# Both had another name in the first versions of this example.
moved {
  from = aws_acm_certificate.door
  to   = aws_acm_certificate.front
}

moved {
  from = aws_acm_certificate_validation.door
  to   = aws_acm_certificate_validation.front
}
