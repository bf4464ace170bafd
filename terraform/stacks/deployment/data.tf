# What SageMaker writes: captured requests under capture/, and async requests, answers and failures under async/. The
# name is the release's own business: it depends on nothing that changes.
locals {
  bucket = "${local.name}-${data.aws_caller_identity.current.account_id}"

  captures = anytrue([for release in var.releases : release.capture > 0])
  queues   = anytrue([for release in var.releases : release.async != null])
  stores   = local.captures || local.queues
}

# It goes with the deployment, captures and all.
resource "aws_s3_bucket" "data" {
  count = local.stores ? 1 : 0

  bucket        = local.bucket
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "data" {
  count = local.stores ? 1 : 0

  bucket                  = aws_s3_bucket.data[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "data" {
  count = local.stores ? 1 : 0

  bucket = aws_s3_bucket.data[0].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "data" {
  count = local.stores ? 1 : 0

  bucket = aws_s3_bucket.data[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "data" {
  count = local.stores ? 1 : 0

  bucket = aws_s3_bucket.data[0].id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = 90
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_policy" "data" {
  count = local.stores ? 1 : 0

  bucket = aws_s3_bucket.data[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.data[0].arn, "${aws_s3_bucket.data[0].arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  # Two changes of a bucket's access at the same time are refused.
  depends_on = [aws_s3_bucket_public_access_block.data]
}
