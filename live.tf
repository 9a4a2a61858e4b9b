# All traffic goes to the alias, never to $LATEST: a new version takes over in one step, and provisioned concurrency,
# SnapStart and gradual roll-out can be added without changing a URL.
resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "What the API calls"
  function_name    = aws_lambda_function.server.function_name
  function_version = aws_lambda_function.server.version
}
