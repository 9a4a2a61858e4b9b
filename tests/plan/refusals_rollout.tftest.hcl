# As refusals.tftest.hcl, for which version is called.

mock_provider "aws" {
  source = "./tests/plan" # its newest version is 8
}

override_resource {
  target = terraform_data.upload
  values = { output = "uploaded" }
}

variables {
  name         = "orders"
  package_file = "terraform.tf"
  auth         = { type = "iam" }
}

run "canary_without_share" {
  command = plan
  variables { canary = { stable_version = 7, weight = 0 } }
  expect_failures = [var.canary]
}

run "canary_for_all" {
  command = plan
  variables { canary = { stable_version = 7, weight = 1 } }
  expect_failures = [var.canary]
}

run "canary_in_percent" {
  command = plan
  variables { canary = { stable_version = 7, weight = 10 } }
  expect_failures = [var.canary]
}

run "canary_without_a_stable_version" {
  command = plan
  variables { canary = { stable_version = null, weight = 0.1 } }
  expect_failures = [var.canary]
}

run "canary_beside_version_0" {
  command = plan
  variables { canary = { stable_version = 0, weight = 0.1 } }
  expect_failures = [var.canary]
}

run "canary_beside_half_a_version" {
  command = plan
  variables { canary = { stable_version = 7.5, weight = 0.1 } }
  expect_failures = [var.canary]
}

run "canary_with_provisioned_concurrency" {
  command = plan
  variables {
    canary                  = { stable_version = 7, weight = 0.1 }
    provisioned_concurrency = { environments = 1 }
  }
  expect_failures = [var.canary]
}

run "canary_with_rollback" {
  command = plan
  variables {
    canary      = { stable_version = 7, weight = 0.1 }
    rollback_to = 7
  }
  expect_failures = [var.canary]
}

run "rollback_to_version_0" {
  command = plan
  variables { rollback_to = 0 }
  expect_failures = [var.rollback_to]
}

run "rollback_to_half_a_version" {
  command = plan
  variables { rollback_to = 6.5 }
  expect_failures = [var.rollback_to]
}

run "version_8_is_published" {
  command = apply
}

run "rollback_to_a_version_that_is_not_there" {
  command = plan
  variables { rollback_to = 9 }
  expect_failures = [aws_lambda_alias.live]
}

run "canary_beside_a_version_that_is_not_there" {
  command = plan
  variables { canary = { stable_version = 9, weight = 0.1 } }
  expect_failures = [aws_lambda_alias.live]
}
