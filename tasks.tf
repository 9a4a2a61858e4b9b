locals {
  has_tasks = nonsensitive(var.tasks != null)

  tasks_keys = [
    "tools", "timeout_seconds", "memory_mb", "reserved_concurrency", "ttl_seconds", "point_in_time_recovery",
    "result_bucket",
  ]

  # var.tasks with all its keys.
  tasks = local.has_tasks ? {
    tools                  = var.tasks.tools
    timeout_seconds        = coalesce(lookup(var.tasks, "timeout_seconds", null), 900)
    memory_mb              = coalesce(lookup(var.tasks, "memory_mb", null), var.memory_mb)
    reserved_concurrency   = try(coalesce(var.tasks.reserved_concurrency), var.reserved_concurrency)
    ttl_seconds            = coalesce(lookup(var.tasks, "ttl_seconds", null), 86400)
    point_in_time_recovery = coalesce(lookup(var.tasks, "point_in_time_recovery", null), false)
    result_bucket          = lookup(var.tasks, "result_bucket", null)
  } : null

  tasks_name = "${var.name}-tasks" # of the table and of the function

  # Lambda keeps an event for six hours at most.
  queue_seconds = local.has_tasks ? min(21600, local.tasks.ttl_seconds) : 0

  # What the worker has to know, which is the same function around the same server but for this.
  worker_tasks = local.has_tasks ? {
    tools            = local.tasks.tools
    table            = one(aws_dynamodb_table.tasks[*].arn)
    worker           = null
    ttl_seconds      = local.tasks.ttl_seconds
    queue_seconds    = local.queue_seconds
    withheld_headers = [for header in lookup(local.asked_headers, local.auth.type, []) : lower(header)]
    bucket           = local.tasks.result_bucket
  } : null

  worker_environment = merge(var.environment, {
    (local.contract.settings_variable) = jsonencode(merge(local.settings, { tasks = local.worker_tasks }))
  })

  # The server's versions each name the version of the worker that was made with them. So a roll-back, and the share of
  # a canary, take their workers with them.
  server_tasks = local.has_tasks ? merge(local.worker_tasks, {
    worker = "${one(module.worker[*].function.arn)}:${one(module.worker[*].function.version)}"
  }) : null

  # The ARNs are known first at apply. This is how long they can be.
  measured_tasks = local.has_tasks ? merge(local.worker_tasks, {
    table  = format("%-64s%s", "arn:", local.tasks_name)
    worker = format("%-72s%s", "arn:", local.tasks_name)
  }) : null

  # The worker's ARN without a look-up: its role is made before it is.
  log_arn    = split(":", aws_cloudwatch_log_group.server.arn)
  worker_arn = join(":", [local.log_arn[0], local.log_arn[1], "lambda", local.region, local.log_arn[4], "function"])

  # DynamoDB opens the table's key with the rights of its caller (Developer Guide, "DynamoDB encryption at rest: How it
  # works"), and tells KMS of which table it is.
  table_key_statements = var.kms_key_arn == null ? [] : [{
    Sid       = "OpenTasks"
    Effect    = "Allow"
    Action    = "kms:Decrypt"
    Resource  = var.kms_key_arn
    Condition = { StringEquals = { "kms:EncryptionContext:aws:dynamodb:tableName" = local.tasks_name } }
  }]

  result_statements = try(local.tasks.result_bucket, null) == null ? [] : [{
    Sid      = "KeepLongResults"
    Effect   = "Allow"
    Action   = ["s3:GetObject", "s3:PutObject"]
    Resource = "arn:${local.log_arn[1]}:s3:::${local.tasks.result_bucket}/${local.tasks_name}/*"
  }]
}

resource "aws_dynamodb_table" "tasks" {
  #checkov:skip=CKV_AWS_28:Tasks are over in a day. Who needs them back asks for point_in_time_recovery.
  #checkov:skip=CKV_AWS_119:kms_key_arn is for whoever has a key; AWS's own encrypts the table otherwise.
  count = local.has_tasks ? 1 : 0

  name         = local.tasks_name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  tags         = var.tags

  attribute {
    name = "id"
    type = "S"
  }

  ttl {
    attribute_name = "expires"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = local.tasks.point_in_time_recovery
  }

  server_side_encryption {
    enabled     = var.kms_key_arn != null # without one, AWS's own key encrypts it
    kms_key_arn = var.kms_key_arn
  }
}

resource "aws_iam_role_policy" "tasks" {
  count = local.has_tasks ? 1 : 0

  name = "tasks"
  role = aws_iam_role.function["server"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid      = "KeepTasks"
          Effect   = "Allow"
          Action   = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
          Resource = one(aws_dynamodb_table.tasks[*].arn)
        },
        {
          Sid      = "StartWorkers"
          Effect   = "Allow"
          Action   = "lambda:InvokeFunction"
          Resource = "${local.worker_arn}:${local.tasks_name}:*" # its versions
        },
        {
          Sid      = "WriteWorkersLog"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = "${one(aws_cloudwatch_log_group.worker[*].arn)}:*"
        },
      ],
      local.table_key_statements,
      local.result_statements,
    )
  })

  lifecycle {
    create_before_destroy = true
  }
}

# The worker: the server's zip once more, since a function has one timeout and one concurrency for all that it does.
module "worker" {
  source = "./lambda"
  count  = local.has_tasks ? 1 : 0

  name                 = local.tasks_name
  description          = "Tasks of the MCP server ${var.name}"
  memory_mb            = local.tasks.memory_mb
  timeout_seconds      = local.tasks.timeout_seconds
  reserved_concurrency = local.tasks.reserved_concurrency
  environment          = local.worker_environment
  package              = { file = local.zips.worker.file, upload = terraform_data.upload["worker"].id }
  log_group            = one(aws_cloudwatch_log_group.worker[*].name)
  shared               = local.shared
  needs                = local.needs
}

# A round runs once: it is claimed before it begins, so a second attempt would find nothing to do. An event waits for a
# worker as long as the host goes by.
resource "aws_lambda_function_event_invoke_config" "worker" {
  count = local.has_tasks ? 1 : 0

  function_name                = one(module.worker[*].function.function_name)
  qualifier                    = one(module.worker[*].function.version)
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = local.queue_seconds

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "worker" {
  count = local.has_tasks ? 1 : 0

  name              = local.tasks_log
  log_group_class   = var.log_group_class
  skip_destroy      = var.log_groups_kept
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

# The worker's versions that no version of the server calls any more; see rollout.tf.
resource "terraform_data" "old_workers" {
  count = local.has_tasks && local.prunes ? 1 : 0

  triggers_replace = [local.newest_version, one(terraform_data.old_versions[*].id)]

  provisioner "local-exec" {
    command = "python3 -B \"$PRUNE\" \"$FUNCTION\" --called-by \"$SERVER\""
    environment = {
      PRUNE    = "${local.builder}/prune.py"
      FUNCTION = one(module.worker[*].function.arn)
      SERVER   = module.server.function.arn
    }
    on_failure = continue
  }
}
