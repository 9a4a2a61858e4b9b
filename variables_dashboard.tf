variable "dashboard" {
  description = <<-EOT
    Whether to make a CloudWatch dashboard named NAME-REGION:
    alarms, requests, errors, latency, cold starts, concurrency, refusals, tools ranked, cost a day.
    AWS takes $3 a month for each but an account's first three.
  EOT
  type        = bool
  default     = false
  nullable    = false
}
