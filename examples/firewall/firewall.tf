locals {
  # Requests in five minutes. Nobody has checked a caller's key yet when WAF counts, and a new one can be made up for
  # each request: so addresses are counted, too.
  limits = {
    of-an-address = { requests = 2000, keys = [], header = null, value = null }
    of-a-caller   = { requests = 600, keys = ["authorization"], header = null, value = null }

    # Clients of the protocol 2026-07-28 name method and tool in headers, which the server holds against the body.
    # Older ones send neither, and are counted by the limits above alone.
    of-tool-calls   = { requests = 300, keys = ["authorization"], header = "mcp-method", value = "tools/call" }
    of-the-slow-one = { requests = 30, keys = ["authorization"], header = "mcp-name", value = "closest" }
  }

  # Rules of AWS that look for attacks on web pages in a body. What a tool is asked may well be a path, a URL, a script
  # or longer than 8 KB, so these count only: look at what they find (CloudWatch, AWS/WAFV2) before you let one block.
  counted = [
    "CrossSiteScripting_BODY", "EC2MetaDataSSRF_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "SizeRestrictions_BODY",
  ]
}

resource "aws_wafv2_web_acl" "mcp" {
  #checkov:skip=CKV2_AWS_31:The access log of the API has each request that was refused.
  #checkov:skip=CKV_AWS_192:The rules against Log4j look for what Java would run; this server is in Python.
  name        = local.name
  description = "Limits and common rules for the MCP server ${local.name}"
  scope       = "REGIONAL"

  default_action {
    allow {}
  }

  custom_response_body {
    key          = "too-many"
    content_type = "APPLICATION_JSON"
    content = jsonencode({
      jsonrpc = "2.0", id = null, error = { code = 429, message = "Too many requests: come back later." }
    })
  }

  dynamic "rule" {
    for_each = local.limits

    content {
      name     = rule.key
      priority = index(keys(local.limits), rule.key)

      action {
        block {
          custom_response {
            response_code            = 429
            custom_response_body_key = "too-many"
          }
        }
      }

      statement {
        rate_based_statement {
          limit              = rule.value.requests
          aggregate_key_type = length(rule.value.keys) == 0 ? "IP" : "CUSTOM_KEYS"

          dynamic "custom_key" {
            for_each = rule.value.keys

            content {
              header {
                name = custom_key.value

                text_transformation {
                  priority = 0
                  type     = "NONE"
                }
              }
            }
          }

          dynamic "scope_down_statement" {
            for_each = rule.value.header[*]

            content {
              byte_match_statement {
                positional_constraint = "EXACTLY"
                search_string         = rule.value.value

                field_to_match {
                  single_header {
                    name = scope_down_statement.value
                  }
                }

                text_transformation {
                  priority = 0
                  type     = "NONE"
                }
              }
            }
          }
        }
      }

      visibility_config {
        metric_name                = rule.key
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = false # a sample shows headers, and with them keys
      }
    }
  }

  rule {
    name     = "common"
    priority = length(local.limits)

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesCommonRuleSet"

        dynamic "rule_action_override" {
          for_each = local.counted

          content {
            name = rule_action_override.value

            action_to_use {
              count {}
            }
          }
        }
      }
    }

    visibility_config {
      metric_name                = "common"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = false
    }
  }

  visibility_config {
    metric_name                = local.name
    cloudwatch_metrics_enabled = true
    sampled_requests_enabled   = false
  }
}
