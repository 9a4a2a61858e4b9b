# What follows from tasks: a table, a second function around the same server, and exactly the rights that both use.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

override_resource {
  target          = terraform_data.upload
  values          = { output = "uploaded" }
  override_during = plan
}

override_resource {
  target          = terraform_data.uploaded
  values          = { output = "uploaded" }
  override_during = plan
}

override_resource {
  target = module.worker[0].aws_lambda_function.server
  values = {
    arn         = "arn:aws:lambda:eu-west-1:111122223333:function:orders-tasks"
    version     = "3"
    code_sha256 = "uploaded"
    vpc_config  = { vpc_id = "vpc-0123456789abcdef0" }
  }
  override_during = plan
}

override_resource {
  target          = aws_dynamodb_table.tasks
  values          = { arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders-tasks" }
  override_during = plan
}

variables {
  name         = "orders"
  package_file = "versions.tf" # any file: the mocked provider uploads nothing
  auth         = { type = "iam" }
}

run "without_tasks_there_is_nothing_of_them" {
  command = plan

  assert {
    condition = length(concat(
      aws_dynamodb_table.tasks, module.worker, aws_lambda_function_event_invoke_config.worker, aws_cloudwatch_log_group.worker,
      aws_iam_role_policy.tasks, terraform_data.old_workers,
    )) == 0
    error_message = "what is off costs nothing"
  }
  assert {
    condition     = keys(terraform_data.upload) == ["server"] && jsondecode(module.server.function.environment[0].variables.MCP_LAMBDA_SETTINGS).tasks == null
    error_message = "the server knows of no tasks"
  }
  assert {
    condition     = output.tasks_function_name == null && output.tasks_log_group_name == null && output.tasks_table_name == null
    error_message = "an output names what is not there"
  }
}

run "tasks_have_a_table_and_a_function_of_their_own" {
  command = plan
  variables { tasks = { tools = { report = "optional" } } }

  assert {
    condition     = [for table in aws_dynamodb_table.tasks : [table.name, table.billing_mode, table.hash_key, table.ttl[0].attribute_name, table.ttl[0].enabled, table.point_in_time_recovery[0].enabled, table.server_side_encryption[0].enabled]] == [["orders-tasks", "PAY_PER_REQUEST", "id", "expires", true, false, false]]
    error_message = "the table is ${jsonencode(aws_dynamodb_table.tasks)}"
  }
  assert {
    condition     = [for worker in module.worker[*].function : [worker.function_name, worker.timeout, worker.memory_size, worker.reserved_concurrent_executions, worker.publish]] == [["orders-tasks", 900, 1024, 10, true]]
    error_message = "a task has a quarter of an hour, and as many run at once as calls"
  }
  assert {
    condition     = one(module.worker).function.logging_config[0].log_group == "/aws/lambda/orders-tasks" && one(aws_cloudwatch_log_group.worker).name == "/aws/lambda/orders-tasks"
    error_message = "the worker has a log of its own"
  }
  assert {
    condition     = [for config in aws_lambda_function_event_invoke_config.worker : [config.function_name, config.qualifier, config.maximum_retry_attempts, config.maximum_event_age_in_seconds]] == [["orders-tasks", "3", 0, 21600]]
    error_message = "a round runs once, and waits no longer for a worker than Lambda keeps an event"
  }
  assert {
    condition     = [output.tasks_function_name, output.tasks_log_group_name, output.tasks_table_name] == ["orders-tasks", "/aws/lambda/orders-tasks", "orders-tasks"]
    error_message = "the outputs name the worker, its log and the table"
  }
  assert {
    condition     = { for key, filter in aws_cloudwatch_log_metric_filter.tool_calls : key => filter.log_group_name } == { server = "/aws/lambda/orders", worker = "/aws/lambda/orders-tasks" }
    error_message = "tools that run in the worker are counted in its log"
  }
  assert {
    condition     = aws_cloudwatch_log_metric_filter.tool_calls["worker"].pattern == "{ ($.tool = \"*\") && ($.outcome = \"*\") && ($.outcome != \"cancelled\") && ($.outcome != \"duplicate\") }"
    error_message = "the pattern is ${aws_cloudwatch_log_metric_filter.tool_calls["worker"].pattern}"
  }
}

run "the_worker_is_the_server_but_for_its_limits" {
  command = plan
  variables {
    tasks                = { tools = { report = "optional" }, timeout_seconds = 60, memory_mb = 2048, reserved_concurrency = 3 }
    runtime              = "python3.12"
    architecture         = "x86_64"
    environment          = { TABLE = "orders" }
    layers               = ["arn:aws:lambda:eu-west-1:111122223333:layer:tools:3"]
    vpc                  = { subnet_ids = ["subnet-00000001"], security_group_ids = ["sg-00000001"] }
    file_system          = { access_point_arn = "arn:aws:elasticfilesystem:eu-west-1:111122223333:access-point/fsap-0123456789abcdef0", mount_path = "/mnt/files" }
    ephemeral_storage_mb = 1024
    kms_key_arn          = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
    log_level            = "WARN"
    tracing              = true
    tags                 = { team = "shop" }
    package_bucket       = { name = "acme-packages" }
    secrets              = { TOKEN = "arn:aws:ssm:eu-west-1:111122223333:parameter/orders/token" }
  }

  assert {
    condition = { for name in [
      "role", "handler", "runtime", "architectures", "layers", "kms_key_arn", "tags", "code_signing_config_arn", "filename", "s3_bucket", "s3_key",
      "publish", "ephemeral_storage", "vpc_config", "file_system_config", "tracing_config",
      ] : name => jsonencode(one(module.worker).function[name])
      } == { for name in [
        "role", "handler", "runtime", "architectures", "layers", "kms_key_arn", "tags", "code_signing_config_arn", "filename", "s3_bucket", "s3_key",
        "publish", "ephemeral_storage", "vpc_config", "file_system_config", "tracing_config",
    ] : name => jsonencode(module.server.function[name]) }
    error_message = "the worker is ${jsonencode(one(module.worker).function)}"
  }
  assert {
    condition     = one(module.worker).function.s3_key == "orders.zip" && one(module.worker).function.filename == null
    error_message = "the worker's zip goes through the bucket, too"
  }
  assert {
    condition = merge(jsondecode(one(module.worker).function.environment[0].variables.MCP_LAMBDA_SETTINGS), { tasks = null }) == merge(
      jsondecode(module.server.function.environment[0].variables.MCP_LAMBDA_SETTINGS), { tasks = null }
    ) && one(module.worker).function.environment[0].variables.TABLE == "orders"
    error_message = "both hosts know the same, but of tasks"
  }
  assert {
    condition     = one(module.worker).function.logging_config[0].application_log_level == "WARN"
    error_message = "the worker logs at another level"
  }
  assert {
    condition     = [for worker in module.worker[*].function : [worker.timeout, worker.memory_size, worker.reserved_concurrent_executions]] == [[60, 2048, 3]]
    error_message = "the limits are the worker's own"
  }
  assert {
    condition     = one(aws_dynamodb_table.tasks).server_side_encryption[0].enabled && one(aws_dynamodb_table.tasks).server_side_encryption[0].kms_key_arn == var.kms_key_arn && one(aws_cloudwatch_log_group.worker).kms_key_id == var.kms_key_arn
    error_message = "the key encrypts what callers have given and got"
  }
  assert {
    condition = [for statement in jsondecode(one(aws_iam_role_policy.tasks).policy).Statement : statement if statement.Action == "kms:Decrypt"] == [{
      Sid       = "OpenTasks", Effect = "Allow", Action = "kms:Decrypt", Resource = var.kms_key_arn
      Condition = { StringEquals = { "kms:EncryptionContext:aws:dynamodb:tableName" = "orders-tasks" } }
    }]
    error_message = "the role may ${one(aws_iam_role_policy.tasks).policy}"
  }
  assert {
    condition     = length(terraform_data.old_workers) == 1
    error_message = "old workers keep the VPC in use, too"
  }
}

run "the_two_hosts_differ_in_which_of_them_has_a_worker" {
  command = plan
  variables {
    tasks = { tools = { report = "optional", ask = "after_input" }, ttl_seconds = 3600, point_in_time_recovery = true, result_bucket = "results" }
    auth  = { type = "lambda", function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:company", identity_sources = ["$request.header.X-Tenant", "$request.header.X-Key"] }
  }

  assert {
    condition = jsondecode(module.server.function.environment[0].variables.MCP_LAMBDA_SETTINGS).tasks == {
      tools         = { report = "optional", ask = "after_input" }, table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders-tasks"
      worker        = "arn:aws:lambda:eu-west-1:111122223333:function:orders-tasks:3", ttl_seconds = 3600
      queue_seconds = 3600, withheld_headers = ["x-tenant", "x-key"], bucket = "results"
    }
    error_message = "the server is told ${module.server.function.environment[0].variables.MCP_LAMBDA_SETTINGS}"
  }
  assert {
    condition     = jsondecode(one(module.worker).function.environment[0].variables.MCP_LAMBDA_SETTINGS).tasks.worker == null
    error_message = "a worker makes no tasks"
  }
  assert {
    condition     = one(aws_lambda_function_event_invoke_config.worker).maximum_event_age_in_seconds == 3600 && one(aws_dynamodb_table.tasks).point_in_time_recovery[0].enabled
    error_message = "no event waits longer than its task is kept"
  }
  assert {
    condition = jsondecode(one(aws_iam_role_policy.tasks).policy).Statement == [
      { Sid = "KeepTasks", Effect = "Allow", Action = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], Resource = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders-tasks" },
      { Sid = "StartWorkers", Effect = "Allow", Action = "lambda:InvokeFunction", Resource = "arn:aws:lambda:eu-west-1:111122223333:function:orders-tasks:*" },
      { Sid = "WriteWorkersLog", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "arn:aws:logs:eu-west-1:111122223333:log-group:orders:*" },
      { Sid = "KeepLongResults", Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "arn:aws:s3:::results/orders-tasks/*" },
    ]
    error_message = "the role may ${one(aws_iam_role_policy.tasks).policy}"
  }
}

run "workers_are_watched" {
  command = plan
  variables {
    tasks         = { tools = { report = "optional" } }
    saved_queries = true
  }

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.server : key => "${alarm.metric_name} of ${alarm.dimensions.FunctionName} at ${alarm.threshold}, ${alarm.evaluation_periods} × ${alarm.period} s" if strcontains(jsonencode(alarm.dimensions), "orders-tasks") } == {
      worker_errors    = "Errors of orders-tasks at 1, 1 × 60 s"
      worker_throttles = "Throttles of orders-tasks at 1, 3 × 300 s"
      oldest_task      = "AsyncEventAge of orders-tasks at 300000, 1 × 300 s"
    }
    error_message = "the alarms are ${jsonencode(keys(aws_cloudwatch_metric_alarm.server))}"
  }
  assert {
    condition     = toset(flatten([for key in ["slowest tasks", "tasks that did not complete"] : aws_cloudwatch_query_definition.server[key].log_group_names])) == toset(["/aws/lambda/orders-tasks"])
    error_message = "the queries are ${jsonencode(keys(aws_cloudwatch_query_definition.server))}"
  }
}

run "unreserved_calls_have_unreserved_workers" {
  command = plan
  variables {
    tasks                = { tools = { report = "optional" } }
    reserved_concurrency = null
  }

  assert {
    condition     = one(module.worker).function.reserved_concurrent_executions == -1
    error_message = "a new account can reserve none"
  }
}
