# Checks of what is allowed, but rarely meant: each gives a warning in the plan, and refuses nothing.

locals {
  audiences     = local.auth.audience == null ? [] : local.auth.audience
  audience_urls = [for audience in local.audiences : audience if can(regex("^https?://", audience))]

  # Nobody knows at plan how long calls take. A tool that asks a database or another service takes this or more.
  assumed_call_seconds = 0.1
  needed_concurrency   = ceil(local.throttle.rate * local.assumed_call_seconds)
  reserved_concurrency = coalesce(var.reserved_concurrency, 0)

  # reserved_concurrency limits unless it is null, by its default already; a throttle is chosen where both its numbers
  # are given. The default one keeps an API from harm; what strangers may cost is for its owner to say.
  throttle_is_chosen = lookup(var.throttle, "rate", null) != null && lookup(var.throttle, "burst", null) != null
}

# Clients name what they want a token for (RFC 8707's `resource`) by the URL that the metadata gives them, which is the
# endpoint's. An audience that is no URL (Cognito's client id, say) shows an issuer that goes by something else.
check "audience_is_the_endpoint" {
  assert {
    condition     = length(local.audience_urls) == 0 ? true : contains(local.audience_urls, local.endpoint)
    error_message = <<-EOT
      auth.audience is ${jsonencode(local.auth.audience)}, but clients ask for tokens for ${local.endpoint},
      as the metadata tells them (RFC 8707), and an issuer that follows them makes tokens which the gateway refuses.
      Add that URL to auth.audience, and to the issuer's list of APIs.
    EOT
  }
}

check "an_open_server_is_limited" {
  assert {
    condition     = local.auth.type != "none" || (var.reserved_concurrency != null && local.throttle_is_chosen)
    error_message = <<-EOT
      auth.type is "none": whoever finds the URL may call, ${local.throttle.rate} times a second, and
      ${coalesce(var.reserved_concurrency, "as many as the account has")} calls may run at once.
      Say what strangers may cost: give throttle a rate and a burst, and reserved_concurrency a number.
    EOT
  }
}

# Calls that run at once are rate × duration (Little's law). Above what is reserved, Lambda refuses what the API has let
# in, and clients see a failing server (503) where the throttle would have told them to come back (429).
check "the_throttle_fits_the_concurrency" {
  assert {
    condition     = local.reserved_concurrency == 0 || local.needed_concurrency <= local.reserved_concurrency
    error_message = <<-EOT
      throttle.rate lets in ${local.throttle.rate} requests a second, but reserved_concurrency is
      ${local.reserved_concurrency}: that is enough for calls of
      ${floor(local.reserved_concurrency / local.throttle.rate * 1000)} ms on average.
      With ${local.assumed_call_seconds * 1000} ms, as is assumed here, ${local.throttle.rate} ×
      ${local.assumed_call_seconds} s = ${local.needed_concurrency} would run at once, and Lambda refuses the rest.
      Lower throttle.rate to ${floor(local.reserved_concurrency / local.assumed_call_seconds)},
      or reserve ${local.needed_concurrency}.
    EOT
  }
}

# Code that somebody has changed in the console, to end an incident for example, gives a warning: as an error, it would
# fail every later plan of the stack.
check "functions_run_what_was_uploaded" {
  assert {
    condition = alltrue([for zip, uploaded in terraform_data.uploaded : uploaded.output == local.running[zip]])
    error_message = join(" ", concat(
      ["Somebody has changed code since Terraform uploaded it, and it stays until Terraform uploads again."],
      [
        for zip, uploaded in terraform_data.uploaded :
        "To put back what the module has for the ${zip}: terraform apply ${local.upload_again[zip]}."
        if uploaded.output != local.running[zip]
      ],
    ))
  }
}

# A stage that is part of the path hides the metadata from clients that look for it at the origin's root (RFC 9728,
# section 3.1). Callers of the other types of authorization look for none.
check "the_metadata_is_at_the_root" {
  assert {
    condition     = local.auth.type != "jwt" || local.front_facts.answers_at_the_root || local.has_domain
    error_message = <<-EOT
      Without custom_domain, a REST API has its stage in each path, and nothing answers at the root of its host. Clients
      that read resource_metadata in the 401 find their way. Those that make the metadata's URL of the endpoint's
      themselves (${local.contract.metadata_path}/…), and those of before 2025-06-18, which look for the issuer's
      metadata at the endpoint's own host, do not. Give custom_domain (a private API takes none) or front = "http".
    EOT
  }
}
