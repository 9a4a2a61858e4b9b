locals {
  bucket_keys = ["name", "prefix"]
  object_key  = "${try(coalesce(var.package_bucket.prefix, ""), "")}${var.name}.zip"

  # Where the zip is uploaded by way of; "": directly. Another way is another upload.
  object = var.package_bucket == null ? "" : "s3://${var.package_bucket.name}/${local.object_key}"

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

# The server's zip on its way through S3. Lambda keeps a copy of it, and asks for this one at an upload only.
resource "aws_s3_object" "package" {
  count = var.package_bucket == null ? 0 : 1

  bucket      = var.package_bucket.name
  key         = local.object_key
  source      = local.zips.server.file
  source_hash = terraform_data.upload["server"].id

  # S3 takes ten tags, Lambda fifty, and who applies would have to be allowed to tag.
  override_provider {
    default_tags {
      tags = {}
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
