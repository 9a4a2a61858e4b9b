output "url" {
  description = "The MCP endpoint."
  value       = local.endpoint
}

output "domain_target" {
  description = <<-EOT
    Where the DNS of custom_domain has to lead, for records that are made elsewhere: { name, zone_id }.
    name is for a CNAME or an alias, zone_id for an alias. null without custom_domain.
  EOT
  value       = local.domain_target
}

output "api_id" {
  description = "Identifier of the API."
  value       = local.front.api_id
}

output "function_name" {
  description = "Name of the function."
  value       = module.server.function.function_name
}

output "function_arn" {
  description = "ARN of the function, without version."
  value       = module.server.function.arn
}

output "alias_arn" {
  description = "ARN of the alias that the API calls."
  value       = aws_lambda_alias.live.arn
}

output "live_version" {
  description = "Version that the alias points to: the one to name in canary or rollback_to before a change."
  value       = aws_lambda_alias.live.function_version
}

output "newest_version" {
  description = "Version published last; with canary it gets a share of the calls, with rollback_to none."
  value       = local.newest_version
}

output "role_name" {
  description = "Name of the function's role, to attach further policies to."
  value       = aws_iam_role.function["server"].name
}

output "role_arn" {
  description = "ARN of the function's role, to name in the policy of a resource or of a key."
  value       = aws_iam_role.function["server"].arn
}

output "log_group_name" {
  description = "Log group of the function."
  value       = aws_cloudwatch_log_group.server.name
}

output "front_log_group_name" {
  description = "Log group of the API: one line for each request, refused ones included; null with access_log = false."
  value       = one(aws_cloudwatch_log_group.access[*].name)
}

output "authorizer_function_name" {
  description = "Name of the module's own authorizer; null unless auth.type is token, or jwt with front rest."
  value       = one(aws_lambda_function.authorizer[*].function_name)
}

output "authorizer_log_group_name" {
  description = "Log group of the module's own authorizer; null unless auth.type is token, or jwt with front rest."
  value       = one(aws_cloudwatch_log_group.authorizer[*].name)
}

output "tasks_function_name" {
  description = "Name of the function that runs tasks; null unless tasks is given."
  value       = one(module.worker[*].function.function_name)
}

output "tasks_log_group_name" {
  description = "Log group of the function that runs tasks; null unless tasks is given."
  value       = one(aws_cloudwatch_log_group.worker[*].name)
}

output "tasks_table_name" {
  description = "Name of the DynamoDB table that keeps tasks; null unless tasks is given."
  value       = one(aws_dynamodb_table.tasks[*].name)
}

output "login_callback_url" {
  description = <<-EOT
    The one callback URL that the identity provider has to allow where auth has login.
    It does not depend on auth, so that the client at the provider, which auth names, can be made with it.
  EOT
  value       = local.callback_url
}

output "login_function_name" {
  description = "Name of the function where people log in; null unless auth has login."
  value       = one(aws_lambda_function.login[*].function_name)
}

output "login_log_group_name" {
  description = "Log group of the function where people log in; null unless auth has login."
  value       = one(aws_cloudwatch_log_group.login[*].name)
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard; null unless dashboard is true."
  value       = one(aws_cloudwatch_dashboard.server[*].dashboard_name)
}

output "alarm_arns" {
  description = "ARNs of the alarms, by alarm."
  value       = { for key, alarm in aws_cloudwatch_metric_alarm.server : key => alarm.arn }
}

output "execution_arn" {
  description = "ARN that execute-api:Invoke is granted on, followed by /stage/method/path."
  value       = local.front.execution_arn
}

output "resource_metadata_url" {
  description = "OAuth protected-resource metadata (RFC 9728); null unless auth.type is jwt."
  value       = local.auth.type == "jwt" ? "${local.origin}${local.metadata_paths[1]}" : null
}
