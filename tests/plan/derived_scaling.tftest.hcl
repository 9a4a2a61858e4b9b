# What keeps environments ready, and how many may be. As in derived.tftest.hcl, applied to a mocked provider: Application
# Auto Scaling for Lambda is on no local AWS.

mock_provider "aws" {
  source = "./tests/mocks"
}

override_resource {
  target = terraform_data.upload
  values = { output = "uploaded" }
}

variables {
  name         = "orders"
  package_file = "versions.tf"
  auth         = { type = "iam" }
}

run "nothing_is_kept_ready_by_default" {
  command = apply

  assert {
    condition     = length(module.server.function.snap_start) == 0 && length(aws_lambda_provisioned_concurrency_config.fixed) == 0 && length(aws_lambda_provisioned_concurrency_config.scaled) == 0 && length(aws_appautoscaling_target.live) == 0 && length(terraform_data.old_versions) == 0
    error_message = "what is off costs nothing"
  }
}

run "published_versions_start_from_snapshots_and_old_ones_are_pruned" {
  command = plan # an apply would prune
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
  command = apply
  variables { runtime = "python3.11" }
}

run "a_fixed_number_is_kept_on_the_alias" {
  command = apply
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
  command = apply
  variables {
    reserved_concurrency    = null
    provisioned_concurrency = { environments = 50 }
  }
}

run "with_max_the_number_follows_the_traffic" {
  command = apply
  variables {
    provisioned_concurrency = { environments = 2, max = 8 }
    tags                    = { team = "shop" }
  }

  assert {
    condition     = one(aws_lambda_provisioned_concurrency_config.scaled).provisioned_concurrent_executions == 2 && length(aws_lambda_provisioned_concurrency_config.fixed) == 0
    error_message = "the number to begin with"
  }
  assert {
    condition     = one(aws_appautoscaling_target.live).resource_id == "function:orders:live" && one(aws_appautoscaling_target.live).min_capacity == 2 && one(aws_appautoscaling_target.live).max_capacity == 8
    error_message = "the alias is what is scaled"
  }
  assert {
    condition     = one(aws_appautoscaling_target.live).tags == tomap({ team = "shop" })
    error_message = "a target can carry tags"
  }
  assert {
    condition     = one(one(aws_appautoscaling_policy.utilization).target_tracking_scaling_policy_configuration).target_value == 0.7
    error_message = "new ones start before all are busy"
  }
  assert {
    condition     = length(aws_appautoscaling_scheduled_action.live) == 0
    error_message = "no schedule was asked for"
  }
}

run "other_bounds_make_another_target" {
  command = apply
  variables { provisioned_concurrency = { environments = 3, max = 9 } }

  assert {
    condition     = one(aws_appautoscaling_target.live).min_capacity == 3 && one(aws_appautoscaling_target.live).max_capacity == 9
    error_message = "bounds are ${one(aws_appautoscaling_target.live).min_capacity} to ${one(aws_appautoscaling_target.live).max_capacity}"
  }
  assert {
    condition     = one(aws_lambda_provisioned_concurrency_config.scaled).provisioned_concurrent_executions == 2
    error_message = "the number itself is not the apply's to set"
  }
}

run "a_schedule_alone_sets_the_number_by_the_clock" {
  command = apply
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
  command = apply
  variables { provisioned_concurrency = { environments = 1, max = 8, schedule = { day = { cron = "0 8 ? * MON-FRI *", environments = 5 } } } }

  assert {
    condition     = one(aws_appautoscaling_scheduled_action.live["day"].scalable_target_action) == { min_capacity = "5", max_capacity = "8" } && length(aws_appautoscaling_policy.utilization) == 1
    error_message = "above it, the traffic says how many"
  }
}

run "a_throttle_that_just_fits_is_quiet" {
  command = apply
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
  command = apply
  variables {
    throttle             = { rate = 5000 }
    reserved_concurrency = 0
  }
}

run "a_server_without_a_limit_has_nothing_to_fit" {
  command = apply
  variables {
    throttle             = { rate = 5000 }
    reserved_concurrency = null
  }
}
