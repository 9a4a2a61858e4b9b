variable "auth" {
  description = <<-EOT
    Who may call. There is no default: nothing is open by omission.
    { type = "none" }: everybody.
    { type = "iam" }: who signs with AWS credentials.
    { type = "jwt", issuer, audience, scopes?, scope_claims?, advertised_scopes?, login? }: who has a token of that
    issuer.
    With scopes, the token needs at least one of them in its claim scope or scp.
    The values of scope_claims, such as "roles" or "permissions", count as scopes for required_scopes, too.
    advertised_scopes are what clients are told to ask for, where the provider's tokens name scopes in another way.
    With login = { client_id, client_secret?, scopes?, allowed_clients?, keys? } people log in by any MCP client through
    that one client of the provider's; see docs/login.md.
    { type = "token", ssm_parameter, header?, ttl? }: who has a key whose hash is in that SSM SecureString (its ARN).
    The key is sent in the header "authorization" (as Bearer, the default) or "x-api-key".
    A revoked key works for up to ttl (60) seconds and a minute.
    { type = "lambda", function_arn, identity_sources?, ttl? }: whom your own authorizer admits.
    It is of the kind REQUEST, with payload format 2.0 and simple responses, and is asked again after ttl (300) seconds.
  EOT
  # An object would drop a misspelt key without a word, and leave a server more open than its author believes.
  type     = any
  nullable = false

  validation {
    condition     = can(keys(var.auth))
    error_message = "auth must be an object with a type, such as { type = \"iam\" }."
  }

  validation {
    condition     = try(length(setsubtract(keys(var.auth), local.auth_keys)) == 0, true)
    error_message = <<-EOT
      auth has ${join(", ", try(setsubtract(nonsensitive(keys(var.auth)), local.auth_keys), []))}.
      Its keys are ${join(", ", local.auth_keys)}.
    EOT
  }

  validation {
    condition     = try(contains(keys(local.auth_types), var.auth.type), false)
    error_message = <<-EOT
      auth.type is ${jsonencode(try(var.auth.type, null))}, but must be one of ${join(", ", keys(local.auth_types))}.
    EOT
  }

  # What a type needs is asked for by name …
  validation {
    condition = alltrue([
      for key in try(local.auth_types[var.auth.type].required, []) : try(var.auth[key], null) != null
    ])
    error_message = join(" ", [
      "auth.type ${jsonencode(try(var.auth.type, null))} needs",
      join(" and ", [
        for key in try(local.auth_types[var.auth.type].required, []) : key if try(var.auth[key], null) == null
      ]),
      "because it tells the gateway whom to let in.",
    ])
  }

  # … and what would have no effect is refused, since its author believes that it guards something.
  validation {
    condition = alltrue([
      for key in try(local.auth_types[var.auth.type].unused, []) : try(var.auth[key], null) == null
    ])
    error_message = join(" ", [
      "auth.type ${jsonencode(try(var.auth.type, null))} does not use",
      join(" or ", [
        for key in try(local.auth_types[var.auth.type].unused, []) : key if try(var.auth[key], null) != null
      ]),
      "and it would have no effect, so it must not be given.",
    ])
  }

  validation {
    condition     = try(var.auth.issuer, null) == null || can(regex(local.patterns.issuer, var.auth.issuer))
    error_message = <<-EOT
      auth.issuer is ${jsonencode(try(var.auth.issuer, null))}, but must be an https:// URL.
      The gateway fetches the signing keys from it.
    EOT
  }

  validation {
    condition = try(var.auth.audience, null) == null || try(
      length(var.auth.audience) > 0 && alltrue([for one in tolist(var.auth.audience) : trimspace(one) != ""]), false
    )
    error_message = <<-EOT
      auth.audience must be a list of at least one string and hold no empty one.
      A token made for another service would be accepted here.
    EOT
  }

  validation {
    condition = try(var.auth.scopes, null) == null || try(
      alltrue([for scope in tolist(var.auth.scopes) : can(regex(local.patterns.word, scope))]), false
    )
    error_message = <<-EOT
      auth.scopes is ${jsonencode(try(var.auth.scopes, null))}, but must be a list of strings.
      None may be empty or have a space: a token lists its scopes separated by spaces, so such a scope can never match.
    EOT
  }

  validation {
    condition = try(var.auth.scope_claims, null) == null || try(
      alltrue([for claim in tolist(var.auth.scope_claims) : can(regex(local.patterns.word, claim))]), false
    )
    error_message = <<-EOT
      auth.scope_claims is ${jsonencode(try(var.auth.scope_claims, null))}.
      It must be a list of names of claims, such as ["roles"]; none may be empty or have a space.
    EOT
  }

  validation {
    condition = try(var.auth.advertised_scopes, null) == null || try(
      alltrue([for scope in tolist(var.auth.advertised_scopes) : can(regex(local.patterns.oauth_scope, scope))]), false
    )
    error_message = <<-EOT
      auth.advertised_scopes is ${jsonencode(try(var.auth.advertised_scopes, null))}, but must be a list of scopes,
      such as ["api://orders/read"]. OAuth's scopes have no spaces, quotation marks and backslashes.
    EOT
  }

  validation {
    condition     = try(length(setsubtract(keys(var.auth.login), local.login_keys)) == 0, true)
    error_message = <<-EOT
      auth.login has ${join(", ", try(setsubtract(nonsensitive(keys(var.auth.login)), local.login_keys), []))}.
      Its keys are ${join(", ", local.login_keys)}.
    EOT
  }

  validation {
    condition     = try(var.auth.login, null) == null || can(regex(local.patterns.word, var.auth.login.client_id))
    error_message = <<-EOT
      auth.login.client_id is ${jsonencode(try(var.auth.login.client_id, null))}.
      It must be the id of the client at the identity provider, whose callback URL is the output login_callback_url.
    EOT
  }

  # A secret in a variable would be in the state and in the function's configuration.
  validation {
    condition = (
      try(var.auth.login.client_secret, null) == null
      || can(regex(local.patterns.secret_source_arn, var.auth.login.client_secret))
    )
    error_message = <<-EOT
      auth.login.client_secret must be the ARN of an SSM parameter or of a Secrets Manager secret that holds it, such as
      arn:aws:ssm:eu-west-1:111122223333:parameter/orders/client-secret (aws_ssm_parameter.client_secret.arn).
    EOT
  }

  validation {
    condition = try(var.auth.login.scopes, null) == null || try(
      alltrue([for scope in tolist(var.auth.login.scopes) : can(regex(local.patterns.oauth_scope, scope))]), false
    )
    error_message = <<-EOT
      auth.login.scopes is ${jsonencode(try(var.auth.login.scopes, null))}, but must be a list of scopes that the
      provider is asked for besides those of this server, such as ["offline_access"].
    EOT
  }

  validation {
    condition = try(var.auth.login.allowed_clients, null) == null || try(
      length(var.auth.login.allowed_clients) > 0 && alltrue([
        for client in tolist(var.auth.login.allowed_clients) : can(regex(local.patterns.login_client, client))
      ]), false
    )
    error_message = <<-EOT
      auth.login.allowed_clients is ${jsonencode(try(var.auth.login.allowed_clients, null))}, but must be null (all
      clients) or a list of at least one. Each is the URL of a client's metadata document, such as
      https://claude.ai/oauth/claude-code-client-metadata, a host that people are sent back to, such as claude.ai, with
      localhost for programs on their computers, or a scheme, such as cursor:.
    EOT
  }

  validation {
    condition = try(var.auth.login.keys, null) == null || try(alltrue([
      length(var.auth.login.keys) >= 1,
      length(var.auth.login.keys) <= 10,
      length(distinct(var.auth.login.keys)) == length(var.auth.login.keys),
      alltrue([for label in tolist(var.auth.login.keys) : can(regex(local.patterns.key_label, label))]),
    ]), false)
    error_message = <<-EOT
      auth.login.keys is ${jsonencode(try(var.auth.login.keys, null))}, but must hold 1 to 10 different labels, each
      of 1 to 32 letters, digits or . _ -. A label names a key, and is none.
    EOT
  }

  # Clients look for an issuer's metadata at the root of its host (RFC 8414 section 3.1), where the stage is in the way.
  validation {
    condition     = try(var.auth.login, null) == null || var.front != "rest" || var.custom_domain != null
    error_message = <<-EOT
      auth has login and front is "rest", but custom_domain is null: a REST API's own URL has the stage in it, so
      clients would not find where people log in. Give it a custom_domain, or take front "http".
    EOT
  }

  validation {
    condition = var.front != "rest" || !can(regex("'", join(" ", [
      for key in ["scopes", "advertised_scopes"] : try(join(" ", var.auth[key]), "")
    ])))
    error_message = <<-EOT
      auth.scopes or auth.advertised_scopes has an apostrophe, but front is "rest": its challenge names the scopes in a
      value that API Gateway ends at the first apostrophe. Rename that scope, or set front = "http".
    EOT
  }

  # An ARN and not a name: it needs no account look-up to grant the right to exactly this parameter, and says in which
  # account and region it is. No version or label after it: a revoked key would live on in the version that is named.
  validation {
    condition = (
      try(var.auth.ssm_parameter, null) == null || can(regex(local.patterns.parameter_arn, var.auth.ssm_parameter))
    )
    error_message = <<-EOT
      auth.ssm_parameter is ${jsonencode(try(var.auth.ssm_parameter, null))}.
      It must be the ARN of an SSM parameter, without version or label,
      such as arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys (aws_ssm_parameter.keys.arn).
      The right to read is granted on exactly this one.
    EOT
  }

  validation {
    condition = (
      try(var.auth.header, null) == null || try(contains(["authorization", "x-api-key"], var.auth.header), false)
    )
    error_message = <<-EOT
      auth.header is ${jsonencode(try(var.auth.header, null))}, but must be authorization or x-api-key, in lower case.
      The authorizer knows how a key is written in these.
    EOT
  }

  validation {
    condition = (
      try(var.auth.function_arn, null) == null || can(regex(local.patterns.function_arn, var.auth.function_arn))
    )
    error_message = <<-EOT
      auth.function_arn is ${jsonencode(try(var.auth.function_arn, null))}.
      It must be the ARN of a Lambda function, perhaps with a version or an alias at its end,
      such as arn:aws:lambda:eu-west-1:111122223333:function:authorizer:live.
      ("$LATEST" can be given no permission: leave it out.)
    EOT
  }

  validation {
    condition = try(var.auth.identity_sources, null) == null || try(
      alltrue([for source in tolist(var.auth.identity_sources) : can(regex(local.patterns.header, source))]), false
    )
    error_message = <<-EOT
      auth.identity_sources is ${jsonencode(try(var.auth.identity_sources, null))}.
      It must be a list, and each of it $request.header.NAME.
      A credential in the query would end in logs and histories, and anything else says nothing of the caller.
    EOT
  }

  validation {
    condition     = try(length(var.auth.identity_sources) > 0, true) || try(var.auth.ttl, null) == 0
    error_message = <<-EOT
      auth.identity_sources is empty, but a result is kept for ttl seconds (${jsonencode(try(var.auth.ttl, 300))})
      by what is in these headers, and one caller's would be given to all: name a header, or set ttl = 0.
    EOT
  }

  validation {
    condition = try(var.auth.ttl, null) == null || try(
      var.auth.ttl >= 0 && var.auth.ttl <= 3600 && floor(var.auth.ttl) == var.auth.ttl, false
    )
    error_message = <<-EOT
      auth.ttl is ${jsonencode(try(var.auth.ttl, null))}.
      It must be a whole number of seconds from 0 (ask each time) to 3600: the gateway keeps no result for longer.
    EOT
  }
}

