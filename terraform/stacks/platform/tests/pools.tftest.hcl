mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  platform    = "acme"
  environment = "prod"
  code_digest = "c0de"
}

run "every_pool_has_a_queue_of_its_own" {
  assert {
    condition = jsonencode({ for pool, queue in aws_batch_job_queue.pool : pool => queue.name }) == jsonencode({
      fargate       = "acme-prod-fargate"
      fargate-spot  = "acme-prod-fargate-spot"
      on-demand     = "acme-prod-on-demand"
      on-demand-gpu = "acme-prod-on-demand-gpu"
      spot          = "acme-prod-spot"
      spot-gpu      = "acme-prod-spot-gpu"
    })
    error_message = "The queues are not those that jobs are submitted to."
  }

  assert {
    condition     = keys(output.queues) == keys(aws_batch_job_queue.pool)
    error_message = "The output `queues` names other pools."
  }
}

run "instances_are_updated_in_place_and_held_only_while_there_are_jobs" {
  assert {
    condition = alltrue([
      for environment in aws_batch_compute_environment.instances :
      contains(["BEST_FIT_PROGRESSIVE", "SPOT_CAPACITY_OPTIMIZED"], environment.compute_resources[0].allocation_strategy)
    ])
    error_message = "The provider replaces environments with any other allocation strategy."
  }

  assert {
    condition     = alltrue([for environment in aws_batch_compute_environment.instances : environment.compute_resources[0].min_vcpus == 0])
    error_message = "Idle instances are paid for."
  }

  assert {
    condition = alltrue([
      for environment in aws_batch_compute_environment.instances : !environment.update_policy[0].terminate_jobs_on_update
    ])
    error_message = "An update would stop running trainings."
  }
}

run "only_gpu_pools_pay_for_gpus" {
  assert {
    condition = alltrue([
      for pool, environment in aws_batch_compute_environment.instances :
      contains(environment.compute_resources[0].instance_type, "optimal") != endswith(pool, "-gpu")
    ])
    error_message = "A pool has the wrong kind of instances."
  }
}

run "a_job_that_can_never_start_leaves_the_queue" {
  assert {
    condition = alltrue([
      for queue in aws_batch_job_queue.pool : alltrue([
        for limit in queue.job_state_time_limit_action :
        limit.state == "RUNNABLE" && limit.action == "CANCEL" && limit.max_time_seconds >= 600 && limit.max_time_seconds <= 86400
      ]) && length(queue.job_state_time_limit_action) == 3
    ])
    error_message = "AWS Batch takes RUNNABLE, CANCEL and 600 to 86400 seconds."
  }
}

run "instances_carry_the_tags_that_say_whose_they_are" {
  assert {
    condition = alltrue([
      for environment in aws_batch_compute_environment.instances :
      environment.compute_resources[0].tags["reconciler:platform"] == "acme" && environment.compute_resources[0].tags["reconciler:environment"] == "prod"
    ])
    error_message = "An instance would not be known as ours."
  }
}

run "spec_gives_the_variables_back" {
  variables {
    vpc_id       = "vpc-default"
    subnet_ids   = ["subnet-a"]
    zones        = 3
    max_vcpus    = 8
    disk         = 200
    alert_emails = ["ml@acme.example"]
  }

  assert {
    condition = jsonencode(output.spec) == jsonencode({
      alert_emails = ["ml@acme.example"]
      cidr         = ""
      code_digest  = "c0de"
      disk         = 200
      max_vcpus    = 8
      subnet_ids   = ["subnet-a"]
      vpc_id       = "vpc-default"
      zones        = 3
    })
    error_message = "The output `spec` is not what was applied."
  }
}
