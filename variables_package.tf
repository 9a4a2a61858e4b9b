variable "source_dir" {
  description = <<-EOT
    Directory with the server: the entrypoint's module and, if it needs any, a requirements.txt; a project with a
    pyproject.toml; or one of Node.js with a package.json and a package-lock.json.
    It is packaged at apply. Give this or package_file.
  EOT
  type        = string
  default     = null

  validation {
    condition     = (var.source_dir == null) != (var.package_file == null)
    error_message = <<-EOT
      Exactly one of source_dir and package_file is needed, but
      ${var.source_dir == null ? "neither" : "both"} of them is given.
      There is one package, and one place it comes from.
    EOT
  }
}

variable "private_keys" {
  description = <<-EOT
    Files below source_dir that are packed although they hold a private key; any other such file ends the build.
  EOT
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.private_keys) == 0 || var.source_dir != null
    error_message = <<-EOT
      private_keys names ${join(", ", compact(var.private_keys))}, but there is no source_dir whose files it could name.
    EOT
  }

  validation {
    condition     = alltrue([for file in var.private_keys : try(length(file) > 0, false)])
    error_message = <<-EOT
      private_keys is ${jsonencode(var.private_keys)}.
      Each must be the path of a file below source_dir, such as "client.pem".
    EOT
  }
}

variable "package_file" {
  description = "Finished zip made by function/build.py, for runners that cannot build. Give this or source_dir."
  type        = string
  default     = null
}

variable "package_bucket" {
  description = <<-EOT
    An S3 bucket of the function's region through which the zip is uploaded: { name, prefix? }. Its object is
    PREFIX, as it is, and NAME.zip. The zip may then have 250 MB unpacked, whatever its size.
    null: a direct upload, of 50 MB at most.
  EOT
  type        = map(string) # an object would drop a misspelt key without a word
  default     = null

  validation {
    condition     = try(length(setsubtract(keys(var.package_bucket), local.bucket_keys)) == 0, true)
    error_message = <<-EOT
      package_bucket has ${join(", ", try(setsubtract(keys(var.package_bucket), local.bucket_keys), []))}.
      Its keys are ${join(" and ", local.bucket_keys)}.
    EOT
  }

  validation {
    condition     = var.package_bucket == null || can(regex(local.patterns.bucket, var.package_bucket.name))
    error_message = <<-EOT
      package_bucket.name is ${jsonencode(try(var.package_bucket.name, null))}, but must be the name of an S3 bucket,
      such as acme-packages: 3 to 63 lower-case letters, digits, dots and hyphens, without a scheme or an ARN.
    EOT
  }

  validation {
    condition     = can(regex(local.patterns.object_prefix, try(coalesce(var.package_bucket.prefix, ""), "")))
    error_message = <<-EOT
      package_bucket.prefix is ${jsonencode(try(var.package_bucket.prefix, null))}, but must be at most 512 letters,
      digits and the characters / ! - _ . * ' ( ), such as "mcp/": S3 takes them everywhere.
    EOT
  }
}

variable "entrypoint" {
  description = <<-EOT
    Where the server is, as module:attribute: an MCPServer or low-level Server of the official SDK, a FastMCP of the
    package fastmcp, any ASGI application, or a function without required arguments that returns one of these.
    In TypeScript, as module:export, such as src/server:default: an McpServer of @modelcontextprotocol/server, a
    function that returns one, or an object with a fetch method.
    null: the build finds it, server:mcp or server:default before any other, and ends where there are several.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.entrypoint == null || can(regex(local.patterns.node_entrypoint, var.entrypoint))
    error_message = <<-EOT
      entrypoint is "${coalesce(var.entrypoint, "null")}", but must be a module and what is to be taken of it,
      such as "server:mcp" in Python or "src/server:default" in TypeScript.
    EOT
  }

  validation {
    condition     = var.entrypoint == null || local.is_node || can(regex(local.patterns.entrypoint, var.entrypoint))
    error_message = <<-EOT
      entrypoint is "${coalesce(var.entrypoint, "null")}", but must be a Python module and an attribute in it,
      such as "server:mcp", where runtime is "${var.runtime}".
    EOT
  }
}

variable "trial_start" {
  description = <<-EOT
    Whether the build starts the server once, so that what would end its start on Lambda ends the build: where the
    target's Python runs, in a process that gets environment, but no credentials, no secrets and no network. What
    required_scopes and tasks name must be there. Elsewhere its imports are read.
  EOT
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = var.trial_start || var.source_dir != null
    error_message = <<-EOT
      trial_start is false, but there is no source_dir to build: give --no-trial-start to function/build.py when it
      makes package_file.
    EOT
  }
}