variable "required_scopes" {
  description = <<-EOT
    Scopes that a caller needs, all of them, for one tool, prompt or resource:
    { "tools/refund" = ["orders:write"], "prompts/review" = […], "resources/orders://{id}" = […] }.
    What is not named is open to every caller that auth lets in.
  EOT
  type        = map(list(string))
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.required_scopes) == 0 || !contains(["none", "iam"], local.auth.type)
    error_message = <<-EOT
      required_scopes names ${join(", ", keys(var.required_scopes))}, but auth.type is "${local.auth.type}",
      whose callers carry no scopes: nobody could use them.
      With jwt, token and lambda a caller has scopes.
      IAM policies end at the endpoint; make a second module call for what only some may use.
    EOT
  }

  validation {
    condition     = alltrue([for key in keys(var.required_scopes) : can(regex(local.patterns.scoped_name, key))])
    error_message = <<-EOT
      required_scopes has
      ${jsonencode([for key in keys(var.required_scopes) : key if !can(regex(local.patterns.scoped_name, key))])}.
      Each key must be tools/NAME, prompts/NAME or resources/URI (or its template): anything else would guard nothing.
    EOT
  }

  validation {
    condition     = alltrue([for scopes in values(var.required_scopes) : try(length(scopes) > 0, false)])
    error_message = <<-EOT
      required_scopes has no scope for
      ${join(", ", [for key, scopes in var.required_scopes : key if try(length(scopes), 0) == 0])}:
      it would be as open as if it were not named. Name a scope, or leave it out.
    EOT
  }

  validation {
    condition = alltrue([
      for scope in flatten(values(var.required_scopes)) : can(regex(local.patterns.scope, scope))
    ])
    error_message = <<-EOT
      required_scopes has
      ${jsonencode([for s in flatten(values(var.required_scopes)) : s if !can(regex(local.patterns.scope, s))])}.
      A scope is one word of ASCII without quotes and backslashes (RFC 6749).
      Here it has no commas and square brackets either: the gateway writes a token's list of scopes with them.
    EOT
  }
}
