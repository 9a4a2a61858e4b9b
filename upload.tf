locals {
  bucket_keys = ["name", "prefix"]
  object_key  = "${try(coalesce(var.package_bucket.prefix, ""), "")}${var.name}.zip"

  # Where the zip is uploaded by way of; "": directly. Another way is another upload.
  object = var.package_bucket == null ? "" : "s3://${var.package_bucket.name}/${local.object_key}"
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
