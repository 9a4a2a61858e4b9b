locals {
  # The version that an operator has named; null: the newest is live.
  pinned_version = var.canary == null ? var.rollback_to : var.canary.stable_version
  pinned_by      = var.canary == null ? "rollback_to" : "canary.stable_version"
  newest_version = module.server.function.version

  # While the stable version is the newest one, there is no other to share the calls with.
  shares_calls = nonsensitive(
    var.canary == null ? false : local.newest_version != tostring(var.canary.stable_version)
  )

  # By default old versions are deleted only where they cost money or hold a network in use. Two stay: the one that is
  # called and the one before it, to go back to.
  prunes        = var.versions_kept != null || var.snap_start || local.in_a_vpc
  versions_kept = coalesce(var.versions_kept, 2)
}

# All traffic goes to the alias, never to $LATEST: a new version takes over in one step or gets a share first, and
# provisioned concurrency and SnapStart can be added, and the URL stays the same.
resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "What the API calls"
  function_name    = module.server.function.function_name
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

# Terraform only adds versions. SnapStart bills the snapshot of each one, and a version keeps the subnets and security
# groups of its VPC in use, so that nobody can delete these. A version that cannot be deleted does no harm at
# once, so the script says why it stays, and the apply goes on.
resource "terraform_data" "old_versions" {
  count = local.prunes ? 1 : 0

  triggers_replace = [local.newest_version, aws_lambda_alias.live.function_version, local.versions_kept]

  provisioner "local-exec" {
    command = "python3 -B \"$PRUNE\" \"$FUNCTION\" --keep \"$KEEP\""
    environment = {
      PRUNE    = "${local.builder}/prune.py"
      FUNCTION = module.server.function.arn
      KEEP     = local.versions_kept
    }
    on_failure = continue
  }
}
