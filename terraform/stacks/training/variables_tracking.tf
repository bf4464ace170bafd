variable "tracking_uri" {
  description = "MLflow tracking server that jobs log to."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^https?://", var.tracking_uri))
    error_message = "tracking_uri is the http or https address of an MLflow server."
  }
}

variable "experiment" {
  description = "MLflow experiment that jobs log to."
  type        = string
  nullable    = false

  validation {
    condition     = trimspace(var.experiment) != "" && length(var.experiment) <= 256
    error_message = "experiment is the name of an MLflow experiment: 1 to 256 characters."
  }
}

variable "model" {
  description = "Registered model name that the project trains."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^/:]+$", var.model))
    error_message = "model is a registered model name: not empty, without / and : (MLflow)."
  }
}
