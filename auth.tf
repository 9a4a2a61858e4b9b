locals {
  # What each type takes. A new type is a row here and a row in `doors`.
  auth_attributes = {
    none = { type = "required" }
    iam  = { type = "required" }
    jwt  = { type = "required", issuer = "required", audience = "required", scopes = "optional" }
  }

  # How the gateway checks a caller before the function is invoked: a refused request costs no invocation.
  doors = {
    none = { type = "NONE", authorizer_id = null, scopes = null }
    iam  = { type = "AWS_IAM", authorizer_id = null, scopes = null }
    jwt  = { type = "JWT", authorizer_id = one(aws_apigatewayv2_authorizer.jwt[*].id), scopes = var.auth.scopes }
  }

  guarded = local.doors[var.auth.type]
  open    = local.doors["none"]
}

# Signature, issuer, audience and times of a token are the gateway's to check. Only the header counts: a token in the
# query would end in logs and histories.
resource "aws_apigatewayv2_authorizer" "jwt" {
  count = var.auth.type == "jwt" ? 1 : 0

  api_id           = aws_apigatewayv2_api.door.id
  name             = "jwt"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = var.auth.issuer
    audience = var.auth.audience
  }
}
