# The dashboard. lab/dashboard.py reads it from the state that this leaves, where the mocked provider has filled in all
# that AWS would.

mock_provider "aws" {
  source = "./tests/mocks"
}

override_resource {
  target = terraform_data.upload
  values = { output = "uploaded" }
}

variables {
  name         = "orders"
  package_file = "versions.tf" # any file: the mocked provider uploads nothing
  auth         = { type = "token", ssm_parameter = "arn:aws:ssm:eu-west-1:111122223333:parameter/mcp/keys" }

  provisioned_concurrency = { environments = 1 }
}

run "none_unless_asked_for" {
  command = apply

  assert {
    condition     = length(aws_cloudwatch_dashboard.server) == 0 && output.dashboard_name == null
    error_message = "what is off costs nothing"
  }
  assert {
    condition     = output.authorizer_function_name == "orders-authorizer" && output.authorizer_log_group_name == "/aws/lambda/orders-authorizer"
    error_message = "the outputs name the module's own authorizer and its log"
  }
}

run "without_alarms_it_has_no_list_of_them" {
  command = apply
  variables {
    dashboard            = true
    reserved_concurrency = null
    alarms = {
      function_errors = null, throttles = null, p95_duration = null, deadline_hits = null
      tool_error_rate = null, api_5xx_rate = null, auth_refused = null, authorizer_errors = null, provisioned_spillover = null
    }
  }

  assert {
    condition     = alltrue([for widget in jsondecode(one(aws_cloudwatch_dashboard.server).dashboard_body).widgets : widget.type != "alarm"])
    error_message = "CloudWatch refuses an empty list"
  }
  assert {
    condition     = [for widget in jsondecode(one(aws_cloudwatch_dashboard.server).dashboard_body).widgets : widget.properties.annotations.horizontal if widget.properties.title == "Calls at once"] == [[]]
    error_message = "without a limit there is no line for it"
  }
}

run "dashboard" {
  command = apply
  variables {
    dashboard = true
    tasks     = { tools = { report = "optional" } }
  }

  assert {
    condition     = one(aws_cloudwatch_dashboard.server).dashboard_name == "orders-eu-west-1" && output.dashboard_name == "orders-eu-west-1"
    error_message = "it is named by the server and the region"
  }
}
