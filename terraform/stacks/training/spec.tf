# What this stack was last applied with. An output made of variables alone is stored even when the apply fails: half a
# stack would pass for a whole one. A resource that waits for all others is not.
resource "terraform_data" "applied" {
  input = merge({
    owner           = var.owner
    image           = var.image
    vcpu            = var.vcpu
    memory          = var.memory
    gpu             = var.gpu
    compute         = var.compute
    public_ips      = var.public_ips
    timeout         = var.timeout
    attempts        = var.attempts
    tracking_uri    = var.tracking_uri
    experiment      = var.experiment
    model           = var.model
    artifact_bucket = var.artifact_bucket
    policy          = var.policy
    schedule        = var.schedule
    queue           = var.queue
    protect         = var.protect
    code_digest     = var.code_digest
    },
    var.entry_point == "" ? {} : { entry_point = var.entry_point },
    { for name, given in { parameters = var.parameters, env = var.env, secrets = var.secrets, tags = var.tags } : name => given if length(given) > 0 },
  )

  depends_on = [
    aws_batch_job_definition.training,
    aws_ecr_lifecycle_policy.training,
    aws_scheduler_schedule.training,
  ]
}

output "spec" {
  description = "What this stack was last applied with, whole: an apply that failed leaves the one before."
  value       = terraform_data.applied.output
}
