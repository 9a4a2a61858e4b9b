# As refusals.tftest.hcl, for what keeps environments ready.

mock_provider "aws" {}

variables {
  name       = "orders"
  source_dir = "examples/basic/server"
  auth       = { type = "iam" }
}

run "snap_start_of_a_runtime_that_has_none" {
  command = plan
  variables {
    runtime    = "python3.11"
    snap_start = true
  }
  expect_failures = [var.snap_start]
}

run "snap_start_together_with_provisioned_concurrency" {
  command = plan
  variables {
    snap_start              = true
    provisioned_concurrency = { environments = 1 }
  }
  expect_failures = [var.snap_start]
}

run "no_environments_provisioned" {
  command = plan
  variables { provisioned_concurrency = { environments = 0 } }
  expect_failures = [var.provisioned_concurrency]
}

run "nothing_said_of_environments" {
  command = plan
  variables { provisioned_concurrency = { environments = null } }
  expect_failures = [var.provisioned_concurrency]
}

run "half_an_environment_at_most" {
  command = plan
  variables { provisioned_concurrency = { environments = 1, max = 1.5 } }
  expect_failures = [var.provisioned_concurrency]
}

run "no_environments_at_night" {
  command = plan
  variables { provisioned_concurrency = { environments = 1, schedule = { night = { cron = "0 20 * * ? *", environments = 0 } } } }
  expect_failures = [var.provisioned_concurrency]
}

run "max_below_environments" {
  command = plan
  variables { provisioned_concurrency = { environments = 3, max = 2 } }
  expect_failures = [var.provisioned_concurrency]
}

run "max_below_those_of_the_schedule" {
  command = plan
  variables { provisioned_concurrency = { environments = 1, max = 2, schedule = { day = { cron = "0 8 * * ? *", environments = 3 } } } }
  expect_failures = [var.provisioned_concurrency]
}

run "more_provisioned_than_reserved" {
  command = plan
  variables { provisioned_concurrency = { environments = 11 } }
  expect_failures = [var.reserved_concurrency]
}

run "more_provisioned_at_most_than_reserved" {
  command = plan
  variables { provisioned_concurrency = { environments = 1, max = 11 } }
  expect_failures = [var.reserved_concurrency]
}

run "more_provisioned_by_day_than_reserved" {
  command = plan
  variables { provisioned_concurrency = { environments = 1, schedule = { day = { cron = "0 8 * * ? *", environments = 11 } } } }
  expect_failures = [var.reserved_concurrency]
}

run "provisioned_for_a_function_that_is_switched_off" {
  command = plan
  variables {
    reserved_concurrency    = 0
    provisioned_concurrency = { environments = 1 }
  }
  expect_failures = [var.reserved_concurrency]
}

run "schedule_with_a_space_in_its_name" {
  command = plan
  variables { provisioned_concurrency = { environments = 1, schedule = { "every day" = { cron = "0 8 * * ? *", environments = 2 } } } }
  expect_failures = [var.provisioned_concurrency]
}

run "schedule_in_the_five_fields_of_unix" {
  command = plan
  variables { provisioned_concurrency = { environments = 1, schedule = { day = { cron = "0 8 * * *", environments = 2 } } } }
  expect_failures = [var.provisioned_concurrency]
}

run "schedule_wrapped_in_cron" {
  command = plan
  variables { provisioned_concurrency = { environments = 1, schedule = { day = { cron = "cron(0 8 * * ? *)", environments = 2 } } } }
  expect_failures = [var.provisioned_concurrency]
}
