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
