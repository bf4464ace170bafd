# Batch itself acts through its service-linked role, which AWS makes and keeps: only then are compute environments
# updated in place (AWS Batch, "Updating compute environments").

resource "aws_iam_role" "instance" {
  name        = "${local.prefix}-batch-instance"
  description = "Instances that run the training jobs of ${local.prefix}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

# The clusters that the instances join are named by Batch, so no narrower policy than AWS's own can be written.
resource "aws_iam_role_policy_attachment" "instance" {
  role       = aws_iam_role.instance.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"
}

# A run that is stopped while it waits for a new profile leaves it in the state as tainted, without its role. The pools make
# its replacement come first: hence no fixed name.
resource "aws_iam_instance_profile" "instance" {
  name_prefix = "${local.prefix}-batch-instance-"
  role        = aws_iam_role.instance.name

  lifecycle {
    create_before_destroy = true
  }
}
