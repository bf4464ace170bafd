output "plan_role_arn" {
  description = "Role that the GitHub environment `<environment>-plan` takes, to plan; empty without github."
  value       = local.connected ? aws_iam_role.plan[0].arn : ""
}

output "apply_role_arn" {
  description = "Role that the GitHub environment takes, to apply; empty without github."
  value       = local.connected ? aws_iam_role.apply[0].arn : ""
}

output "bucket" {
  description = "Name of the state bucket, whoever made it."
  value       = var.own_bucket ? aws_s3_bucket.state[0].id : var.state_bucket
}
