# Retiring a project removes its images with it: each can be built again from git.
resource "aws_ecr_repository" "training" {
  name                 = "${local.prefix}/${var.project}/training"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = true

  image_scanning_configuration {
    scan_on_push = true
  }
}

locals {
  # Empty for an image that is named otherwise, such as by its digest.
  tag = try(regex("^[^@]*:([^:/@]+)$", var.image)[0], "")

  protected = local.tag == "" ? [] : [{
    rulePriority = 1
    description  = "Keep what the job definition runs"
    selection    = { tagStatus = "tagged", tagPatternList = [local.tag], countType = "imageCountMoreThan", countNumber = 9999 }
    action       = { type = "expire" }
  }]
}

# ECR never expires by one rule what matches another of higher priority. So the image in use is matched first, by a rule
# that expires nothing, however long ago it was pushed.
resource "aws_ecr_lifecycle_policy" "training" {
  repository = aws_ecr_repository.training.name

  policy = jsonencode({
    rules = concat(local.protected, [
      {
        rulePriority = 2
        description  = "Drop what no tag points at"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 1 }
        action       = { type = "expire" }
      },
      {
        # The one in use is counted here as well.
        rulePriority = 3
        description  = "Keep the images of the 50 newest other sources"
        selection    = { tagStatus = "tagged", tagPatternList = ["*"], countType = "imageCountMoreThan", countNumber = 50 + length(local.protected) }
        action       = { type = "expire" }
      },
    ])
  })
}
