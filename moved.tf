# Addresses that have changed. Without these, an apply would delete what has the old address and make it anew.

moved {
  from = terraform_data.package[0]
  to   = terraform_data.package["server"]
}

moved {
  from = aws_apigatewayv2_api.door
  to   = aws_apigatewayv2_api.front
}

moved {
  from = aws_apigatewayv2_stage.door
  to   = aws_apigatewayv2_stage.front
}

moved {
  from = aws_apigatewayv2_route.door
  to   = aws_apigatewayv2_route.front
}

moved {
  from = aws_apigatewayv2_domain_name.door
  to   = aws_apigatewayv2_domain_name.front
}

moved {
  from = aws_apigatewayv2_api_mapping.door
  to   = aws_apigatewayv2_api_mapping.front
}

moved {
  from = aws_route53_record.door
  to   = aws_route53_record.front
}

# The access log has another name (front.tf). What the old group holds stays, for as long as it says, and is no longer
# part of the stack. Both addresses are of this group: "door" is the older one.
removed {
  from = aws_cloudwatch_log_group.door

  lifecycle {
    destroy = false
  }
}

removed {
  from = aws_cloudwatch_log_group.front

  lifecycle {
    destroy = false
  }
}

moved {
  from = aws_lambda_permission.door
  to   = aws_lambda_permission.front
}

# What the HTTP API consists of has a folder of its own: fronts/http.

moved {
  from = aws_apigatewayv2_api.front
  to   = module.http[0].aws_apigatewayv2_api.front
}

moved {
  from = aws_apigatewayv2_stage.front
  to   = module.http[0].aws_apigatewayv2_stage.front
}

moved {
  from = aws_apigatewayv2_integration.live
  to   = module.http[0].aws_apigatewayv2_integration.live
}

moved {
  from = aws_apigatewayv2_route.front
  to   = module.http[0].aws_apigatewayv2_route.front
}

moved {
  from = aws_apigatewayv2_authorizer.jwt
  to   = module.http[0].aws_apigatewayv2_authorizer.jwt
}

moved {
  from = aws_apigatewayv2_authorizer.function
  to   = module.http[0].aws_apigatewayv2_authorizer.function
}

moved {
  from = aws_lambda_permission.front
  to   = module.http[0].aws_lambda_permission.front
}

moved {
  from = aws_lambda_permission.authorizer
  to   = module.http[0].aws_lambda_permission.authorizer
}

# The roles of all functions are one resource.

moved {
  from = aws_iam_role.server
  to   = aws_iam_role.function["server"]
}

moved {
  from = aws_iam_role.authorizer[0]
  to   = aws_iam_role.function["authorizer"]
}

# The functions around the author's server are made in one place: lambda.

moved {
  from = aws_lambda_function.server
  to   = module.server.aws_lambda_function.server
}

moved {
  from = aws_lambda_function.worker[0]
  to   = module.worker[0].aws_lambda_function.server
}
