variable "auth" {
  description = "Who may call. { type = \"none\" }: everybody. { type = \"iam\" }: who signs with AWS credentials. { type = \"jwt\", issuer, audience, scopes? }: who has a token of that issuer; with scopes, one that has at least one of them. { type = \"token\", ssm_parameter, header?, ttl? }: who has a key whose hash is in that SSM SecureString (its ARN), sent in the header \"authorization\" (as Bearer, the default) or \"x-api-key\"; a revoked key works for up to ttl (60) seconds and a minute. { type = \"lambda\", function_arn, identity_sources?, ttl? }: whom your own authorizer admits (REQUEST, payload format 2.0, simple responses), asked again after ttl (300) seconds. There is no default: nothing is open by omission."
  type = object({
    type             = string
    issuer           = optional(string)
    audience         = optional(list(string))
    scopes           = optional(list(string))
    ssm_parameter    = optional(string)
    header           = optional(string)
    function_arn     = optional(string)
    identity_sources = optional(list(string))
    ttl              = optional(number)
  })
  nullable = false

  validation {
    condition     = contains(keys(local.auth_attributes), var.auth.type)
    error_message = "auth.type is \"${var.auth.type}\", but must be one of ${join(", ", keys(local.auth_attributes))}."
  }

  # Terraform drops a misspelt key of an object without a word, so what a type needs is asked for by name …
  validation {
    condition     = alltrue([for key, need in try(local.auth_attributes[var.auth.type], []) : var.auth[key] != null if need == "required"])
    error_message = "auth.type \"${var.auth.type}\" needs ${join(" and ", [for key, need in try(local.auth_attributes[var.auth.type], []) : key if need == "required" && var.auth[key] == null])}: without it the gateway could not tell whom to let in."
  }

  # … and what would have no effect is refused, since its author believes that it guards something.
  validation {
    condition     = alltrue([for key, value in var.auth : value == null if !contains(keys(try(local.auth_attributes[var.auth.type], var.auth)), key)])
    error_message = "auth.type \"${var.auth.type}\" does not use ${join(" or ", [for key, value in var.auth : key if value != null && !contains(keys(try(local.auth_attributes[var.auth.type], var.auth)), key)])}: it would have no effect, so it must not be given."
  }

  validation {
    condition     = var.auth.issuer == null || can(regex("^https://[^/\\s]+", var.auth.issuer))
    error_message = "auth.issuer is \"${coalesce(var.auth.issuer, "empty")}\", but must be an https:// URL: the gateway fetches the signing keys from it."
  }

  validation {
    condition     = var.auth.audience == null || try(length(var.auth.audience) > 0 && alltrue([for audience in var.auth.audience : trimspace(audience) != ""]), false)
    error_message = "auth.audience must hold at least one value and no empty one: a token made for another service would be accepted here."
  }

  validation {
    condition     = alltrue([for scope in coalesce(var.auth.scopes, []) : can(regex("^[^\\s]+$", scope))])
    error_message = "auth.scopes holds an empty value or one with a space (${jsonencode(var.auth.scopes)}): a token lists its scopes separated by spaces, so such a scope can never match."
  }

  # An ARN and not a name: it needs no account look-up to grant the right to exactly this parameter, and says in which
  # account and region it is. No version or label after it: a revoked key would live on in the version that is named.
  validation {
    condition     = var.auth.ssm_parameter == null || can(regex("^arn:aws(-cn|-us-gov)?:ssm:[a-z0-9-]+:[0-9]{12}:parameter/[A-Za-z0-9_./-]*[A-Za-z0-9_.-]$", var.auth.ssm_parameter))
    error_message = "auth.ssm_parameter is \"${coalesce(var.auth.ssm_parameter, "empty")}\", but must be the ARN of an SSM parameter, without version or label, such as arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys (aws_ssm_parameter.keys.arn): the right to read is granted on exactly this one."
  }

  validation {
    condition     = contains(["authorization", "x-api-key"], var.auth.header == null ? "authorization" : var.auth.header)
    error_message = "auth.header is \"${coalesce(var.auth.header, "empty")}\", but must be authorization or x-api-key, in lower case: the authorizer knows how a key is written in these."
  }

  validation {
    condition     = var.auth.function_arn == null || can(regex("^arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_-]{1,128})?$", var.auth.function_arn))
    error_message = "auth.function_arn is \"${coalesce(var.auth.function_arn, "empty")}\", but must be the ARN of a Lambda function, perhaps with a version or an alias at its end, such as arn:aws:lambda:eu-west-1:111122223333:function:authorizer:live. (\"$LATEST\" can be given no permission: leave it out.)"
  }

  validation {
    condition     = alltrue([for source in coalesce(var.auth.identity_sources, []) : can(regex("^\\$request[.]header[.][A-Za-z0-9_-]+$", source))])
    error_message = "auth.identity_sources is ${jsonencode(var.auth.identity_sources)}, but each must be $request.header.NAME: a credential in the query would end in logs and histories, and anything else says nothing of the caller."
  }

  validation {
    condition     = try(length(var.auth.identity_sources) > 0 || var.auth.ttl == 0, true)
    error_message = "auth.identity_sources is empty, but a result is kept for ttl seconds (${coalesce(var.auth.ttl, 300)}) by what is in these headers, and one caller's would be given to all: name a header, or set ttl = 0."
  }

  validation {
    condition     = var.auth.ttl == null || try(var.auth.ttl >= 0 && var.auth.ttl <= 3600 && floor(var.auth.ttl) == var.auth.ttl, false)
    error_message = "auth.ttl is ${coalesce(var.auth.ttl, 0)}, but must be a whole number of seconds from 0 (ask each time) to 3600: the gateway keeps no result for longer."
  }
}

