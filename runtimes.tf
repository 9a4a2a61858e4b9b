# Which runtimes there are, and which of them the provider knows: it compares their names with a list from the time of
# its own release.

locals {
  # A server is in TypeScript or JavaScript where the function runs Node.js, and in Python otherwise.
  node_runtimes = keys(local.contract.node_runtimes)
  is_node       = contains(local.node_runtimes, var.runtime)
  runtimes      = concat(keys(local.contract.runtimes), local.node_runtimes)

  # The module's own authorizer is in Python.
  authorizer_runtime = local.is_node ? "python3.13" : var.runtime

  # Terraform tells a module nothing of the provider's version, but the lock file of the root module has it, where there
  # is one: major and minor, or null.
  locked_version  = "/hashicorp/aws\" [{]\\s*version\\s*=\\s*\"([0-9]+)[.]([0-9]+)"
  locked_provider = try(regex(local.locked_version, file("${path.root}/.terraform.lock.hcl")), null)

  # Runtimes that a provider of that version does not know, each with the first version that does.
  later_runtimes = local.locked_provider == null ? {} : {
    for runtime, version in local.contract.runtimes_by_provider : runtime => version
    if local.locked_provider[0] * 1000 + local.locked_provider[1] < # 6.20 is 6,020
    split(".", version)[0] * 1000 + split(".", version)[1]
  }
}
