output "origin" {
  description = "Where the API answers without a domain of one's own; a path follows."
  value       = aws_apigatewayv2_api.front.api_endpoint
}

output "api_id" {
  description = "Identifier of the API."
  value       = aws_apigatewayv2_api.front.id
}

output "stage" {
  description = "Name of the stage that a domain leads to."
  value       = aws_apigatewayv2_stage.front.name

  # A domain leads to it when it can answer.
  depends_on = [aws_apigatewayv2_route.front, aws_lambda_permission.front]
}

output "execution_arn" {
  description = "ARN that execute-api:Invoke is granted on, followed by /stage/method/path."
  value       = aws_apigatewayv2_api.front.execution_arn
}

output "metric_dimensions" {
  description = "Dimensions of the API's metrics in the namespace AWS/ApiGateway."
  value       = { ApiId = aws_apigatewayv2_api.front.id }

  # Alarms turn to it when it can answer, and what they looked at before goes last.
  depends_on = [aws_apigatewayv2_route.front, aws_lambda_permission.front]
}

output "facts" {
  description = <<-EOT
    What is known before there is an API: names of its metrics, the price of a million requests in us-east-1 (noted in
    2026-11), whether it checks a JWT itself, whether an authorizer refuses a caller by an error, and whether it answers
    at the root of its generated name.
  EOT
  value = {
    metrics             = { requests = "Count", failures = "5xx", refusals = "4xx", latency = "Latency" }
    dollars_per_million = 1.00
    refuses_by_error    = false
    checks_jwt          = true
    answers_at_the_root = true
  }
}
