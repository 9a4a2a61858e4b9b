# Nothing is open by accident: every `auth` that does not say exactly one way in is refused.

mock_provider "aws" {}

variables {
  name       = "orders"
  source_dir = "examples/basic/server"
}

run "type_unknown" {
  command = plan
  variables { auth = { type = "open" } }
  expect_failures = [var.auth]
}

run "type_empty" {
  command = plan
  variables { auth = { type = "" } }
  expect_failures = [var.auth]
}

run "type_in_capitals" {
  command = plan
  variables { auth = { type = "NONE" } }
  expect_failures = [var.auth]
}

run "jwt_without_issuer" {
  command = plan
  variables { auth = { type = "jwt", audience = ["orders"] } }
  expect_failures = [var.auth]
}

run "jwt_without_audience" {
  command = plan
  variables { auth = { type = "jwt", issuer = "https://login.example.com/" } }
  expect_failures = [var.auth]
}

run "jwt_with_misspelt_audience" { # Terraform drops the key: only asking for the right one finds it
  command = plan
  variables { auth = { type = "jwt", issuer = "https://login.example.com/", audiences = ["orders"] } }
  expect_failures = [var.auth]
}

run "jwt_with_no_audience_in_the_list" {
  command = plan
  variables { auth = { type = "jwt", issuer = "https://login.example.com/", audience = [] } }
  expect_failures = [var.auth]
}

run "jwt_with_empty_audience" {
  command = plan
  variables { auth = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders", " "] } }
  expect_failures = [var.auth]
}

run "jwt_with_null_audience" {
  command = plan
  variables { auth = { type = "jwt", issuer = "https://login.example.com/", audience = [null] } }
  expect_failures = [var.auth]
}

run "jwt_with_http_issuer" {
  command = plan
  variables { auth = { type = "jwt", issuer = "http://login.example.com/", audience = ["orders"] } }
  expect_failures = [var.auth]
}

run "jwt_with_issuer_without_scheme" {
  command = plan
  variables { auth = { type = "jwt", issuer = "login.example.com", audience = ["orders"] } }
  expect_failures = [var.auth]
}

run "jwt_with_empty_issuer" {
  command = plan
  variables { auth = { type = "jwt", issuer = "", audience = ["orders"] } }
  expect_failures = [var.auth]
}

run "jwt_with_two_scopes_in_one" {
  command = plan
  variables { auth = { type = "jwt", issuer = "https://login.example.com/", audience = ["orders"], scopes = ["read write"] } }
  expect_failures = [var.auth]
}

run "none_with_issuer" {
  command = plan
  variables { auth = { type = "none", issuer = "https://login.example.com/" } }
  expect_failures = [var.auth]
}

run "none_with_audience" {
  command = plan
  variables { auth = { type = "none", audience = ["orders"] } }
  expect_failures = [var.auth]
}

run "iam_with_scopes" {
  command = plan
  variables { auth = { type = "iam", scopes = ["orders/read"] } }
  expect_failures = [var.auth]
}
