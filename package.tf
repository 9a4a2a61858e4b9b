locals {
  builder = "${path.module}/function"

  # Files of this module that go into a zip. The others take of the host what all must know, and nothing else; the login
  # finds its provider as the authorizer does.
  function_parts = "{authorizer,builder,login,mcp_lambda_aws,mcp_lambda_host}"
  function_files = [
    for file in fileset(local.builder, "${local.function_parts}/**/*.{py,json}") : file
    if !can(regex(local.contract.left_out, file))
  ]
  python_files = [for file in local.function_files : file if !can(regex("^(authorizer|login)/", file))]

  # Beside the builder, the host for Node.js with the lock of its bundler. A node_modules of who develops it is none.
  node_files = concat(
    [for file in local.python_files : file if startswith(file, "builder/")],
    ["mcp_lambda_host/contract.json"],
    tolist(fileset(local.builder, "node/*.{json,mjs}")),
    tolist(fileset(local.builder, "node/host/**/*.ts")),
  )
  host_files  = concat(local.is_node ? local.node_files : local.python_files, ["build.py"])
  login_files = [for file in local.function_files : file if !startswith(file, "mcp_lambda_host/")]
  authorizer_files = concat(
    [for file in local.login_files : file if !startswith(file, "login/")], ["mcp_lambda_host/contract.json"]
  )

  # All that goes into a zip, by relative names: another checkout, same hash. No plan reads the zip itself.
  package_inputs = {
    source = {
      for file in setsubtract(local.source_files, local.unread_files) : file => filesha256("${var.source_dir}/${file}")
    }
    builder = {
      for file in concat(local.host_files, local.is_node ? [] : ["requirements.lock"]) :
      file => filesha256("${local.builder}/${file}")
    }
    name         = var.name # it names the file
    entrypoint   = var.entrypoint
    runtime      = var.runtime
    architecture = var.architecture
    private_keys = var.private_keys
    sdk_1        = var.sdk_1_compatibility
    names        = local.trial_names
    source_map   = local.has_source_map
    object       = local.object # a machine that has not built the zip could not put it into another bucket
  }

  build_options = compact([
    var.entrypoint == null ? "" : "--entrypoint \"$ENTRYPOINT\"",
    var.sdk_1_compatibility ? "--sdk-1-compatibility" : "",
    var.trial_start ? "" : "--no-trial-start",
    local.has_source_map ? "--source-map" : "",
    length(flatten(values(local.trial_names))) > 0 ? "--names \"$NAMES\"" : "",
    var.package_bucket != null ? "--through-s3" : "", # a direct upload takes 50 MB
  ])

  # Environment variables for the trial start, null for what stays with the account: a secret, and a sensitive value,
  # with which Terraform would hide all that a build says.
  shown_variables = {
    for name, value in issensitive(var.environment) ? {} : var.environment : name => value if !issensitive(value)
  }
  trial_variables = merge(
    { for name in concat(keys(nonsensitive(var.environment)), keys(nonsensitive(var.secrets))) : name => null },
    local.shown_variables,
  )

  # Where Node.js is told to look for one, so that what the log has of an error are the author's lines.
  node_options   = lookup(local.shown_variables, "NODE_OPTIONS", "")
  has_source_map = local.is_node && strcontains(local.node_options, "--enable-source-maps")

  # What the server must have: a name that it lacks would end its start on Lambda, too.
  trial_names = var.trial_start ? {
    required_scopes = nonsensitive(keys(var.required_scopes))
    tasks           = local.has_tasks ? nonsensitive(keys(local.tasks.tools)) : []
  } : {}

  private_key_variables = { for index, file in var.private_keys : "PRIVATE_KEY_${index}" => file }

  # The authorizer of keys has no packages, and is the same on every runtime.
  has_packages = local.auth.type == "jwt"
  authorizer_inputs = {
    builder = {
      for file in concat(local.authorizer_files, ["build.py"], local.has_packages ? ["requirements.lock"] : []) :
      file => filesha256("${local.builder}/${file}")
    }
    name   = var.name
    target = local.has_packages ? [local.authorizer_runtime, var.architecture] : []
  }

  login_inputs = {
    builder = {
      for file in concat(local.login_files, ["build.py", "requirements.lock"]) :
      file => filesha256("${local.builder}/${file}")
    }
    name   = var.name
    target = [local.authorizer_runtime, var.architecture]
  }

  # Calls of build.py, by zip. Values travel as environment variables: no quote or space in a path becomes part of the
  # command.
  possible_builds = {
    server = {
      wanted = var.package_file == null # which is known where a resource makes source_dir
      name   = var.name
      hash   = sha256(jsonencode(local.package_inputs))
      options = join(" ", [
        "--source-dir \"$SOURCE_DIR\" --environment \"$TRIAL_VARIABLES\"",
        "--runtime \"$RUNTIME\" --architecture \"$ARCHITECTURE\"",
        join(" ", local.build_options),
        join(" ", formatlist("--private-key \"$%s\"", keys(local.private_key_variables))),
      ])
      variables = merge(local.private_key_variables, {
        SOURCE_DIR      = var.source_dir
        ENTRYPOINT      = var.entrypoint == null ? "" : var.entrypoint
        RUNTIME         = var.runtime
        ARCHITECTURE    = var.architecture
        TRIAL_VARIABLES = nonsensitive(jsonencode(local.trial_variables))
        NAMES           = jsonencode(local.trial_names)
      })
      otherwise = "give the module a finished zip as package_file"
    }
    authorizer = {
      wanted    = local.own_authorizer
      name      = local.authorizer_name
      hash      = sha256(jsonencode(local.authorizer_inputs))
      options   = "--authorizer ${local.auth.type} --runtime \"$RUNTIME\" --architecture \"$ARCHITECTURE\""
      variables = { RUNTIME = local.authorizer_runtime, ARCHITECTURE = var.architecture }
      otherwise = "choose another auth.type than token, or than jwt behind a REST API"
    }
    login = {
      wanted    = local.has_login
      name      = local.login_name
      hash      = sha256(jsonencode(local.login_inputs))
      options   = "--login --runtime \"$RUNTIME\" --architecture \"$ARCHITECTURE\""
      variables = { RUNTIME = local.authorizer_runtime, ARCHITECTURE = var.architecture }
      otherwise = "leave login out of auth"
    }
  }

  no_python = "There is no python3 on PATH, which builds the package: install Python 3.11 or newer and uv or pip, or"

  # Begins with a drive or a share on Windows, where cmd runs the commands of provisioners and knows no "$NAME".
  working_directory = abspath(path.root)
  on_windows        = !can(regex("^/(?:[^/]|$)", local.working_directory))

  builds = { for zip, build in local.possible_builds : zip => build if build.wanted }
}

