# What this stack was last applied with. An output made of variables alone is stored even when the apply fails: half a
# stack would pass for a whole one. A resource that waits for all others is not.
resource "terraform_data" "applied" {
  input = {
    vpc_id      = var.vpc_id
    subnet_ids  = var.subnet_ids
    max_vcpus   = var.max_vcpus
    code_digest = var.code_digest
  }

  depends_on = [
    aws_batch_job_queue.pool,
    aws_iam_role_policy_attachment.instance,
    aws_vpc_security_group_egress_rule.training,
  ]
}

output "spec" {
  description = "What this stack was last applied with, whole: an apply that failed leaves the one before."
  value       = terraform_data.applied.output
}
