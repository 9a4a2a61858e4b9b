# MCP's multi-round calls hand their state to the client, sealed. Each execution environment must open what another one
# sealed, so all share these keys; the SDK's own default is a new key per process. A key is 256 bits made from three
# random UUIDs (122 bits each). uuid() gives another value at every plan, so changes are ignored.
# The key is kept in `triggers_replace`: `input` would be repeated in `output`, which `terraform show` prints.
resource "terraform_data" "request_state_key" {
  for_each = toset(var.request_state_keys)

  triggers_replace = sensitive(base64sha256(join(" ", [uuid(), uuid(), uuid()])))

  lifecycle {
    ignore_changes = [triggers_replace]
  }
}

locals {
  request_state_parameter = "/mcp-lambda/${var.name}/request-state-keys"
}

# Not an environment variable, since everyone who may read the function's configuration sees those.
resource "aws_ssm_parameter" "request_state_keys" {
  name        = local.request_state_parameter
  description = "Keys that seal the request state of the MCP server ${var.name}: the first seals, all open"
  type        = "SecureString"
  key_id      = coalesce(var.kms_key_arn, "alias/aws/ssm") # null would leave it under a key that was taken away
  value = jsonencode([
    for label in var.request_state_keys : terraform_data.request_state_key[label].triggers_replace
  ])
  tags = var.tags
}
