# What keeps environments ready, and how many may be. As in derived.tftest.hcl, planned with a mocked provider:
# Application Auto Scaling for Lambda is on no local AWS.

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

run "nothing_is_kept_ready_by_default" {
  command = plan

  assert {
    condition     = length(module.server.function.snap_start) == 0 && length(aws_lambda_provisioned_concurrency_config.fixed) == 0 && length(aws_lambda_provisioned_concurrency_config.scaled) == 0 && length(aws_appautoscaling_target.live) == 0 && length(terraform_data.old_versions) == 0
    error_message = "what is off costs nothing"
  }
}

run "published_versions_start_from_snapshots_and_old_ones_are_pruned" {
  command = plan
  variables { snap_start = true }

  assert {
    condition     = one(module.server.function.snap_start).apply_on == "PublishedVersions" && module.server.function.publish
    error_message = "there are snapshots of published versions only"
  }
  assert {
    condition     = length(terraform_data.old_versions) == 1
    error_message = "each snapshot is billed until its version is deleted"
  }
}

run "snap_start_may_be_off_with_an_old_runtime" {
  command = plan
  variables { runtime = "python3.11" }
}

run "a_fixed_number_is_kept_on_the_alias" {
  command = plan
  variables { provisioned_concurrency = { environments = 10 } }

  assert {
    condition     = one(aws_lambda_provisioned_concurrency_config.fixed).provisioned_concurrent_executions == 10 && one(aws_lambda_provisioned_concurrency_config.fixed).qualifier == "live"
    error_message = "up to all that are reserved, on what the API calls"
  }
  assert {
    condition     = length(aws_lambda_provisioned_concurrency_config.scaled) == 0 && length(aws_appautoscaling_target.live) == 0
    error_message = "nobody changes the number but an apply"
  }
}

run "unreserved_concurrency_bounds_nothing" {
  command = plan
  variables {
    reserved_concurrency    = null
    provisioned_concurrency = { environments = 50 }
  }
}

run "a_schedule_alone_sets_the_number_by_the_clock" {
  command = plan
  variables {
    provisioned_concurrency = { environments = 1, schedule = {
      day   = { cron = "0 8 ? * MON-FRI *", environments = 5, timezone = "Europe/Berlin" }
      night = { cron = "0 20 ? * MON-FRI *", environments = 1 }
    } }
  }

  assert {
    condition     = { for name, action in aws_appautoscaling_scheduled_action.live : name => [action.schedule, action.timezone] } == { day = ["cron(0 8 ? * MON-FRI *)", "Europe/Berlin"], night = ["cron(0 20 ? * MON-FRI *)", "UTC"] }
    error_message = "the times are those that were asked for"
  }
  assert {
    condition     = { for name, action in aws_appautoscaling_scheduled_action.live : name => one(action.scalable_target_action) } == { day = { min_capacity = "5", max_capacity = "5" }, night = { min_capacity = "1", max_capacity = "1" } }
    error_message = "without max the number is exactly the schedule's"
  }
  assert {
    condition     = length(aws_appautoscaling_policy.utilization) == 0
    error_message = "nothing follows the traffic"
  }
}

run "a_schedule_with_max_sets_the_least" {
  command = plan
  variables { provisioned_concurrency = { environments = 1, max = 8, schedule = { day = { cron = "0 8 ? * MON-FRI *", environments = 5 } } } }

  assert {
    condition     = one(aws_appautoscaling_scheduled_action.live["day"].scalable_target_action) == { min_capacity = "5", max_capacity = "8" } && length(aws_appautoscaling_policy.utilization) == 1
    error_message = "above it, the traffic says how many"
  }
}

run "a_throttle_that_just_fits_is_quiet" {
  command = plan
  variables {
    throttle             = { rate = 100 }
    reserved_concurrency = 10
  }
}

run "a_throttle_beyond_the_concurrency_is_warned_of" {
  command = plan
  variables {
    throttle             = { rate = 100.1 }
    reserved_concurrency = 10
  }
  expect_failures = [check.the_throttle_fits_the_concurrency]
}

run "a_server_that_is_switched_off_or_unreserved_has_nothing_to_fit" {
  command = plan
  variables {
    throttle             = { rate = 5000 }
    reserved_concurrency = 0
  }
}

run "a_server_without_a_limit_has_nothing_to_fit" {
  command = plan
  variables {
    throttle             = { rate = 5000 }
    reserved_concurrency = null
  }
}
