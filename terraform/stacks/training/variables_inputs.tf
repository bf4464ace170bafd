variable "entry_point" {
  description = "Entry point of MLproject that is run; empty: main."
  type        = string
  nullable    = false
  default     = ""
}

variable "parameters" {
  description = "Parameters of the entry point, by name: they are handed to `mlflow run` as they are."
  type        = map(string)
  nullable    = false
  default     = {}
}

variable "env" {
  description = "Environment variables of the jobs, by name."
  type        = map(string)
  nullable    = false
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.env) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name)) && !startswith(name, "AWS_BATCH")])
    error_message = "A variable is letters, digits and _, and none begins with AWS_BATCH (AWS Batch)."
  }
}

variable "secrets" {
  description = "Environment variables that AWS Batch reads when a job starts: ARN of a parameter of Systems Manager, or of a secret of Secrets Manager (and `:key::` of it), by name. The execution role may read these and no others."
  type        = map(string)
  nullable    = false
  default     = {}

  validation {
    condition = alltrue([
      for arn in values(var.secrets) :
      can(regex("^arn:[a-z-]+:(ssm:[a-z0-9-]+:[0-9]{12}:parameter/|secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:)", arn))
    ])
    error_message = "A secret is the ARN of a parameter of Systems Manager, or of a secret of Secrets Manager."
  }

  validation {
    condition     = length(setintersection(keys(var.secrets), keys(var.env))) == 0
    error_message = "A variable is either given, or read from a secret."
  }
}
