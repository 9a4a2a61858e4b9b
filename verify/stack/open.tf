# Open to everybody who guesses its URL, for an hour: what is late, large or broken, and two versions that share calls.
module "open" {
  source = "../.."
  count  = contains(var.parts, "open") ? 1 : 0

  name                 = "${var.name}-open"
  package_file         = var.package_file
  runtime              = var.runtime
  architecture         = var.architecture
  auth                 = { type = "none" }
  timeout_seconds      = var.timeout_seconds
  reserved_concurrency = var.can_reserve ? 5 : null
  throttle             = { rate = 50, burst = 100 }
  cors_origins         = ["https://app.example", local.extension]
  tasks                = { tools = { wait = "optional" }, timeout_seconds = 60 }

  environment = { CHANGED = var.changed } # for the change to publish a version
  canary      = var.changed ? { stable_version = 1, weight = 0.5 } : null

  # Any call in each of three minutes is enough.
  alarms        = { p95_duration = 1000, concurrency = var.can_reserve ? 1 : null }
  alarm_actions = aws_sns_topic.on_call[*].arn
  dashboard     = contains(var.parts, "dashboard")
  saved_queries = var.saved_queries
  tracing       = true
  tags          = { mcp-server = var.name }
}

output "open" {
  value = one(module.open[*])
}

# A dashboard is the one thing here that may cost dollars, so only its row asks for it.
output "dashboard" {
  value = contains(var.parts, "dashboard") ? one(module.open[*].dashboard_name) : null
}

# Where alarms say that they ring.
resource "aws_sns_topic" "on_call" {
  #checkov:skip=CKV_AWS_26:CloudWatch may not use the key alias/aws/sns: no alarm would reach a topic under it.
  count = contains(var.parts, "on_call") ? 1 : 0

  name = "${var.name}-on-call"
}

resource "aws_sqs_queue" "on_call" {
  count = contains(var.parts, "on_call") ? 1 : 0

  name                    = "${var.name}-on-call"
  sqs_managed_sse_enabled = true
}

data "aws_iam_policy_document" "on_call" {
  count = contains(var.parts, "on_call") ? 1 : 0

  statement {
    actions   = ["sqs:SendMessage"]
    resources = aws_sqs_queue.on_call[*].arn

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = aws_sns_topic.on_call[*].arn
    }
  }
}

resource "aws_sqs_queue_policy" "on_call" {
  count = contains(var.parts, "on_call") ? 1 : 0

  queue_url = one(aws_sqs_queue.on_call[*].url)
  policy    = one(data.aws_iam_policy_document.on_call[*].json)
}

resource "aws_sns_topic_subscription" "on_call" {
  count = contains(var.parts, "on_call") ? 1 : 0

  topic_arn = one(aws_sns_topic.on_call[*].arn)
  protocol  = "sqs"
  endpoint  = one(aws_sqs_queue.on_call[*].arn)

  depends_on = [aws_sqs_queue_policy.on_call]
}

output "on_call" {
  value = one([for queue in aws_sqs_queue.on_call : { queue_url = queue.url }])
}
