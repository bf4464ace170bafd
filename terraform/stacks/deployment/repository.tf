# Retiring a deployment removes its images with it: each can be built again from its MLflow version.
resource "aws_ecr_repository" "model" {
  name                 = "${local.prefix}/${var.project}/model"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = true

  image_scanning_configuration {
    scan_on_push = true
  }
}

locals {
  # Sorted by version, so that a rollback changes nothing here. Two models may have had one version's number.
  kept_tags = sort([for release in var.releases : "${format("%05d", release.version)} ${regex("[^:]*$", release.image)}"])
  protected = distinct([for kept in local.kept_tags : split(" ", kept)[1]])
}

# ECR never expires by one rule what matches another of higher priority. So each retained release's image is matched
# first, by a rule that expires nothing; one rule for each, because all tags of one rule would have to be on one image.
resource "aws_ecr_lifecycle_policy" "model" {
  repository = aws_ecr_repository.model.name

  policy = jsonencode({
    rules = concat(
      [for index, tag in local.protected : {
        rulePriority = index + 1
        description  = "Keep ${tag}: a release is ready on it"
        selection    = { tagStatus = "tagged", tagPatternList = [tag], countType = "imageCountMoreThan", countNumber = 9999 }
        action       = { type = "expire" }
      }],
      [{
        rulePriority = 100
        description  = "Drop what no tag points at"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 1 }
        action       = { type = "expire" }
      }],
      [{
        # The kept ones are counted here as well.
        rulePriority = 101
        description  = "Keep the 20 newest others"
        selection    = { tagStatus = "tagged", tagPatternList = ["*"], countType = "imageCountMoreThan", countNumber = 20 + length(local.protected) }
        action       = { type = "expire" }
      }],
    )
  })
}
