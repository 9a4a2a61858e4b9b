# What the tools use: a table, and two keys that nobody knows.

resource "aws_dynamodb_table" "consents" {
  name         = local.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "person"
  range_key    = "purpose"

  attribute {
    name = "person"
    type = "S"
  }

  attribute {
    name = "purpose"
    type = "S"
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.platform.arn
  }

  point_in_time_recovery {
    enabled = true
  }
}

# The value is write-only: made while it is applied, and in neither plan nor state. A secret that comes from elsewhere
# would be stored by hand, and only its ARN be given to the module.
resource "aws_ssm_parameter" "person_key" {
  name             = "/${local.name}/person-key"
  description      = "Hides who is in the register"
  type             = "SecureString"
  key_id           = aws_kms_key.platform.arn
  value_wo         = base64sha256(join(" ", [uuid(), uuid(), uuid()]))
  value_wo_version = 1 # another one makes another key, to which all persons are strangers
}

resource "aws_secretsmanager_secret" "seal_key" {
  #checkov:skip=CKV2_AWS_57:Under another key, no seal in the register would hold.
  name        = "${local.name}/seal-key"
  description = "Seals what is in the register"
  kms_key_id  = aws_kms_key.platform.arn
}

resource "aws_secretsmanager_secret_version" "seal_key" {
  secret_id                = aws_secretsmanager_secret.seal_key.id
  secret_string_wo         = base64sha256(join(" ", [uuid(), uuid(), uuid()]))
  secret_string_wo_version = 1
}

data "aws_iam_policy_document" "tools" {
  statement {
    sid       = "UseTheRegister"
    actions   = ["dynamodb:BatchWriteItem", "dynamodb:PutItem", "dynamodb:Query"]
    resources = [aws_dynamodb_table.consents.arn]
  }

  # DynamoDB decrypts in the name of its caller.
  statement {
    sid       = "OpenTheRegister"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.platform.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:dynamodb:tableName"
      values   = [aws_dynamodb_table.consents.name]
    }
  }
}
