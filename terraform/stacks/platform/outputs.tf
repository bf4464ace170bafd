output "queues" {
  description = "ARN of each job queue, by pool."
  value       = { for pool, queue in aws_batch_job_queue.pool : pool => queue.arn }
}

output "security_group_id" {
  description = "Security group of every training job."
  value       = aws_security_group.training.id
}

output "network" {
  description = "VPC, subnets and security group of the training jobs: models that run in a network take the same."
  value = {
    vpc_id            = local.vpc_id
    subnet_ids        = local.subnet_ids
    security_group_id = aws_security_group.training.id
  }
}

output "alerts_topic" {
  description = "ARN of the topic that tells of alarms and failed trainings."
  value       = aws_sns_topic.alerts.arn
}
