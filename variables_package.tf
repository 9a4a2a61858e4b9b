variable "source_dir" {
  description = <<-EOT
    Directory with the server: the entrypoint's module and, if it needs any, a requirements.txt.
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
      private_keys names ${join(", ", var.private_keys)}, but there is no source_dir whose files it could name.
    EOT
  }
}

variable "package_file" {
  description = "Finished zip made by function/build.py, for runners that cannot build. Give this or source_dir."
  type        = string
  default     = null
}

variable "entrypoint" {
  description = <<-EOT
    Where the server is, as module:attribute: an MCPServer or low-level Server of the official SDK, a FastMCP of the
    package fastmcp, any ASGI application, or a function without required arguments that returns one of these.
    null: the build finds it, server:mcp before any other, and ends where there are several.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.entrypoint == null || can(regex(local.patterns.entrypoint, var.entrypoint))
    error_message = <<-EOT
      entrypoint is "${coalesce(var.entrypoint, "null")}", but must be a Python module and an attribute in it,
      such as "server:mcp".
    EOT
  }
}

variable "trial_start" {
  description = <<-EOT
    Whether the build starts the server once, so that what would end its start on Lambda ends the build: where the
    target's Python runs, in a process that gets environment, but no credentials, no secrets and no network. Elsewhere
    its imports are read.
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
}

variable "runtime" {
  description = "Python runtime of the function."
  type        = string
  default     = "python3.13"
  nullable    = false

  validation {
    condition     = contains(keys(local.contract.runtimes), var.runtime)
    error_message = <<-EOT
      runtime is "${var.runtime}", but must be one of ${join(", ", keys(local.contract.runtimes))}.
      The locked dependencies are resolved for these.
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
