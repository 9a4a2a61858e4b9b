variable "request_state_keys" {
  description = <<-EOT
    Labels of the keys that seal the state of multi-round calls: the first seals, all open.
    To rotate, in three applies: add a label at the end, move it to the front, remove the old one after ten minutes.
  EOT
  type        = list(string)
  default     = ["1"]
  nullable    = false

  validation {
    condition = alltrue([
      length(var.request_state_keys) >= 1,
      length(var.request_state_keys) <= 10,
      length(distinct(var.request_state_keys)) == length(var.request_state_keys),
    ])
    error_message = <<-EOT
      request_state_keys is ${jsonencode(var.request_state_keys)}, but must hold 1 to 10 different labels.
      Without a key no state could be sealed, and a rotation needs two.
    EOT
  }

  validation {
    condition     = alltrue([for label in var.request_state_keys : can(regex(local.patterns.key_label, label))])
    error_message = <<-EOT
      request_state_keys is ${jsonencode(var.request_state_keys)}.
      A label is 1 to 32 letters, digits or . _ -, such as "2026-11"; it names a key, and is none.
    EOT
  }
}
