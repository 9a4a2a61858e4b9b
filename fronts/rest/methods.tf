# What the API answers at which path.

locals {
  # The author's own routes (/ and /{proxy+}) are as shut as the tools. A path that has not the method that is asked for
  # falls to /{proxy+}, so that nothing is found unguarded.
  guarded_methods = concat(["ANY /", "ANY ${var.paths.mcp}", "ANY /{proxy+}"], keys(local.unserved))

  # A preflight carries no credentials.
  preflight_methods = local.has_cors ? ["OPTIONS ${var.paths.mcp}", "OPTIONS /{proxy+}"] : []
  has_login         = nonsensitive(var.functions.login != null)
  login_methods     = local.has_login ? var.functions.login.routes : []
  login_uri         = local.has_login ? var.functions.login.invoke_arn : null
  open_methods      = concat(formatlist("GET %s", var.paths.open), local.preflight_methods, local.login_methods)

  # The type of authorization, by method and path.
  methods = merge(
    { for key in local.guarded_methods : key => var.authorization.type },
    { for key in local.open_methods : key => "none" },
  )

  # A resource is a part of a path below another resource. Terraform's cannot refer to others of the same name, so each
  # level has one of its own.
  paths = [for key in keys(local.methods) : compact(split("/", split(" ", key)[1]))]
  nodes = distinct(flatten([for parts in local.paths : [for level, part in parts : {
    level  = level
    part   = part
    path   = "/${join("/", slice(parts, 0, level + 1))}"
    parent = "/${join("/", slice(parts, 0, level))}"
  }]]))
  levels = [for level in range(3) : { for node in local.nodes : node.path => node if node.level == level }]

  resource_ids = merge(
    { "/" = aws_api_gateway_rest_api.front.root_resource_id },
    { for path, resource in aws_api_gateway_resource.first : path => resource.id },
    { for path, resource in aws_api_gateway_resource.second : path => resource.id },
    { for path, resource in aws_api_gateway_resource.third : path => resource.id },
  )
}

resource "aws_api_gateway_resource" "first" {
  for_each = local.levels[0]

  rest_api_id = aws_api_gateway_rest_api.front.id
  parent_id   = aws_api_gateway_rest_api.front.root_resource_id
  path_part   = each.value.part
}

resource "aws_api_gateway_resource" "second" {
  for_each = local.levels[1]

  rest_api_id = aws_api_gateway_rest_api.front.id
  parent_id   = aws_api_gateway_resource.first[each.value.parent].id
  path_part   = each.value.part
}

resource "aws_api_gateway_resource" "third" {
  for_each = local.levels[2]

  rest_api_id = aws_api_gateway_rest_api.front.id
  parent_id   = aws_api_gateway_resource.second[each.value.parent].id
  path_part   = each.value.part
}

resource "aws_api_gateway_method" "front" {
  #checkov:skip=CKV_AWS_59:Open are /health, OAuth's documents and preflights, or all with auth none; see the table.
  #checkov:skip=CKV2_AWS_53:The host checks requests, and answers as the protocol says.
  for_each = local.methods

  rest_api_id   = aws_api_gateway_rest_api.front.id
  resource_id   = local.resource_ids[split(" ", each.key)[1]]
  http_method   = split(" ", each.key)[0]
  authorization = local.authorizations[each.value].type
  authorizer_id = local.authorizations[each.value].authorizer_id
}

resource "aws_api_gateway_integration" "live" {
  for_each = { for key, method in aws_api_gateway_method.front : key => method if !contains(keys(local.unserved), key) }

  rest_api_id             = aws_api_gateway_rest_api.front.id
  resource_id             = each.value.resource_id
  http_method             = each.value.http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST" # as Lambda is asked, whatever the client's method
  uri                     = contains(local.login_methods, each.key) ? local.login_uri : var.functions.live.invoke_arn
  timeout_milliseconds    = var.api.timeout_seconds * 1000

  depends_on = [aws_lambda_permission.front, aws_lambda_permission.login]
}
