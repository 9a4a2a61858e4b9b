# GET and DELETE of the MCP endpoint. Clients of the handshake era ask for a stream by the one, at each connect, and end
# a session by the other. There is neither, so the gateway answers both itself: the function would need an environment
# more, as clients go on meanwhile. Who may not call is refused before.

locals {
  unserved = {
    for method in ["GET", "DELETE"] : "${method} ${var.paths.mcp}" => jsonencode({
      jsonrpc = "2.0", id = null, error = { code = 405, message = "${method} is not served here, only POST." }
    })
  }

  unserved_headers = merge({ Allow = "'POST'" }, local.cors_headers)

  # All that the answers may have, whether it has them or not: a header is to be declared before it is given, and taken
  # out of the answers before the declaration, and Terraform would change the declaration first in both cases.
  declared_headers = ["Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Allow"]
}

# By default, an API that takes any body as binary data takes these templates and answers for such data too, and fails
# with 500 (chalice#1310; API Gateway Developer Guide, "Content type conversions in API Gateway").
resource "aws_api_gateway_integration" "unserved" {
  for_each = local.unserved

  rest_api_id          = aws_api_gateway_rest_api.front.id
  resource_id          = aws_api_gateway_method.front[each.key].resource_id
  http_method          = aws_api_gateway_method.front[each.key].http_method
  type                 = "MOCK"
  content_handling     = "CONVERT_TO_TEXT"
  passthrough_behavior = "NEVER" # of another media type is no status, for which there is a template: 415
  request_templates    = { "application/json" = jsonencode({ statusCode = 405 }) }
}

resource "aws_api_gateway_method_response" "unserved" {
  for_each = local.unserved

  rest_api_id         = aws_api_gateway_rest_api.front.id
  resource_id         = aws_api_gateway_method.front[each.key].resource_id
  http_method         = aws_api_gateway_method.front[each.key].http_method
  status_code         = "405"
  response_parameters = { for name in local.declared_headers : "method.response.header.${name}" => true }
}

resource "aws_api_gateway_integration_response" "unserved" {
  for_each = local.unserved

  rest_api_id         = aws_api_gateway_rest_api.front.id
  resource_id         = aws_api_gateway_integration.unserved[each.key].resource_id
  http_method         = aws_api_gateway_integration.unserved[each.key].http_method
  status_code         = aws_api_gateway_method_response.unserved[each.key].status_code
  content_handling    = "CONVERT_TO_TEXT"
  response_parameters = { for name, value in local.unserved_headers : "method.response.header.${name}" => value }
  response_templates  = { "application/json" = each.value }
}