# Builds at apply and only when an input has changed. Where .terraform was thrown away between a build and the upload of
# that same build (a runner that failed half-way), `terraform apply -replace` of this resource builds and uploads again.
resource "terraform_data" "package" {
  for_each = local.builds

  input            = "${path.root}/.terraform/mcp-lambda/${each.value.name}-${substr(each.value.hash, 0, 12)}.zip"
  triggers_replace = each.value.hash

  provisioner "local-exec" {
    command = <<-EOT
      command -v python3 > /dev/null || { echo "$NO_PYTHON" >&2; exit 1; }
      python3 -B "$BUILDER" --output "$OUTPUT" ${each.value.options}
    EOT
    environment = merge(each.value.variables, {
      BUILDER   = "${local.builder}/build.py"
      OUTPUT    = self.input
      NO_PYTHON = "${local.no_python} ${each.value.otherwise}."
    })
  }

  # Each build has its own name, so an old one would stay for ever.
  provisioner "local-exec" {
    when        = destroy
    command     = "rm -f -- \"$OUTPUT\""
    environment = { OUTPUT = self.input }
  }

  lifecycle {
    precondition {
      condition     = !local.on_windows
      error_message = <<-EOT
        Terraform runs on Windows here (in "${local.working_directory}"), where no package can be built:
        run it on Linux or macOS, or in WSL, or ${each.value.otherwise}.
      EOT
    }

    precondition {
      condition     = each.key != "server" || length(local.source_paths) > 0
      error_message = <<-EOT
        source_dir is "${coalesce(var.source_dir, "null")}", but there is no such directory, or nothing in it.
      EOT
    }

    precondition {
      condition = (
        each.key != "server" || !local.is_node || length(setsubtract(local.node_project, local.source_files)) == 0
      )
      error_message = <<-EOT
        runtime is "${var.runtime}", but "${coalesce(var.source_dir, "null")}" has no
        ${join(" and no ", setsubtract(local.node_project, local.source_files))}:
        the build installs what npm has locked, and `npm install` writes both.
      EOT
    }

    precondition {
      condition = (
        each.key != "server" || var.entrypoint == null
        || length(setintersection(local.source_files, local.entry_places)) > 0
      )
      error_message = <<-EOT
        entrypoint is "${coalesce(var.entrypoint, "null")}", but "${coalesce(var.source_dir, "null")}" has neither
        ${join(" nor ", local.entry_files)}.
      EOT
    }
  }
}
