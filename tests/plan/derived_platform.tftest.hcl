# What follows from the platform's inputs: which key encrypts what, and exactly which rights that needs.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

override_resource {
  target          = terraform_data.upload
  values          = { output = "uploaded" }
  override_during = plan
}

override_resource {
  target          = terraform_data.uploaded
  values          = { output = "uploaded" }
  override_during = plan
}

variables {
  name         = "orders"
  package_file = "versions.tf" # any file: the mocked provider uploads nothing
  auth         = { type = "token", ssm_parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys" }
}

run "a_key_encrypts_environment_logs_and_parameter" {
  command = plan
  variables { kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd" }

  assert {
    condition = alltrue([for key in [
      module.server.function.kms_key_arn, one(aws_lambda_function.authorizer).kms_key_arn, aws_ssm_parameter.request_state_keys.key_id,
      aws_cloudwatch_log_group.server.kms_key_id, one(aws_cloudwatch_log_group.access).kms_key_id, one(aws_cloudwatch_log_group.authorizer).kms_key_id,
    ] : key == "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"])
    error_message = "something is under another key"
  }
  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.server.policy).Statement : statement if statement.Action == "kms:Decrypt"] == [{
      Sid       = "OpenParameters", Effect = "Allow", Action = "kms:Decrypt", Resource = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
      Condition = { StringEquals = { "kms:EncryptionContext:PARAMETER_ARN" = ["arn:aws:ssm:eu-west-1:111122223333:parameter/mcp-lambda/orders/request-state-keys"] } }
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
  command = plan

  assert {
    condition     = alltrue([for key in [module.server.function.kms_key_arn, one(aws_lambda_function.authorizer).kms_key_arn, aws_cloudwatch_log_group.server.kms_key_id] : key == null])
    error_message = "nobody asked for a key"
  }
}

run "a_vpc_is_the_servers_and_its_rights_are_lambdas_alone" {
  command = plan
  variables { vpc = { subnet_ids = ["subnet-00000001", "subnet-00000002"], security_group_ids = ["sg-00000001"] } }

  assert {
    condition     = one(module.server.function.vpc_config).subnet_ids == toset(["subnet-00000001", "subnet-00000002"]) && one(module.server.function.vpc_config).security_group_ids == toset(["sg-00000001"])
    error_message = "the server is attached to ${jsonencode(module.server.function.vpc_config)}"
  }
  assert {
    condition     = length(one(aws_lambda_function.authorizer).vpc_config) == 0 && !strcontains(one(aws_iam_role_policy.authorizer).policy, "ec2:")
    error_message = "the authorizer has nothing to do in the VPC"
  }
  assert {
    condition     = [for statement in jsondecode(one(aws_iam_role_policy.network).policy).Statement : statement.Effect if try(strcontains(join(" ", statement.Action), "ec2:CreateNetworkInterface"), false)] == ["Allow", "Deny"]
    error_message = "the role may ${aws_iam_role_policy.server.policy}"
  }
  assert {
    condition     = [for statement in jsondecode(one(aws_iam_role_policy.network).policy).Statement : [statement.Action, statement.Condition] if statement.Effect == "Deny"] == [[local.network_actions, { Null = { "lambda:SourceFunctionArn" = "false" } }]]
    error_message = "what Lambda may do in the VPC is denied to calls from inside the function"
  }
}

run "without_a_vpc_there_are_no_rights_to_one" {
  command = plan

  assert {
    condition     = length(module.server.function.vpc_config) == 0 && !strcontains(aws_iam_role_policy.server.policy, "ec2:")
    error_message = "the role may ${aws_iam_role_policy.server.policy}"
  }
}

run "url_and_oauths_resource_follow_the_domain_and_the_api_is_closed_otherwise" {
  command = plan
  variables {
    auth          = { type = "jwt", issuer = "https://login.example.com/", audience = ["https://mcp.example.com/mcp"] }
    custom_domain = { domain_name = "mcp.example.com", certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd", zone_id = "Z0123456789" }
  }

  assert {
    condition     = output.url == "https://mcp.example.com/mcp" && output.resource_metadata_url == "https://mcp.example.com/.well-known/oauth-protected-resource/mcp"
    error_message = "url is ${output.url}, the metadata is at ${output.resource_metadata_url}"
  }
  assert {
    condition     = one(one(aws_apigatewayv2_domain_name.front).domain_name_configuration).security_policy == "TLS_1_2" && one(one(aws_apigatewayv2_domain_name.front).domain_name_configuration).endpoint_type == "REGIONAL"
    error_message = "the domain is ${jsonencode(one(aws_apigatewayv2_domain_name.front).domain_name_configuration)}"
  }
  assert {
    condition = { for type, record in aws_route53_record.front : type => [record.zone_id, record.name, one(record.alias).name, one(record.alias).zone_id] } == {
      for type in ["A", "AAAA"] : type => ["Z0123456789", "mcp.example.com", output.domain_target.name, output.domain_target.zone_id]
    }
    error_message = "the records are ${jsonencode(aws_route53_record.front)}"
  }
}

run "an_audience_that_is_not_the_domains_url_is_warned_of_in_the_plan" {
  command = plan
  variables {
    auth          = { type = "jwt", issuer = "https://login.example.com/", audience = ["https://abc123.execute-api.eu-west-1.amazonaws.com/mcp"] }
    custom_domain = { domain_name = "mcp.example.com", certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd" }
  }
  expect_failures = [check.audience_is_the_endpoint]
}

run "dns_kept_elsewhere_is_told_where_to_lead" {
  command = plan
  variables {
    # null: what a caller's own variable is that nobody has set
    custom_domain = { domain_name = "mcp.example.com", certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd", keep_generated = null }
  }

  assert {
    condition     = length(aws_route53_record.front) == 0 && output.domain_target.name != null && output.domain_target.zone_id != null
    error_message = "the target is ${jsonencode(output.domain_target)}"
  }
}

run "secrets_may_be_read_and_nothing_beside_them" {
  command = plan
  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
    secrets = {
      DB_PASSWORD   = "arn:aws:ssm:eu-west-1:111122223333:parameter/orders/db"
      DB_PASSWORD_2 = "arn:aws:ssm:eu-west-1:111122223333:parameter/orders/db"
      API_KEY       = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders/api-a1B2c3"
    }
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.server.policy).Statement : statement if contains(["ReadSecretParameters", "ReadSecrets", "OpenParameters", "OpenSecrets"], statement.Sid)] == [
      { Sid = "ReadSecretParameters", Effect = "Allow", Action = "ssm:GetParameter", Resource = ["arn:aws:ssm:eu-west-1:111122223333:parameter/orders/db"] },
      { Sid = "ReadSecrets", Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders/api-a1B2c3"] },
      {
        Sid       = "OpenParameters", Effect = "Allow", Action = "kms:Decrypt", Resource = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
        Condition = { StringEquals = { "kms:EncryptionContext:PARAMETER_ARN" = ["arn:aws:ssm:eu-west-1:111122223333:parameter/mcp-lambda/orders/request-state-keys", "arn:aws:ssm:eu-west-1:111122223333:parameter/orders/db"] } }
      },
      {
        Sid       = "OpenSecrets", Effect = "Allow", Action = "kms:Decrypt", Resource = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
        Condition = { StringEquals = { "kms:EncryptionContext:SecretARN" = ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders/api-a1B2c3"] } }
      },
    ]
    error_message = "the role may ${aws_iam_role_policy.server.policy}"
  }
  assert {
    condition     = jsondecode(one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]).secrets == { API_KEY = var.secrets.API_KEY, DB_PASSWORD = var.secrets.DB_PASSWORD, DB_PASSWORD_2 = var.secrets.DB_PASSWORD_2 }
    error_message = "the host is told ${one(module.server.function.environment).variables["MCP_LAMBDA_SETTINGS"]}"
  }
}

run "layers_storage_files_and_a_signature_are_the_servers" {
  command = plan
  variables {
    vpc                     = { subnet_ids = ["subnet-00000001"], security_group_ids = ["sg-00000001"], ipv6 = true }
    file_system             = { access_point_arn = "arn:aws:elasticfilesystem:eu-west-1:111122223333:access-point/fsap-0123456789abcdef0", mount_path = "/mnt/files" }
    ephemeral_storage_mb    = 2048
    layers                  = ["arn:aws:lambda:eu-west-1:111122223333:layer:tools:3", "arn:aws:lambda:eu-west-1:111122223333:layer:agent:12"]
    code_signing_config_arn = "arn:aws:lambda:eu-west-1:111122223333:code-signing-config:csc-0123456789abcdef0"
  }

  assert {
    condition     = module.server.function.layers == tolist(var.layers) && one(module.server.function.ephemeral_storage).size == 2048 && module.server.function.code_signing_config_arn == var.code_signing_config_arn
    error_message = "the function has the layers ${jsonencode(module.server.function.layers)}"
  }
  assert {
    condition     = one(module.server.function.vpc_config).ipv6_allowed_for_dual_stack
    error_message = "the server cannot call out by IPv6"
  }
  assert {
    condition     = one(module.server.function.file_system_config) == { arn = var.file_system.access_point_arn, local_mount_path = "/mnt/files" }
    error_message = "the server finds ${jsonencode(module.server.function.file_system_config)}"
  }
  assert {
    condition = jsondecode(one(aws_iam_role_policy.file_system).policy).Statement == [{
      Sid       = "MountFiles", Effect = "Allow", Action = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
      Resource  = "arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/*"
      Condition = { StringEquals = { "elasticfilesystem:AccessPointArn" = var.file_system.access_point_arn } }
    }]
    error_message = "the role may ${one(aws_iam_role_policy.file_system).policy}"
  }
  assert {
    condition     = one(aws_lambda_function.authorizer).layers == null && length(one(aws_lambda_function.authorizer).file_system_config) == 0 && one(aws_lambda_function.authorizer).code_signing_config_arn == null
    error_message = "the authorizer needs none of it"
  }
}

run "without_them_the_function_has_none" {
  command = plan
  variables { vpc = { subnet_ids = ["subnet-00000001"], security_group_ids = ["sg-00000001"] } }

  assert {
    condition = alltrue([
      module.server.function.layers == null || length(coalesce(module.server.function.layers, [])) == 0,
      module.server.function.code_signing_config_arn == null, length(module.server.function.file_system_config) == 0,
      one(module.server.function.ephemeral_storage).size == 512, !one(module.server.function.vpc_config).ipv6_allowed_for_dual_stack,
      length(aws_iam_role_policy.file_system) + length(aws_iam_role_policy_attachment.managed) == 0,
    ])
    error_message = "nobody asked for it"
  }
}

run "managed_policies_are_the_servers_and_a_path_is_of_both_roles" {
  command = plan
  variables {
    name                = "stock" # another role, as a mocked provider replaces none for its path
    role_path           = "/service/mcp/"
    managed_policy_arns = { insights = "arn:aws:iam::aws:policy/CloudWatchLambdaInsightsExecutionRolePolicy", own = "arn:aws:iam::111122223333:policy/team/orders" }
  }

  assert {
    condition     = tomap({ for key, attached in aws_iam_role_policy_attachment.managed : key => attached.policy_arn }) == var.managed_policy_arns && alltrue([for attached in aws_iam_role_policy_attachment.managed : attached.role == aws_iam_role.function["server"].name])
    error_message = "attached is ${jsonencode(aws_iam_role_policy_attachment.managed)}"
  }
  assert {
    condition     = [aws_iam_role.function["server"].path, aws_iam_role.function["server"].name] == ["/service/mcp/", "stock-lambda-eu-west-1-service-mcp"]
    error_message = "the server's role is ${aws_iam_role.function["server"].path}${aws_iam_role.function["server"].name}"
  }
  assert {
    condition     = [aws_iam_role.function["authorizer"].path, aws_iam_role.function["authorizer"].name] == ["/service/mcp/", "stock-authorizer-eu-west-1-service-mcp"]
    error_message = "the authorizer's role is ${aws_iam_role.function["authorizer"].path}${aws_iam_role.function["authorizer"].name}"
  }
}

run "what_an_account_has_once_is_named_by_the_region" {
  command = plan
  variables { dashboard = true }

  assert {
    condition     = [aws_iam_role.function["server"].name, aws_iam_role.function["authorizer"].name, output.dashboard_name] == ["orders-lambda-eu-west-1", "orders-authorizer-eu-west-1", "orders-eu-west-1"]
    error_message = "the roles are ${aws_iam_role.function["server"].name} and ${aws_iam_role.function["authorizer"].name}, the dashboard is ${output.dashboard_name}"
  }
}

run "a_name_that_would_be_too_long_for_a_role_is_cut_and_stays_its_own" {
  command = plan
  variables { name = "a-name-of-forty-eight-characters-and-no-more-tha" }

  assert {
    condition     = length(var.name) == 48 && [for name in [aws_iam_role.function["server"].name, aws_iam_role.function["authorizer"].name] : length(name)] == [64, 64] && aws_iam_role.function["server"].name == "${var.name}-lambda-${substr(sha256("${var.name}-lambda-eu-west-1"), 0, 8)}"
    error_message = "the roles are ${aws_iam_role.function["server"].name} and ${aws_iam_role.function["authorizer"].name}"
  }
}

run "log_groups_are_of_the_usual_class_and_go_with_the_stack" {
  command = plan

  assert {
    condition     = alltrue([for group in [aws_cloudwatch_log_group.server, one(aws_cloudwatch_log_group.access), one(aws_cloudwatch_log_group.authorizer)] : group.log_group_class == "STANDARD" && !coalesce(group.skip_destroy, false)])
    error_message = "nobody asked for another class, or to keep them"
  }
}
