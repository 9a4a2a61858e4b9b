# A run per refusal: each value is just past what is allowed.

mock_provider "aws" {}

variables {
  name       = "orders"
  source_dir = "examples/basic/server"
  auth       = { type = "iam" }
}

run "name_with_capital" {
  command = plan
  variables { name = "Orders" }
  expect_failures = [var.name]
}

run "name_with_leading_digit" {
  command = plan
  variables { name = "1orders" }
  expect_failures = [var.name]
}

run "name_empty" {
  command = plan
  variables { name = "" }
  expect_failures = [var.name]
}

run "name_of_49_characters" {
  command = plan
  variables { name = "a234567890123456789012345678901234567890123456789" }
  expect_failures = [var.name]
}

run "environment_too_large_together_with_what_the_host_reads" {
  command = plan
  variables { environment = { PROMPT = join("", [for _ in range(37) : "one hundred bytes of a prompt that somebody has better kept in a file beside the server, for example."]) } }
  expect_failures = [aws_lambda_function.server]
}

run "neither_source_dir_nor_package_file" {
  command = plan
  variables { source_dir = null }
  expect_failures = [var.source_dir]
}

run "both_source_dir_and_package_file" {
  command = plan
  variables { package_file = "terraform.tf" }
  expect_failures = [var.source_dir]
}

run "source_dir_that_does_not_exist" {
  command = plan
  variables { source_dir = "examples/nothing-here" }
  expect_failures = [terraform_data.package]
}

run "source_dir_without_the_entrypoint" {
  command = plan
  variables { entrypoint = "main:mcp" }
  expect_failures = [terraform_data.package]
}

run "source_dir_without_the_dotted_entrypoint" {
  command = plan
  variables { entrypoint = "server.tools:mcp" }
  expect_failures = [terraform_data.package]
}

run "package_file_that_does_not_exist" {
  command = plan
  variables {
    source_dir   = null
    package_file = "no-such.zip"
  }
  expect_failures = [terraform_data.upload]
}

run "package_file_that_is_a_directory" {
  command = plan
  variables {
    source_dir   = null
    package_file = "examples"
  }
  expect_failures = [terraform_data.upload]
}

run "entrypoint_without_attribute" {
  command = plan
  variables { entrypoint = "server" }
  expect_failures = [var.entrypoint]
}

run "entrypoint_as_path" {
  command = plan
  variables { entrypoint = "server.py:mcp:" }
  expect_failures = [var.entrypoint]
}

run "runtime_too_old" {
  command = plan
  variables { runtime = "python3.10" }
  expect_failures = [var.runtime]
}

run "architecture_by_another_name" {
  command = plan
  variables { architecture = "amd64" }
  expect_failures = [var.architecture]
}

run "memory_below_128" {
  command = plan
  variables { memory_mb = 127 }
  expect_failures = [var.memory_mb]
}

run "memory_above_10240" {
  command = plan
  variables { memory_mb = 10241 }
  expect_failures = [var.memory_mb]
}

run "memory_not_whole" {
  command = plan
  variables { memory_mb = 512.5 }
  expect_failures = [var.memory_mb]
}

run "timeout_of_0" {
  command = plan
  variables { timeout_seconds = 0 }
  expect_failures = [var.timeout_seconds]
}

run "timeout_past_the_gateway" {
  command = plan
  variables { timeout_seconds = 30 }
  expect_failures = [var.timeout_seconds]
}

run "timeout_not_whole" {
  command = plan
  variables { timeout_seconds = 2.5 }
  expect_failures = [var.timeout_seconds]
}

run "environment_of_the_host" {
  command = plan
  variables { environment = { MCP_LAMBDA_ORIGINS = "*" } }
  expect_failures = [var.environment]
}

run "environment_of_aws" {
  command = plan
  variables { environment = { AWS_REGION = "eu-west-1" } }
  expect_failures = [var.environment]
}

run "environment_of_lambda" {
  command = plan
  variables { environment = { LAMBDA_TASK_ROOT = "/tmp" } }
  expect_failures = [var.environment]
}

