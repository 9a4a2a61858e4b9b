# Execution environments that are started before anybody calls.

locals {
  schedule = try(var.provisioned_concurrency.schedule, {})
  tracked  = try(var.provisioned_concurrency.max != null, false)
  scaled   = local.tracked || length(local.schedule) > 0

  # The most that there may ever be; 0: provisioned_concurrency is off, or wrong.
  provisioned_most = try(max(concat(
    [var.provisioned_concurrency.environments], var.provisioned_concurrency.max[*], values(var.provisioned_concurrency.schedule)[*].environments
  )...), 0)

  # What all of Application Auto Scaling's resources are about.
  scalable = {
    service_namespace  = "lambda"
    scalable_dimension = "lambda:function:ProvisionedConcurrency"
    resource_id        = "function:${aws_lambda_alias.live.function_name}:${aws_lambda_alias.live.name}"
  }
}

# A number for good …
resource "aws_lambda_provisioned_concurrency_config" "fixed" {
  count = var.provisioned_concurrency != null && !local.scaled ? 1 : 0

  function_name                     = aws_lambda_alias.live.function_name
  qualifier                         = aws_lambda_alias.live.name
  provisioned_concurrent_executions = var.provisioned_concurrency.environments
}

# … or one to begin with, which is Application Auto Scaling's from then on: set by each apply, it would take environments
# away in the busiest hour. A resource of its own, since ignore_changes cannot depend on a variable. Both are the same
# configuration in AWS, so the one must be gone before the other is made.
resource "aws_lambda_provisioned_concurrency_config" "scaled" {
  count = local.scaled ? 1 : 0

  function_name                     = aws_lambda_alias.live.function_name
  qualifier                         = aws_lambda_alias.live.name
  provisioned_concurrent_executions = var.provisioned_concurrency.environments

  lifecycle {
    ignore_changes = [provisioned_concurrent_executions]
  }

  depends_on = [aws_lambda_provisioned_concurrency_config.fixed]
}

# A scheduled action changes the bounds of its target, so they are ignored there, and kept here: other numbers make a
# new target. That leaves the environments as they are, unless they are outside of the new bounds.
resource "terraform_data" "bounds" {
  count = local.scaled ? 1 : 0

  input = {
    min = var.provisioned_concurrency.environments
    max = coalesce(var.provisioned_concurrency.max, var.provisioned_concurrency.environments)
  }
}

resource "aws_appautoscaling_target" "live" {
  count = local.scaled ? 1 : 0

  service_namespace  = local.scalable.service_namespace
  scalable_dimension = local.scalable.scalable_dimension
  resource_id        = local.scalable.resource_id
  min_capacity       = one(terraform_data.bounds[*].input).min
  max_capacity       = one(terraform_data.bounds[*].input).max
  tags               = var.tags

  lifecycle {
    ignore_changes       = [min_capacity, max_capacity]
    replace_triggered_by = [terraform_data.bounds]
  }

  depends_on = [aws_lambda_provisioned_concurrency_config.scaled]
}

# AWS deletes policies and actions together with their target: a new one needs new ones.
resource "aws_appautoscaling_policy" "utilization" {
  count = local.tracked ? 1 : 0

  name               = "utilization"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = local.scalable.service_namespace
  scalable_dimension = local.scalable.scalable_dimension
  resource_id        = one(aws_appautoscaling_target.live[*].resource_id)

  target_tracking_scaling_policy_configuration {
    target_value = 0.7 # of the environments busy: as in AWS's own example, it leaves room until new ones have started

    predefined_metric_specification {
      predefined_metric_type = "LambdaProvisionedConcurrencyUtilization"
    }
  }

  lifecycle {
    replace_triggered_by = [aws_appautoscaling_target.live]
  }
}

resource "aws_appautoscaling_scheduled_action" "live" {
  for_each = local.schedule

  name               = each.key
  service_namespace  = local.scalable.service_namespace
  scalable_dimension = local.scalable.scalable_dimension
  resource_id        = one(aws_appautoscaling_target.live[*].resource_id)
  schedule           = "cron(${each.value.cron})"
  timezone           = each.value.timezone

  scalable_target_action {
    min_capacity = each.value.environments
    max_capacity = coalesce(var.provisioned_concurrency.max, each.value.environments)
  }

  lifecycle {
    replace_triggered_by = [aws_appautoscaling_target.live]
  }
}
