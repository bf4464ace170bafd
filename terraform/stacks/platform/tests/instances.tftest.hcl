mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform    = "acme"
  environment = "prod"
  disk        = 250
}

run "every_instance_has_an_encrypted_disk_of_the_size_asked_for" {
  assert {
    condition = (
      aws_launch_template.training.block_device_mappings[0].device_name == "/dev/xvda"
      && aws_launch_template.training.block_device_mappings[0].ebs[0].volume_size == 250
      && aws_launch_template.training.block_device_mappings[0].ebs[0].volume_type == "gp3"
      && aws_launch_template.training.block_device_mappings[0].ebs[0].encrypted == "true"
      && aws_launch_template.training.block_device_mappings[0].ebs[0].delete_on_termination == "true"
    )
    error_message = "The disk is another one, or outlives its instance."
  }

  assert {
    condition = alltrue([
      for environment in aws_batch_compute_environment.instances :
      environment.compute_resources[0].launch_template[0].launch_template_id == "lt-training" && environment.compute_resources[0].launch_template[0].version == "7"
    ])
    error_message = "A pool starts its instances from something else, or from a version that moves by itself."
  }
}

run "metadata_needs_a_token_and_stays_within_one_hop" {
  assert {
    condition = (
      aws_launch_template.training.metadata_options[0].http_tokens == "required"
      && aws_launch_template.training.metadata_options[0].http_put_response_hop_limit == 1
    )
    error_message = "The metadata service answers without a token, or further than the instance."
  }
}

run "disks_carry_the_tags_that_say_whose_they_are" {
  assert {
    condition = one([
      for each in aws_launch_template.training.tag_specifications : each.tags if each.resource_type == "volume"
      ]) == tomap({
      "reconciler:platform"    = "acme"
      "reconciler:environment" = "prod"
      managed-by               = "lean-mlops-control-centre"
      Name                     = "acme-prod-training"
    })
    error_message = "A disk would not be known as ours."
  }
}