run "environment_with_dash" {
  command = plan
  variables { environment = { "ORDERS-TABLE" = "orders" } }
  expect_failures = [var.environment]
}

run "reserved_concurrency_negative" {
  command = plan
  variables { reserved_concurrency = -1 }
  expect_failures = [var.reserved_concurrency]
}

run "reserved_concurrency_not_whole" {
  command = plan
  variables { reserved_concurrency = 1.5 }
  expect_failures = [var.reserved_concurrency]
}

run "throttle_rate_of_0" {
  command = plan
  variables { throttle = { rate = 0 } }
  expect_failures = [var.throttle]
}

run "throttle_burst_of_0" {
  command = plan
  variables { throttle = { burst = 0 } }
  expect_failures = [var.throttle]
}

run "throttle_burst_not_whole" {
  command = plan
  variables { throttle = { burst = 0.5 } }
  expect_failures = [var.throttle]
}

run "cors_origin_with_path" {
  command = plan
  variables { cors_origins = ["https://app.example.com/"] }
  expect_failures = [var.cors_origins]
}

run "cors_origin_without_scheme" {
  command = plan
  variables { cors_origins = ["app.example.com"] }
  expect_failures = [var.cors_origins]
}

run "cors_origin_with_wildcard_host" {
  command = plan
  variables { cors_origins = ["https://*.example.com"] }
  expect_failures = [var.cors_origins]
}

run "cors_origin_with_two_origins_in_one" {
  command = plan
  variables { cors_origins = ["https://a.example.com,https://b.example.com"] }
  expect_failures = [var.cors_origins]
}

run "alarm_misspelt" {
  command = plan
  variables { alarms = { function_error = 5 } }
  expect_failures = [var.alarms]
}

run "alarm_threshold_of_0" {
  command = plan
  variables { alarms = { throttles = 0 } }
  expect_failures = [var.alarms]
}

run "alarm_that_never_rings" {
  command = plan
  variables { alarms = { tool_error_rate = 101 } }
  expect_failures = [var.alarms]
}

run "alarm_action_that_is_no_arn" {
  command = plan
  variables { alarm_actions = ["on-call@example.com"] }
  expect_failures = [var.alarm_actions]
}

run "catalogue_kept_for_two_days" {
  command = plan
  variables { catalogue_seconds = 172800 }
  expect_failures = [var.catalogue_seconds]
}

run "catalogue_kept_for_a_fraction" {
  command = plan
  variables { catalogue_seconds = 0.5 }
  expect_failures = [var.catalogue_seconds]
}

run "no_request_state_key" {
  command = plan
  variables { request_state_keys = [] }
  expect_failures = [var.request_state_keys]
}

run "the_same_request_state_key_twice" {
  command = plan
  variables { request_state_keys = ["1", "1"] }
  expect_failures = [var.request_state_keys]
}

run "request_state_key_with_space" {
  command = plan
  variables { request_state_keys = ["key 1"] }
  expect_failures = [var.request_state_keys]
}

run "log_subject_as_an_algorithm" {
  command = plan
  variables { log_subject = "sha256" }
  expect_failures = [var.log_subject]
}

run "metrics_switched_on" {
  command = plan
  variables { metrics = "true" }
  expect_failures = [var.metrics]
}

run "log_level_of_python" {
  command = plan
  variables { log_level = "WARNING" }
  expect_failures = [var.log_level]
}

run "log_retention_that_cloudwatch_lacks" {
  command = plan
  variables { log_retention_days = 31 }
  expect_failures = [var.log_retention_days]
}

run "policy_that_is_no_json" {
  command = plan
  variables { policy_json = "dynamodb:GetItem" }
  expect_failures = [var.policy_json]
}

run "policy_without_statement" {
  command = plan
  variables { policy_json = "{}" }
  expect_failures = [var.policy_json]
}

run "tag_of_aws" {
  command = plan
  variables { tags = { "aws:team" = "shop" } }
  expect_failures = [var.tags]
}
