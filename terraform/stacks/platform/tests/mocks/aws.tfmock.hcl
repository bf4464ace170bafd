mock_data "aws_partition" {
  defaults = { partition = "aws" }
}

mock_data "aws_vpc" {
  defaults = { id = "vpc-default" }
}

mock_data "aws_subnets" {
  defaults = { ids = ["subnet-b", "subnet-a"] }
}

mock_resource "aws_security_group" {
  defaults = { id = "sg-training" }
}

mock_resource "aws_iam_instance_profile" {
  defaults = { arn = "arn:aws:iam::123456789012:instance-profile/acme-prod-batch-instance" }
}

mock_resource "aws_batch_compute_environment" {
  defaults = { arn = "arn:aws:batch:eu-west-1:123456789012:compute-environment/acme-prod-pool" }
}
