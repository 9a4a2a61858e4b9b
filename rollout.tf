locals {
  # The version that an operator has named; null: the newest is live.
  pinned_version = var.canary == null ? var.rollback_to : var.canary.stable_version
  pinned_by      = var.canary == null ? "rollback_to" : "canary.stable_version"
  newest_version = aws_lambda_function.server.version

  # Until there is a newer version than the stable one, there is nothing to try.
  shares_calls = nonsensitive(
    var.canary == null ? false : local.newest_version != tostring(var.canary.stable_version)
  )
}

# All traffic goes to the alias, never to $LATEST: a new version takes over in one step or gets a share first, and
# provisioned concurrency and SnapStart can be added, without changing a URL.
resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "What the API calls"
  function_name    = aws_lambda_function.server.function_name
  function_version = local.pinned_version == null ? local.newest_version : tostring(local.pinned_version)

  dynamic "routing_config" {
    for_each = local.shares_calls ? [{ (local.newest_version) = var.canary.weight }] : []

    content {
      additional_version_weights = routing_config.value
    }
  }

  lifecycle {
    precondition {
      condition     = try(local.pinned_version <= tonumber(local.newest_version), true)
      error_message = <<-EOT
        ${local.pinned_by} is ${coalesce(local.pinned_version, 0)}, but the newest version is ${local.newest_version}.
        Name the one that worked, as the output live_version said.
      EOT
    }
  }
}

# SnapStart bills the snapshot of each version until that is deleted, and Terraform only adds versions. A version that
# cannot be deleted costs money and breaks nothing, so the script says why, and the apply goes on.
resource "terraform_data" "old_versions" {
  count = var.snap_start ? 1 : 0

  triggers_replace = [local.newest_version, aws_lambda_alias.live.function_version]

  provisioner "local-exec" {
    command     = "python3 -B \"$PRUNE\" \"$FUNCTION\""
    environment = { PRUNE = "${local.builder}/prune.py", FUNCTION = aws_lambda_function.server.arn }
    on_failure  = continue
  }
}
