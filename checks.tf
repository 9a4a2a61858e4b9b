# What is allowed, but rarely meant: a warning in the plan, and nothing is refused.

locals {
  audience_urls = [for audience in coalesce(var.auth.audience, []) : audience if can(regex("^https?://", audience))]
}

# Clients name what they want a token for (RFC 8707's `resource`) by the URL that the metadata gives them: the endpoint's.
# An audience that is no URL (Cognito's client id, say) shows an issuer that goes by something else.
check "audience_is_the_endpoint" {
  assert {
    condition     = length(local.audience_urls) == 0 ? true : contains(local.audience_urls, local.endpoint)
    error_message = "auth.audience is ${jsonencode(var.auth.audience)}, but clients ask for tokens for ${local.endpoint}, as the metadata tells them (RFC 8707), and an issuer that follows them makes tokens which the gateway refuses. Add that URL to auth.audience, and to the issuer's list of APIs."
  }
}

# reserved_concurrency limits unless it is null, by its default already; a throttle is chosen where both its numbers are
# given. The default one keeps an API from harm; what strangers may cost is for its owner to say.
check "an_open_server_is_limited" {
  assert {
    condition     = var.auth.type != "none" || (var.reserved_concurrency != null && var.throttle.rate != null && var.throttle.burst != null)
    error_message = "auth.type is \"none\": whoever finds the URL may call, ${local.throttle.rate} times a second${var.reserved_concurrency == null ? ", with nothing reserved that would limit how many run at once" : ""}. Say what strangers may cost: give throttle a rate and a burst, and reserved_concurrency a number."
  }
}
