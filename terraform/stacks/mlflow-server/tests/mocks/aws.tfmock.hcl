mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws" }
}

mock_data "aws_region" {
  defaults = { name = "eu-west-1" }
}

mock_data "aws_availability_zones" {
  defaults = { names = ["eu-west-1c", "eu-west-1a", "eu-west-1b"] }
}

mock_resource "aws_vpc" {
  defaults = { id = "vpc-mlflow" }
}

mock_resource "aws_s3_bucket" {
  defaults = {
    id  = "acme-prod-mlflow-123456789012"
    arn = "arn:aws:s3:::acme-prod-mlflow-123456789012"
  }
}

mock_resource "aws_ecr_repository" {
  defaults = { arn = "arn:aws:ecr:eu-west-1:123456789012:repository/acme-prod/mlflow-server" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/acme/prod/mlflow/some" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::123456789012:role/acme-prod-mlflow-some" }
}

mock_resource "aws_db_instance" {
  defaults = {
    address            = "acme-prod-mlflow.abc.eu-west-1.rds.amazonaws.com"
    master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1-AbCdEf" }]
  }
}

mock_resource "aws_ecs_task_definition" {
  defaults = { arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/acme-prod-mlflow:1" }
}

mock_resource "aws_lb" {
  defaults = {
    arn      = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/acme-prod-mlflow/1"
    dns_name = "internal-acme-prod-mlflow.eu-west-1.elb.amazonaws.com"
  }
}

mock_resource "aws_lb_target_group" {
  defaults = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/acme-prod-mlflow/1" }
}

mock_resource "aws_security_group" {
  defaults = { id = "sg-some" }
}
