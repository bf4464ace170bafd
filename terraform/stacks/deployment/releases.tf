# Neither can be edited in AWS. A release's name stands for its content, so these are made and removed, never changed;
# create_before_destroy puts every removal after the endpoint has moved on.

resource "aws_sagemaker_model" "release" {
  for_each = local.releases

  name               = "${local.name}-${each.key}"
  execution_role_arn = aws_iam_role.serving.arn

  primary_container {
    image = each.value.image
  }

  depends_on = [aws_iam_role_policy.serving]

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint_configuration" "release" {
  for_each = local.releases

  name = "${local.name}-${each.key}"

  production_variants {
    # SageMaker refuses an update that renames the variant.
    variant_name = "AllTraffic"
    model_name   = aws_sagemaker_model.release[each.key].name

    # A whole number: SageMaker keeps fractions as 32-bit floats, which never compare equal again.
    initial_variant_weight = 1

    instance_type          = try(each.value.realtime.instance_type, null)
    initial_instance_count = try(each.value.realtime.instances, null)

    dynamic "serverless_config" {
      for_each = each.value.serverless[*]

      content {
        memory_size_in_mb = serverless_config.value.memory
        max_concurrency   = serverless_config.value.max_concurrency
      }
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}
