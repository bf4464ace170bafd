# Retiring a deployment removes its images with it: each can be built again from its MLflow version.
resource "aws_ecr_repository" "model" {
  name                 = "${local.prefix}/${var.project}/model"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = true

  image_scanning_configuration {
    scan_on_push = true
  }
}

# Tagged images stay: any of them may be what a rollback needs.
resource "aws_ecr_lifecycle_policy" "model" {
  repository = aws_ecr_repository.model.name

  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Drop what no tag points at"
      selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 1 }
      action       = { type = "expire" }
    }]
  })
}
