variable "request_state_keys" {
  description = "Labels of the keys that seal the state of multi-round calls: the first seals, all open. To rotate, in three applies: add a label at the end, move it to the front, remove the old one after ten minutes."
  type        = list(string)
  default     = ["1"]
  nullable    = false

  validation {
    condition     = length(var.request_state_keys) >= 1 && length(var.request_state_keys) <= 10 && length(distinct(var.request_state_keys)) == length(var.request_state_keys)
    error_message = "request_state_keys is ${jsonencode(var.request_state_keys)}, but must hold 1 to 10 different labels: without a key no state could be sealed, and a rotation needs two."
  }

  validation {
    condition     = alltrue([for label in var.request_state_keys : can(regex("^[A-Za-z0-9._-]{1,32}$", label))])
    error_message = "request_state_keys is ${jsonencode(var.request_state_keys)}, but a label is 1 to 32 letters, digits or . _ -, such as \"2026-11\"; it names a key, and is none."
  }
}
