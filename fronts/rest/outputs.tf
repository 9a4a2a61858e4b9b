output "origin" {
  description = "Where the API answers without a domain of one's own; a path follows."
  value       = local.generated_origin
}

output "api_id" {
  description = "Identifier of the API."
  value       = aws_api_gateway_rest_api.front.id
}

output "stage" {
  description = "Name of the stage that a domain leads to."
  value       = aws_api_gateway_stage.live.stage_name

  # A domain leads to it when it can answer, and when what keeps it shut is there.
  depends_on = [
    aws_api_gateway_method_settings.live, aws_lambda_permission.front, aws_wafv2_web_acl_association.live,
  ]
}

output "execution_arn" {
  description = "ARN that execute-api:Invoke is granted on, followed by /stage/method/path."
  value       = aws_api_gateway_rest_api.front.execution_arn
}

output "metric_dimensions" {
  description = "Dimensions of the API's metrics in the namespace AWS/ApiGateway."
  value       = { ApiName = aws_api_gateway_rest_api.front.name, Stage = local.stage }

  # Alarms turn to it when it can answer, and what they looked at before goes last.
  depends_on = [
    aws_api_gateway_method_settings.live, aws_lambda_permission.front, aws_wafv2_web_acl_association.live,
  ]
}

output "facts" {
  description = <<-EOT
    What is known before there is an API: names of its metrics, the price of a million requests in us-east-1 (noted in
    2026-11), whether it checks a JWT itself, whether an authorizer refuses a caller by an error, and whether it answers
    at the root of its generated name.
  EOT
  value = {
    metrics             = { requests = "Count", failures = "5XXError", refusals = "4XXError", latency = "Latency" }
    dollars_per_million = 3.50
    refuses_by_error    = true
    checks_jwt          = false
    answers_at_the_root = false
  }
}
