# GET and DELETE of the MCP endpoint. Clients of the handshake era ask for a stream by the one, at each connect, and end
# a session by the other. There is neither, so the gateway answers both itself: the function would need an environment
# more, as clients go on meanwhile. Who may not call is refused before.

locals {
  unserved_routes = formatlist("%s ${var.paths.mcp}", ["GET", "DELETE"])
}

# An HTTP API has no answer of its own, but it may give one of another API with another status. This one serves nothing:
# it has no route and no stage, and its endpoint is closed. So it answers 404 to everybody, and no code runs.
resource "aws_apigatewayv2_api" "unserved" {
  name          = "${var.api.name}-unserved"
  description   = "Serves nothing: the MCP server ${var.api.name} makes 405 of its 404"
  protocol_type = "HTTP"
  tags          = var.api.tags

  disable_execute_api_endpoint = true

  lifecycle {
    create_before_destroy = true # as the front
  }
}

# The caller's headers go there, credentials too: Authorization is reserved, so that nothing can take it out ("Transform
# API requests and responses for HTTP APIs"). They stay in API Gateway, which has them already, and in this account.
resource "aws_apigatewayv2_integration" "unserved" {
  api_id             = aws_apigatewayv2_api.front.id
  integration_type   = "HTTP_PROXY"
  integration_method = "ANY"
  integration_uri    = aws_apigatewayv2_api.unserved.api_endpoint

  # AWS names 404 for a path without a route and for a closed endpoint. The others are refusals that it knows for other
  # APIs and for an account that asks too much. They are about nobody who calls this API, and a client takes 401 for a
  # reason to log in.
  dynamic "response_parameters" {
    for_each = toset(["401", "403", "404", "429"])

    content {
      status_code = response_parameters.value
      mappings    = { "overwrite:statuscode" = "405", "append:header.allow" = "POST" }
    }
  }

  lifecycle {
    create_before_destroy = true # as the front
  }
}
