variable "domain_name" {
  description = "Name of the endpoint."
  type        = string
  default     = "consents.example.com"
}

variable "zone_id" {
  description = <<-EOT
    Route 53 zone of domain_name. null where DNS is kept elsewhere:
    then the apply waits until the record that ACM asks for is there,
    and the output domain_target says where the name has to lead.
  EOT
  type        = string
  default     = null
}

variable "canary" {
  description = "Newest version on a share of the calls, as in docs/rollout.md."
  type        = object({ stable_version = number, weight = number })
  default     = null
}

variable "rollback_to" {
  description = "Version that all calls go to, as in docs/rollout.md."
  type        = number
  default     = null
}

variable "runtime" {
  type    = string
  default = "python3.13"
}

variable "architecture" {
  type    = string
  default = "arm64"
}
