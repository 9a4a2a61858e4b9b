# Provisioned concurrency: execution environments that Lambda keeps started before anybody calls.

locals {
  provisioned_keys = ["environments", "max", "schedule"]
  schedule_keys    = ["cron", "environments", "timezone"]

  # var.provisioned_concurrency with all its keys; null: it is off.
  provisioned = var.provisioned_concurrency == null ? null : {
    environments = var.provisioned_concurrency.environments
    max          = lookup(var.provisioned_concurrency, "max", null)
    schedule     = merge({}, lookup(var.provisioned_concurrency, "schedule", null))
  }

  is_provisioned = nonsensitive(var.provisioned_concurrency != null)
  tracked        = local.is_provisioned ? nonsensitive(local.provisioned.max != null) : false
  schedule_names = local.is_provisioned ? nonsensitive(keys(local.provisioned.schedule)) : []
  scaled         = local.tracked || length(local.schedule_names) > 0

  # The highest number of environments that is asked for anywhere; 0: provisioned_concurrency is off.
  provisioned_most = local.is_provisioned ? max(
    local.provisioned.environments,
    coalesce(local.provisioned.max, 0),
    values(local.provisioned.schedule)[*].environments...
  ) : 0

  # What Application Auto Scaling changes: named in the target, its policy and its scheduled actions.
  scalable = {
    service_namespace  = "lambda"
    scalable_dimension = "lambda:function:ProvisionedConcurrency"
    resource_id        = "function:${aws_lambda_alias.live.function_name}:${aws_lambda_alias.live.name}"
  }
}

# A fixed number of environments.
resource "aws_lambda_provisioned_concurrency_config" "fixed" {
  count = local.is_provisioned && !local.scaled ? 1 : 0

  function_name                     = aws_lambda_alias.live.function_name
  qualifier                         = aws_lambda_alias.live.name
  provisioned_concurrent_executions = local.provisioned.environments
}

# The number of environments to begin with. Application Auto Scaling changes it from then on, so Terraform ignores it:
# an apply that set it again would take environments away in the busiest hour. ignore_changes cannot depend on a
# variable, so this is a resource of its own. AWS has one configuration for both, so "fixed" must be gone before this is
# made.
resource "aws_lambda_provisioned_concurrency_config" "scaled" {
  count = local.scaled ? 1 : 0

  function_name                     = aws_lambda_alias.live.function_name
  qualifier                         = aws_lambda_alias.live.name
  provisioned_concurrent_executions = local.provisioned.environments

  lifecycle {
    ignore_changes = [provisioned_concurrent_executions]
  }

  depends_on = [aws_lambda_provisioned_concurrency_config.fixed]
}

# A scheduled action changes the bounds of its target, so the target ignores changes of them. They are kept here, and
# other numbers replace the target. That leaves the environments as they are, unless they are outside of the new bounds.
resource "terraform_data" "bounds" {
  count = local.scaled ? 1 : 0

  input = {
    min = local.provisioned.environments
    max = coalesce(local.provisioned.max, local.provisioned.environments)
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

# AWS deletes policies and scheduled actions together with their target, so they are replaced with it.
resource "aws_appautoscaling_policy" "utilization" {
  count = local.tracked ? 1 : 0

  name               = "utilization"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = local.scalable.service_namespace
  scalable_dimension = local.scalable.scalable_dimension
  resource_id        = one(aws_appautoscaling_target.live[*].resource_id)

  target_tracking_scaling_policy_configuration {
    target_value = 0.7 # of the environments are busy; AWS's own example, with room until new ones have started

    predefined_metric_specification {
      predefined_metric_type = "LambdaProvisionedConcurrencyUtilization"
    }
  }

  lifecycle {
    replace_triggered_by = [aws_appautoscaling_target.live]
  }
}

resource "aws_appautoscaling_scheduled_action" "live" {
  for_each = toset(local.schedule_names)

  name               = each.key
  service_namespace  = local.scalable.service_namespace
  scalable_dimension = local.scalable.scalable_dimension
  resource_id        = one(aws_appautoscaling_target.live[*].resource_id)
  schedule           = "cron(${local.provisioned.schedule[each.key].cron})"
  timezone           = coalesce(lookup(local.provisioned.schedule[each.key], "timezone", null), "UTC")

  scalable_target_action {
    min_capacity = local.provisioned.schedule[each.key].environments
    max_capacity = coalesce(local.provisioned.max, local.provisioned.schedule[each.key].environments)
  }

  lifecycle {
    replace_triggered_by = [aws_appautoscaling_target.live]
  }
}