variable "sdk_1_compatibility" {
  description = <<-EOT
    Whether a server that is written for SDK 1 of MCP (mcp.server.fastmcp, McpError) is run on SDK 2: SDK 1's names
    stand for those of SDK 2. A build refuses it otherwise.
  EOT
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.sdk_1_compatibility || var.source_dir != null
    error_message = <<-EOT
      sdk_1_compatibility is true, but there is no source_dir to build:
      give --sdk-1-compatibility to function/build.py when it makes package_file.
    EOT
  }

  validation {
    condition     = !(var.sdk_1_compatibility && local.is_node)
    error_message = <<-EOT
      sdk_1_compatibility is true, but runtime is "${var.runtime}": it gives a server in Python the names of SDK 1.
      A server in TypeScript moves to @modelcontextprotocol/server by its own code; docs/typescript.md says how.
    EOT
  }
}

variable "runtime" {
  description = <<-EOT
    Runtime of the function: Python's, or Node.js's for a server in TypeScript or JavaScript.
    python3.14 and nodejs24.x need version 6.20 or newer of hashicorp/aws.
  EOT
  type        = string
  default     = "python3.13"
  nullable    = false

  validation {
    condition     = contains(local.runtimes, var.runtime)
    error_message = <<-EOT
      runtime is "${var.runtime}", but must be one of ${join(", ", local.runtimes)}.
      The host is made for these.
    EOT
  }

  validation {
    condition     = !contains(keys(local.later_runtimes), var.runtime)
    error_message = <<-EOT
      runtime is "${var.runtime}", which hashicorp/aws knows from version
      ${lookup(local.later_runtimes, var.runtime, "")} on,
      but .terraform.lock.hcl has ${join(".", coalesce(local.locked_provider, []))}.
      Run `terraform init -upgrade`, or take an older runtime where something else keeps the provider at that version.
    EOT
  }
}

variable "architecture" {
  description = "Processor of the function: arm64 (a fifth cheaper) or x86_64."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(keys(local.contract.architectures), var.architecture)
    error_message = <<-EOT
      architecture is "${var.architecture}", but must be ${join(" or ", keys(local.contract.architectures))}.
      Lambda has no other.
    EOT
  }
}

variable "layers" {
  description = <<-EOT
    ARNs of the layer versions that the function gets below /opt, such as extensions of a monitoring service.
    A module in the package hides one of the same name in a layer.
  EOT
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.layers : can(regex(local.patterns.layer_arn, arn))])
    error_message = <<-EOT
      layers is ${jsonencode(var.layers)}.
      Each must be the ARN of a layer's version, such as arn:aws:lambda:eu-west-1:111122223333:layer:tools:3.
    EOT
  }

  validation {
    condition     = length(var.layers) <= 5
    error_message = "layers holds ${length(var.layers)} layers, but a function takes at most 5."
  }

  validation {
    condition = try(
      length(distinct([for arn in var.layers : replace(arn, "/:[0-9]+$/", "")])) == length(var.layers), true
    )
    error_message = <<-EOT
      layers is ${jsonencode(var.layers)}, but a function takes one version of a layer.
    EOT
  }
}

variable "code_signing_config_arn" {
  description = <<-EOT
    Code signing configuration, by its ARN, by which Lambda checks who has signed package_file and the layers.
    The module's own authorizer (auth.type token) is not signed. null: Lambda checks no signature.
  EOT
  type        = string
  default     = null

  validation {
    condition = var.code_signing_config_arn == null || can(
      regex(local.patterns.code_signing_config_arn, var.code_signing_config_arn)
    )
    error_message = <<-EOT
      code_signing_config_arn is ${jsonencode(var.code_signing_config_arn)}, but must be the ARN of a configuration,
      such as arn:aws:lambda:eu-west-1:111122223333:code-signing-config:csc-0123456789abcdef0.
    EOT
  }

  validation {
    condition     = var.code_signing_config_arn == null || var.package_file != null
    error_message = <<-EOT
      code_signing_config_arn is given with source_dir, but nobody signs what is built at apply, and Lambda would refuse
      it: build the package with function/build.py, have AWS Signer sign it, and give the signed zip as package_file.
    EOT
  }
}
