locals {
  # Long-term releases of RDS. AWS chooses the minor version and updates it in the maintenance window.
  engines = {
    mysql = {
      version    = "8.4"
      family     = "mysql8.4"
      port       = 3306
      parameters = { require_secure_transport = "1" }
      log        = "error"
    }
    postgres = {
      version    = "17"
      family     = "postgres17"
      port       = 5432
      parameters = { "rds.force_ssl" = "1" }
      log        = "postgresql"
    }
  }

  engine = local.engines[var.database.engine]
}

resource "aws_db_subnet_group" "mlflow" {
  name        = local.name
  description = "Where the database of ${local.name} lives"
  subnet_ids  = [for subnet in aws_subnet.database : subnet.id]
}

resource "aws_db_parameter_group" "mlflow" {
  name        = "${local.name}-${var.database.engine}"
  description = "Connections to the database of ${local.name} are encrypted"
  family      = local.engine.family

  dynamic "parameter" {
    for_each = local.engine.parameters

    content {
      name  = parameter.key
      value = parameter.value
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

# RDS would make it without a retention.
resource "aws_cloudwatch_log_group" "database" {
  name              = "/aws/rds/instance/${local.name}/${local.engine.log}"
  retention_in_days = var.log_retention_days
}

resource "aws_db_instance" "mlflow" {
  identifier     = local.name
  db_name        = "mlflow"
  engine         = var.database.engine
  engine_version = local.engine.version
  instance_class = var.database.instance_class
  multi_az       = var.database.multi_az

  storage_type          = "gp3"
  storage_encrypted     = true
  allocated_storage     = var.database.storage
  max_allocated_storage = 4 * var.database.storage

  # RDS makes the password, keeps it in Secrets Manager and changes it every seven days: it is in no Terraform state.
  username                    = "mlflow"
  manage_master_user_password = true

  port                   = local.engine.port
  publicly_accessible    = false
  db_subnet_group_name   = aws_db_subnet_group.mlflow.name
  vpc_security_group_ids = [aws_security_group.database.id]
  parameter_group_name   = aws_db_parameter_group.mlflow.name

  backup_retention_period         = 7
  copy_tags_to_snapshot           = true
  auto_minor_version_upgrade      = true
  enabled_cloudwatch_logs_exports = [local.engine.log]

  # What is merged is applied, and not in some night's maintenance window: until then every plan would show it.
  apply_immediately = true

  deletion_protection      = var.deletion_protection
  delete_automated_backups = !var.deletion_protection
  skip_final_snapshot      = !var.deletion_protection
  # The VPC's id, for a later database of this name may leave a last snapshot too.
  final_snapshot_identifier = "${local.name}-last-${substr(sha256(aws_vpc.mlflow.id), 0, 8)}"

  depends_on = [aws_cloudwatch_log_group.database]
}
