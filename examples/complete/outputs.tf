output "url" {
  value = module.mcp.url
}

output "domain_target" {
  value = module.mcp.domain_target
}

output "api_id" {
  value = module.mcp.api_id
}

output "live_version" {
  value = module.mcp.live_version
}

output "newest_version" {
  value = module.mcp.newest_version
}

output "token_url" {
  value = join("", [
    "https://${aws_cognito_user_pool_domain.login.domain}.auth.${data.aws_region.here.id}.amazoncognito.com",
    "/oauth2/token",
  ])
}

output "client_id" {
  value = aws_cognito_user_pool_client.machines["crm"].id
}

output "client_secret" {
  value     = aws_cognito_user_pool_client.machines["crm"].client_secret
  sensitive = true
}
