# A run per refusal: what a platform's key and boundary must look like.

mock_provider "aws" {}

variables {
  name       = "orders"
  source_dir = "examples/basic/server"
  auth       = { type = "iam" }
}

run "key_by_its_id" {
  command = plan
  variables { kms_key_arn = "1234abcd-12ab-34cd-56ef-1234567890ab" }
  expect_failures = [var.kms_key_arn]
}

run "key_by_an_alias" {
  command = plan
  variables { kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:alias/platform" }
  expect_failures = [var.kms_key_arn]
}

run "key_that_is_empty" {
  command = plan
  variables { kms_key_arn = "" }
  expect_failures = [var.kms_key_arn]
}

run "boundary_by_its_name" {
  command = plan
  variables { permissions_boundary_arn = "boundary" }
  expect_failures = [var.permissions_boundary_arn]
}

run "boundary_that_is_a_role" {
  command = plan
  variables { permissions_boundary_arn = "arn:aws:iam::111122223333:role/boundary" }
  expect_failures = [var.permissions_boundary_arn]
}

run "vpc_without_a_subnet" {
  command = plan
  variables { vpc = { subnet_ids = [], security_group_ids = ["sg-00000001"] } }
  expect_failures = [var.vpc]
}

run "vpc_without_a_security_group" {
  command = plan
  variables { vpc = { subnet_ids = ["subnet-00000001"], security_group_ids = [] } }
  expect_failures = [var.vpc]
}

run "vpc_with_null_for_its_groups" {
  command = plan
  variables { vpc = { subnet_ids = ["subnet-00000001"], security_group_ids = null } }
  expect_failures = [var.vpc]
}

run "vpc_with_17_subnets" {
  command = plan
  variables { vpc = { subnet_ids = [for number in range(17) : "subnet-000000${10 + number}"], security_group_ids = ["sg-00000001"] } }
  expect_failures = [var.vpc]
}

run "vpc_with_6_security_groups" {
  command = plan
  variables { vpc = { subnet_ids = ["subnet-00000001"], security_group_ids = [for number in range(6) : "sg-0000000${number}"] } }
  expect_failures = [var.vpc]
}

run "vpc_with_an_arn_for_a_subnet" {
  command = plan
  variables { vpc = { subnet_ids = ["arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-00000001"], security_group_ids = ["sg-00000001"] } }
  expect_failures = [var.vpc]
}

run "vpc_with_a_name_for_a_security_group" {
  command = plan
  variables { vpc = { subnet_ids = ["subnet-00000001"], security_group_ids = ["default"] } }
  expect_failures = [var.vpc]
}

run "domain_with_a_scheme" {
  command = plan
  variables { custom_domain = { domain_name = "https://mcp.example.com", certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd" } }
  expect_failures = [var.custom_domain]
}

run "domain_with_a_wildcard" {
  command = plan
  variables { custom_domain = { domain_name = "*.example.com", certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd" } }
  expect_failures = [var.custom_domain]
}

run "domain_in_capitals" {
  command = plan
  variables { custom_domain = { domain_name = "MCP.example.com", certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd" } }
  expect_failures = [var.custom_domain]
}

run "domain_without_a_dot" {
  command = plan
  variables { custom_domain = { domain_name = "mcp", certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd" } }
  expect_failures = [var.custom_domain]
}

run "domain_with_a_dot_at_its_end" {
  command = plan
  variables { custom_domain = { domain_name = "mcp.example.com.", certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd" } }
  expect_failures = [var.custom_domain]
}

run "domain_that_is_null" {
  command = plan
  variables { custom_domain = { domain_name = null, certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd" } }
  expect_failures = [var.custom_domain]
}

run "certificate_by_its_name" {
  command = plan
  variables { custom_domain = { domain_name = "mcp.example.com", certificate_arn = "mcp.example.com" } }
  expect_failures = [var.custom_domain]
}

run "zone_by_its_name" {
  command = plan
  variables { custom_domain = { domain_name = "mcp.example.com", certificate_arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd", zone_id = "example.com" } }
  expect_failures = [var.custom_domain]
}

run "secret_of_the_host" {
  command = plan
  variables { secrets = { MCP_LAMBDA_ORIGINS = "arn:aws:ssm:eu-west-1:111122223333:parameter/orders/db" } }
  expect_failures = [var.secrets]
}

run "secret_of_aws" {
  command = plan
  variables { secrets = { AWS_SECRET_ACCESS_KEY = "arn:aws:ssm:eu-west-1:111122223333:parameter/orders/db" } }
  expect_failures = [var.secrets]
}

run "secret_of_lambda" {
  command = plan
  variables { secrets = { LAMBDA_TASK_ROOT = "arn:aws:ssm:eu-west-1:111122223333:parameter/orders/db" } }
  expect_failures = [var.secrets]
}

run "secret_with_dash" {
  command = plan
  variables { secrets = { "DB-PASSWORD" = "arn:aws:ssm:eu-west-1:111122223333:parameter/orders/db" } }
  expect_failures = [var.secrets]
}

run "secret_that_is_given_bare" {
  command = plan
  variables { secrets = { DB_PASSWORD = "hunter2" } }
  expect_failures = [var.secrets]
}

run "secret_that_is_null" {
  command = plan
  variables { secrets = { DB_PASSWORD = null } }
  expect_failures = [var.secrets]
}

run "secret_by_the_name_of_its_parameter" {
  command = plan
  variables { secrets = { DB_PASSWORD = "/orders/db" } }
  expect_failures = [var.secrets]
}

run "secret_of_one_version" {
  command = plan
  variables { secrets = { DB_PASSWORD = "arn:aws:ssm:eu-west-1:111122223333:parameter/orders/db:3" } }
  expect_failures = [var.secrets]
}

run "secret_without_its_six_characters" {
  command = plan
  variables { secrets = { DB_PASSWORD = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db" } }
  expect_failures = [var.secrets]
}

run "secret_with_a_wildcard" {
  command = plan
  variables { secrets = { DB_PASSWORD = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-??????" } }
  expect_failures = [var.secrets]
}

run "secret_of_another_service" {
  command = plan
  variables { secrets = { DB_PASSWORD = "arn:aws:s3:::secrets/db" } }
  expect_failures = [var.secrets]
}

run "secret_that_is_in_the_environment_too" {
  command = plan
  variables {
    environment = { DB_PASSWORD = "hunter2" }
    secrets     = { DB_PASSWORD = "arn:aws:ssm:eu-west-1:111122223333:parameter/orders/db" }
  }
  expect_failures = [var.secrets]
}
