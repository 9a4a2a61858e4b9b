# Which version is called. As in derived.tftest.hcl, planned with a mocked provider, whose newest version is 8.

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
  package_file = "versions.tf"
  auth         = { type = "iam" }
}

run "the_newest_version_is_live" {
  command = plan

  assert {
    condition     = aws_lambda_alias.live.function_version == "8" && length(aws_lambda_alias.live.routing_config) == 0
    error_message = "all calls go to the newest version unless asked for otherwise"
  }
  assert {
    condition     = output.live_version == "8" && output.newest_version == "8"
    error_message = "the output is what a later canary or rollback names"
  }
}

run "a_canary_leaves_the_alias_and_shares_its_calls" {
  command = plan
  variables { canary = { stable_version = 7, weight = 0.1 } }

  assert {
    condition     = aws_lambda_alias.live.function_version == "7" && one(aws_lambda_alias.live.routing_config).additional_version_weights == tomap({ "8" = 0.1 })
    error_message = "the stable version stays, the newest is tried"
  }
  assert {
    condition     = output.live_version == "7" && output.newest_version == "8"
    error_message = "outputs are ${output.live_version} and ${output.newest_version}"
  }
}

run "a_canary_before_there_is_a_newer_version_changes_nothing" {
  command = plan
  variables { canary = { stable_version = 8, weight = 0.1 } }

  assert {
    condition     = aws_lambda_alias.live.function_version == "8" && length(aws_lambda_alias.live.routing_config) == 0
    error_message = "a version has no share beside itself"
  }
}

run "a_rollback_pins_an_older_version" {
  command = plan
  variables { rollback_to = 6 }

  assert {
    condition     = aws_lambda_alias.live.function_version == "6" && length(aws_lambda_alias.live.routing_config) == 0
    error_message = "no call goes to a newer version"
  }
}

run "a_rollback_to_a_version_that_is_not_there_is_refused" {
  command = plan
  variables { rollback_to = 9 }
  expect_failures = [aws_lambda_alias.live]
}

run "a_canary_beside_a_version_that_is_not_there_is_refused" {
  command = plan
  variables { canary = { stable_version = 9, weight = 0.1 } }
  expect_failures = [aws_lambda_alias.live]
}
