locals {
  entry_module = replace(split(":", var.entrypoint)[0], ".", "/")
  builder      = "${path.module}/function"

  # The same files that build.py takes: nothing hidden, no bytecode, no virtual environment.
  left_out             = "(^|/)([.]|__pycache__/)|[.]pyc$"
  virtual_environments = var.source_dir == null ? [] : [for file in fileset(var.source_dir, "**/pyvenv.cfg") : "${dirname(file)}/"]
  source_paths         = var.source_dir == null ? [] : [for file in fileset(var.source_dir, "**") : file if !can(regex(local.left_out, file))]
  source_files         = [for file in local.source_paths : file if !anytrue([for environment in local.virtual_environments : startswith(file, environment)])]
  host_files           = [for file in fileset(local.builder, "mcp_lambda_host/**") : file if !can(regex(local.left_out, file))]
  builder_files        = concat(local.host_files, ["build.py", "requirements.lock"])

  # All that goes into the zip, by relative names: another checkout, same hash. The zip itself is never read in a plan.
  package_inputs = {
    source       = { for file in local.source_files : file => filesha256("${var.source_dir}/${file}") }
    builder      = { for file in local.builder_files : file => filesha256("${local.builder}/${file}") }
    name         = var.name # it names the file
    entrypoint   = var.entrypoint
    runtime      = var.runtime
    architecture = var.architecture
  }

  package_hash = sha256(jsonencode(local.package_inputs))

  built = {
    file = one(terraform_data.package[*].input)
    hash = local.package_hash
  }

  given = {
    file = var.package_file
    hash = try(filebase64sha256(var.package_file), null)
  }

  package = var.source_dir == null ? local.given : local.built
}

# Builds at apply and only when an input has changed. Where .terraform was thrown away between a build and the upload of
# that same build (a runner that failed half-way), `terraform apply -replace` of this resource builds again.
resource "terraform_data" "package" {
  count = var.source_dir == null ? 0 : 1

  input            = "${path.root}/.terraform/mcp-lambda/${var.name}-${substr(local.package_hash, 0, 12)}.zip"
  triggers_replace = local.package_hash

  provisioner "local-exec" {
    # Values travel as environment variables: no quote or space in a path becomes part of the command.
    command = "python3 \"$BUILDER\" --source-dir \"$SOURCE_DIR\" --output \"$OUTPUT\" --entrypoint \"$ENTRYPOINT\" --runtime \"$RUNTIME\" --architecture \"$ARCHITECTURE\""

    environment = {
      BUILDER      = "${local.builder}/build.py"
      SOURCE_DIR   = var.source_dir
      OUTPUT       = self.input
      ENTRYPOINT   = var.entrypoint
      RUNTIME      = var.runtime
      ARCHITECTURE = var.architecture
    }
  }

  # Each build has its own name, so an old one would stay for ever.
  provisioner "local-exec" {
    when        = destroy
    command     = "rm -f -- \"$OUTPUT\""
    environment = { OUTPUT = self.input }
  }

  lifecycle {
    precondition {
      condition     = length(fileset(var.source_dir, "**")) > 0
      error_message = "source_dir is \"${var.source_dir}\", but there is no such directory, or nothing in it."
    }

    precondition {
      condition     = anytrue([for file in ["${local.entry_module}.py", "${local.entry_module}/__init__.py"] : contains(local.source_files, file)])
      error_message = "entrypoint is \"${var.entrypoint}\", but \"${var.source_dir}\" has neither ${local.entry_module}.py nor ${local.entry_module}/__init__.py."
    }
  }
}
