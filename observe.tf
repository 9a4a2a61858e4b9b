locals {
  # What the host says of each request, and to whom.
  observe = {
    log_level    = var.log_level
    log_subject  = var.log_subject
    log_payloads = var.log_payloads
    metrics      = var.metrics
  }
}
