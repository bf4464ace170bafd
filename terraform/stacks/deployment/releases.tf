# Neither can be edited in AWS. A release's name stands for its content, so these are made and removed, never changed;
# create_before_destroy puts every removal after the endpoint has moved on.

resource "aws_sagemaker_model" "release" {
  for_each = local.releases

  name               = "${local.name}-${each.key}"
  execution_role_arn = aws_iam_role.serving.arn
  tags               = local.origins[each.key]

  primary_container {
    image       = each.value.image
    environment = length(each.value.env) == 0 ? null : each.value.env
  }

  dynamic "vpc_config" {
    for_each = each.value.vpc[*]

    content {
      subnets            = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  depends_on = [aws_iam_role_policy.serving]

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint_configuration" "release" {
  for_each = local.releases

  name = "${local.name}-${each.key}"
  tags = local.origins[each.key]

  production_variants {
    # SageMaker refuses an update that renames the variant.
    variant_name = local.variant
    model_name   = aws_sagemaker_model.release[each.key].name

    # A whole number: SageMaker keeps fractions as 32-bit floats, which never compare equal again.
    initial_variant_weight = 1

    instance_type          = try(each.value.realtime.instance_type, each.value.async.instance_type, null)
    initial_instance_count = try(each.value.realtime.instances, each.value.async.instances, null)

    dynamic "serverless_config" {
      for_each = each.value.serverless[*]

      content {
        memory_size_in_mb = serverless_config.value.memory
        max_concurrency   = serverless_config.value.max_concurrency
      }
    }
  }

  dynamic "async_inference_config" {
    for_each = each.value.async[*]

    content {
      client_config {
        max_concurrent_invocations_per_instance = async_inference_config.value.max_concurrent
      }

      output_config {
        s3_output_path  = "s3://${local.bucket}/async/output"
        s3_failure_path = "s3://${local.bucket}/async/failure"

        dynamic "notification_config" {
          for_each = var.alerts_topic == "" ? [] : [var.alerts_topic]

          content {
            error_topic = notification_config.value
          }
        }
      }
    }
  }

  dynamic "data_capture_config" {
    for_each = each.value.capture == 0 ? [] : [each.value.capture]

    content {
      enable_capture              = true
      initial_sampling_percentage = data_capture_config.value
      destination_s3_uri          = "s3://${local.bucket}/capture"

      capture_options {
        capture_mode = "Input"
      }

      capture_options {
        capture_mode = "Output"
      }

      # Everything else is captured as base64.
      capture_content_type_header {
        csv_content_types  = ["text/csv"]
        json_content_types = ["application/json"]
      }
    }
  }

  depends_on = [aws_s3_bucket.data, aws_s3_bucket_policy.data]

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  variant       = "AllTraffic"
  instance_type = try(local.live.realtime.instance_type, local.live.async.instance_type, "")

  # What each release's model was made of. Here and not on the endpoint, whose tags would tell of what was asked for: it
  # serves what its configuration says, also after SageMaker rolled an update back.
  origins = {
    for name, release in local.releases : name => release.origin == null ? {} : {
      for key, value in {
        "reconciler:version"      = tostring(release.version)
        "reconciler:run"          = release.origin.run_id
        "reconciler:logged-model" = release.origin.model_id
        "reconciler:registered"   = release.origin.created == 0 ? "" : timeadd("1970-01-01T00:00:00Z", "${floor(release.origin.created / 1000)}s")
      } : key => value if can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{1,256}$", value))
    }
  }
}
