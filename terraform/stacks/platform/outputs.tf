output "queues" {
  description = "ARN of each job queue, by pool."
  value       = { for pool, queue in aws_batch_job_queue.pool : pool => queue.arn }
}

output "security_group_id" {
  description = "Security group of every training job."
  value       = aws_security_group.training.id
}
