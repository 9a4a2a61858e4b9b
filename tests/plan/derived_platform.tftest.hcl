# What follows from the platform's inputs: which key encrypts what, and exactly which rights that needs.

mock_provider "aws" {
  source = "./tests/plan"
}

variables {
  name         = "orders"
  package_file = "terraform.tf" # any file: the mocked provider uploads nothing
  auth         = { type = "token", ssm_parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys" }
}

run "a_key_encrypts_environment_logs_and_parameter" {
  command = apply
  variables { kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd" }

  assert {
    condition = alltrue([for key in [
      aws_lambda_function.server.kms_key_arn, one(aws_lambda_function.authorizer).kms_key_arn, aws_ssm_parameter.request_state_keys.key_id,
      aws_cloudwatch_log_group.server.kms_key_id, aws_cloudwatch_log_group.door.kms_key_id, one(aws_cloudwatch_log_group.authorizer).kms_key_id,
    ] : key == "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"])
    error_message = "something is under another key"
  }
  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.server.policy).Statement : statement if statement.Action == "kms:Decrypt"] == [{
      Sid       = "OpenOwnParameter", Effect = "Allow", Action = "kms:Decrypt", Resource = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
      Condition = { StringEquals = { "kms:EncryptionContext:PARAMETER_ARN" = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp-lambda/orders/request-state-keys" } }
    }]
    error_message = "the role may ${aws_iam_role_policy.server.policy}"
  }
  assert {
    condition = [for statement in jsondecode(one(aws_iam_role_policy.authorizer).policy).Statement : statement if statement.Action == "kms:Decrypt"] == [{
      Sid       = "OpenKeys", Effect = "Allow", Action = "kms:Decrypt", Resource = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
      Condition = { StringEquals = { "kms:EncryptionContext:PARAMETER_ARN" = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys" } }
    }]
    error_message = "the authorizer may ${one(aws_iam_role_policy.authorizer).policy}"
  }
}

run "without_a_key_aws_keeps_them" {
  command = apply

  assert {
    condition     = alltrue([for key in [aws_lambda_function.server.kms_key_arn, one(aws_lambda_function.authorizer).kms_key_arn, aws_cloudwatch_log_group.server.kms_key_id] : key == null])
    error_message = "nobody asked for a key"
  }
}

run "a_vpc_is_the_servers_and_its_rights_are_lambdas_alone" {
  command = apply
  variables { vpc = { subnet_ids = ["subnet-00000001", "subnet-00000002"], security_group_ids = ["sg-00000001"] } }

  assert {
    condition     = one(aws_lambda_function.server.vpc_config).subnet_ids == toset(["subnet-00000001", "subnet-00000002"]) && one(aws_lambda_function.server.vpc_config).security_group_ids == toset(["sg-00000001"])
    error_message = "the server is attached to ${jsonencode(aws_lambda_function.server.vpc_config)}"
  }
  assert {
    condition     = length(one(aws_lambda_function.authorizer).vpc_config) == 0 && !strcontains(one(aws_iam_role_policy.authorizer).policy, "ec2:")
    error_message = "the authorizer has nothing to do in the VPC"
  }
  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.server.policy).Statement : statement.Effect if try(strcontains(join(" ", statement.Action), "ec2:CreateNetworkInterface"), false)] == ["Allow", "Deny"]
    error_message = "the role may ${aws_iam_role_policy.server.policy}"
  }
  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.server.policy).Statement : [statement.Action, statement.Condition] if statement.Effect == "Deny"] == [[local.network_actions, { Null = { "lambda:SourceFunctionArn" = "false" } }]]
    error_message = "what Lambda may do in the VPC is denied to calls from inside the function"
  }
}

run "without_a_vpc_there_are_no_rights_to_one" {
  command = apply

  assert {
    condition     = length(aws_lambda_function.server.vpc_config) == 0 && !strcontains(aws_iam_role_policy.server.policy, "ec2:")
    error_message = "the role may ${aws_iam_role_policy.server.policy}"
  }
}
