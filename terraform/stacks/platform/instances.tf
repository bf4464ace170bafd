# Every EC2 pool starts its instances from this. The environments name its version, so that a change of it is an update of
# them in place, and no job is sent to an instance of before.
resource "aws_launch_template" "training" {
  name        = "${local.prefix}-training"
  description = "Instances that run the training jobs of ${local.prefix}"

  # The root volume of Amazon's ECS images on Amazon Linux 2023, with and without GPU. It is encrypted by the account's own
  # key for EBS. Images of training jobs are unpacked there.
  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = var.disk
      encrypted             = true
      delete_on_termination = true
    }
  }

  # Jobs have a role of their own, and get its credentials from ECS, not from the instance: one hop is enough for the ECS
  # agent, and does not lead into containers that have a network of their own.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  # The provider's default tags stop at the template. Batch tags the instances itself, with the tags of the pools.
  tag_specifications {
    resource_type = "volume"
    tags          = merge(local.own_tags, { Name = "${local.prefix}-training" })
  }
}
