locals {
  builder       = "${path.module}/function"
  module_name   = split(":", coalesce(var.entrypoint, "server:mcp"))[0]
  entry_module  = local.is_node ? local.module_name : replace(local.module_name, ".", "/")
  node_endings  = [".ts", ".mts", ".tsx", ".js", ".mjs", "/index.ts", "/index.js"]
  entry_endings = formatlist("${local.entry_module}%s", local.is_node ? local.node_endings : [".py", "/__init__.py"])
  entry_files   = flatten([for root in ["", "src/"] : formatlist("${root}%s", local.entry_endings)])

  node_project = ["package.json", "package-lock.json"]

  # A project may have its packages in another folder, which its pyproject.toml names, alone or with a package in it.
  named_roots = !local.is_project ? [] : distinct(flatten([
    for name in flatten(regexall("[\"']([A-Za-z0-9_./-]+)[\"']", local.pyproject)) :
    ["${trim(name, "./")}/", "${dirname(trim(name, "./"))}/"]
  ]))
  entry_places = concat(local.entry_files, flatten([
    for root in local.named_roots : formatlist("${root}%s", local.entry_endings)
  ]))

  # Terraform 1.13 and newer end an apply in which fileset finds other files than the plan did. So it is not asked for
  # what appears in between: bytecode, Terraform's states and plans, and what is in hidden folders such as .terraform.
  # Each ending has a last letter of its own.
  appearing = [".pyc", ".tfstate", ".tfstate.backup", "tfplan"]
  lasting = join(",", concat(
    ["*[^${join("", [for ending in local.appearing : substr(ending, -1, 1)])}]"],
    flatten([for ending in local.appearing : [for place in range(length(ending) - 1) : [
      "*[^${substr(ending, place, 1)}]${substr(ending, place + 1, -1)}", substr(ending, place + 1, -1)
    ]]]),
  ))
  folders = ["", "[^.]*/", "[^.]*/[^.]*/", "[^.]*/[^.]*/[^.]*/**/"]

  # Files that build.py reads: nothing hidden, no bytecode, nothing of Terraform's, no virtual environment; and of a
  # project no tests, nor what else in its root never is the server.
  pyproject  = try(file("${var.source_dir}/pyproject.toml"), "")
  is_project = can(regex(local.contract.project_table, local.pyproject))
  left_out = join("|", concat(
    [local.contract.left_out, local.contract.terraform_files],
    local.is_project || local.is_node ? local.contract.project_left_out : [],
  ))
  all_source_files = var.source_dir == null ? [] : setunion([
    for folder in local.folders : fileset(var.source_dir, "${folder}{${local.lasting}}")
  ]...)
  source_paths = [for file in local.all_source_files : file if !can(regex(local.left_out, file))]
  virtual_environments = [
    for file in local.all_source_files : "${dirname(file)}/"
    if basename(file) == local.contract.virtual_environment_file
  ]
  source_files = [
    for file in local.source_paths : file
    if !anytrue([for folder in local.virtual_environments : startswith(file, folder)])
  ]

  # Of a project build.py leaves out documents and images that its code does not mention. Here more counts as mentioned
  # than there, and all that may list requirements: a build too many costs a minute, one too few deploys old files.
  code = try(join("\n", [
    for file in local.source_files : file("${var.source_dir}/${file}")
    if endswith(file, ".py") && !can(regex(local.contract.project_seldom, file))
  ]), null) # not all of it is text
  documents = !local.is_project || local.code == null ? {} : {
    for file in local.source_files : split("/", file)[0] => file...
    if can(regex(local.contract.project_seldom, file)) && !can(regex("[.](in|toml|txt|whl)$", file))
  }
  unread_files = flatten([for top, files in local.documents : files if !strcontains(local.code, top)])

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
    object       = local.object # a machine that has not built the zip could not put it into another bucket
  }

  build_options = compact([
    var.entrypoint == null ? "" : "--entrypoint \"$ENTRYPOINT\"",
    var.sdk_1_compatibility ? "--sdk-1-compatibility" : "",
    var.trial_start ? "" : "--no-trial-start",
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

  # Zips that functions are made from, and the reason to upload each: that it was built, or that another one was given.
  file_hash = try(filesha256(var.package_file), null)
  built     = { for zip, build in terraform_data.package : zip => { file = build.output, reason = build.id } }
  given = {
    file   = var.package_file
    reason = local.object == "" ? local.file_hash : join(" ", [coalesce(local.file_hash, "no file"), local.object])
  }
  packed = merge(local.built, var.package_file == null ? {} : { server = local.given })
  zips   = merge(local.packed, local.has_tasks ? { worker = local.packed.server } : {}) # uploaded to each function

  # What each function runs, as Lambda says: the hash of its newest code.
  running = merge(
    { server = module.server.function.code_sha256 },
    { for function in aws_lambda_function.authorizer : "authorizer" => function.code_sha256 },
    { for worker in module.worker : "worker" => worker.function.code_sha256 },
    { for function in aws_lambda_function.login : "login" => function.code_sha256 },
  )

  # Options of an apply that uploads the module's code again, by zip. What is built anew is uploaded wherever it runs.
  sources_again = merge(
    { for zip in keys(local.zips) : zip => "upload[\"${zip}\"]" },
    { for zip in keys(local.builds) : zip => "package[\"${zip}\"]" },
    local.has_tasks && contains(keys(local.builds), "server") ? { worker = "package[\"server\"]" } : {},
  )
  upload_again = { for zip, source in local.sources_again : zip => "-replace='module.NAME.terraform_data.${source}'" }
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

# One upload of a zip; a replacement of this resource uploads again. Once uploaded, the zip is no longer needed.
resource "terraform_data" "upload" {
  for_each = local.zips

  input            = try(filebase64sha256(each.value.file), null)
  triggers_replace = each.value.reason

  lifecycle {
    ignore_changes = [input]

    precondition {
      condition     = each.key != "server" || try(fileexists(var.package_file), var.package_file == null)
      error_message = "package_file is \"${coalesce(var.package_file, "null")}\", but there is no such file."
    }
  }
}

# What a function ran right after its upload. The provider takes an upload that failed for done
# (hashicorp/terraform-provider-aws#42829), and the old code would run on without a word, so that ends the apply.
resource "terraform_data" "uploaded" {
  for_each = local.zips

  triggers_replace = terraform_data.upload[each.key].id

  # The provider plans the old hash while it uploads new code, so this is made unknown as long as the upload is.
  input = terraform_data.upload[each.key].id == "" ? "" : local.running[each.key]

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.output == terraform_data.upload[each.key].output
      error_message = <<-EOT
        The function does not run the package that was last applied: its upload failed, or somebody made another.
        Upload it again: terraform apply ${local.upload_again[each.key]}.
      EOT
    }
  }
}
