# What is logged and counted.

mock_provider "aws" {
  source = "./tests/plan"
}

variables {
  name         = "orders"
  package_file = "terraform.tf" # any file: the mocked provider uploads nothing
  auth         = { type = "iam" }
}

run "by_default_requests_are_counted_in_all_and_no_payload_is_logged" {
  command = apply

  assert {
    condition = jsondecode(one(aws_lambda_function.server.environment).variables["MCP_LAMBDA_OBSERVE"]) == {
      log_level = "INFO", log_subject = "hash", log_payloads = false, metrics = "server"
    }
    error_message = "the host is told ${one(aws_lambda_function.server.environment).variables["MCP_LAMBDA_OBSERVE"]}"
  }
}

run "the_host_writes_from_the_level_on_that_lambda_keeps" {
  command = apply
  variables { log_level = "ERROR" }

  assert {
    condition     = one(aws_lambda_function.server.logging_config).application_log_level == "ERROR" && jsondecode(one(aws_lambda_function.server.environment).variables["MCP_LAMBDA_OBSERVE"]).log_level == "ERROR"
    error_message = "a line that counts is raised to the level, which the host has to know"
  }
}
