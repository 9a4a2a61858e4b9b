locals {
  # What the host says of each request, and to whom.
  observe = {
    log_level    = var.log_level
    log_subject  = var.log_subject
    log_payloads = var.log_payloads
    metrics      = var.metrics
    tracing      = var.tracing
  }

  # AWS knows no ARNs for traces (Service Authorization Reference, AWS X-Ray).
  tracing_statements = [for statement in [
    {
      Sid      = "SendTraces"
      Effect   = "Allow"
      Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
      Resource = "*"
    },
  ] : statement if var.tracing]
}