variable "required_scopes" {
  description = "Scopes that a caller needs, all of them, for one tool, prompt or resource: { \"tools/refund\" = [\"orders:write\"], \"prompts/review\" = […], \"resources/orders://{id}\" = […] }. What is not named is open to every caller that auth lets in."
  type        = map(list(string))
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.required_scopes) == 0 || !contains(["none", "iam"], var.auth.type)
    error_message = "required_scopes names ${join(", ", keys(var.required_scopes))}, but auth.type is \"${var.auth.type}\", whose callers carry no scopes: nobody could use them. ${var.auth.type == "iam" ? "IAM policies end at the endpoint; make a second module call for what only some may use." : "With jwt, token and lambda a caller has scopes."}"
  }

  validation {
    condition     = alltrue([for key in keys(var.required_scopes) : can(regex("^((tools|prompts)/[^\\s/]\\S*|resources/[A-Za-z][A-Za-z0-9+.-]*:\\S+)$", key))])
    error_message = "required_scopes has ${join(", ", [for key in keys(var.required_scopes) : "\"${key}\"" if !can(regex("^((tools|prompts)/[^\\s/]\\S*|resources/[A-Za-z][A-Za-z0-9+.-]*:\\S+)$", key))])}, but each key must be tools/NAME, prompts/NAME or resources/URI (or its template): anything else would guard nothing."
  }

  validation {
    condition     = alltrue([for scopes in values(var.required_scopes) : try(length(scopes) > 0, false)])
    error_message = "required_scopes has no scope for ${join(", ", [for key, scopes in var.required_scopes : key if !try(length(scopes) > 0, false)])}: it would be as open as if it were not named. Name a scope, or leave it out."
  }

  validation {
    condition     = alltrue([for scope in flatten(values(var.required_scopes)) : can(regex("^${local.contract.scope}$", scope))])
    error_message = "required_scopes has ${join(", ", [for scope in flatten(values(var.required_scopes)) : jsonencode(scope) if !can(regex("^${local.contract.scope}$", scope))])}, but a scope is one word of ASCII without quotes and backslashes (RFC 6749), and here without commas and square brackets: the gateway writes a token's list of scopes with them."
  }
}
