mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  platform    = "acme"
  environment = "prod"
  host        = "mlflow.acme-prod.internal"
}

run "the_database_is_encrypted_private_backed_up_and_protected" {
  command = plan

  assert {
    condition     = aws_db_instance.mlflow.identifier == "acme-prod-mlflow" && aws_db_instance.mlflow.engine == "mysql"
    error_message = "Another database."
  }

  assert {
    condition     = aws_db_instance.mlflow.storage_encrypted && !aws_db_instance.mlflow.publicly_accessible
    error_message = "The database is readable on disk or from the internet."
  }

  assert {
    condition     = aws_db_instance.mlflow.backup_retention_period == 7 && aws_db_instance.mlflow.deletion_protection
    error_message = "The database may be lost."
  }

  assert {
    condition = (
      !aws_db_instance.mlflow.skip_final_snapshot
      && can(regex("^acme-prod-mlflow-last-[0-9a-f]{8}$", aws_db_instance.mlflow.final_snapshot_identifier))
    )
    error_message = "The database leaves nothing behind."
  }

  assert {
    condition     = aws_db_instance.mlflow.allocated_storage == 20 && aws_db_instance.mlflow.max_allocated_storage == 80
    error_message = "The storage does not grow."
  }

  assert {
    condition     = aws_db_instance.mlflow.manage_master_user_password && aws_db_instance.mlflow.password == null
    error_message = "The password would be in Terraform's state."
  }

  assert {
    condition     = [for parameter in aws_db_parameter_group.mlflow.parameter : "${parameter.name}=${parameter.value}"] == ["require_secure_transport=1"]
    error_message = "A connection may be in clear text."
  }

  assert {
    condition     = aws_db_parameter_group.mlflow.family == "mysql8.4" && aws_db_instance.mlflow.parameter_group_name == aws_db_parameter_group.mlflow.name
    error_message = "The parameters are not those of the database."
  }
}

run "postgres_takes_encrypted_connections_alone" {
  command = plan

  variables {
    database = { engine = "postgres", instance_class = "db.m7g.large", storage = 100, multi_az = true }
  }

  assert {
    condition     = [for parameter in aws_db_parameter_group.mlflow.parameter : "${parameter.name}=${parameter.value}"] == ["rds.force_ssl=1"]
    error_message = "A connection may be in clear text."
  }

  assert {
    condition = (
      aws_db_instance.mlflow.engine == "postgres"
      && aws_db_instance.mlflow.instance_class == "db.m7g.large"
      && aws_db_instance.mlflow.allocated_storage == 100
      && aws_db_instance.mlflow.multi_az
      && aws_db_instance.mlflow.port == 5432
      && aws_vpc_security_group_ingress_rule.database.from_port == 5432
      && aws_vpc_security_group_egress_rule.server_to_database.to_port == 5432
    )
    error_message = "Not the database that was asked for."
  }
}

run "its_log_is_kept_as_long_as_all_others" {
  command = plan

  variables {
    log_retention_days = 30
  }

  assert {
    condition = (
      aws_cloudwatch_log_group.database.name == "/aws/rds/instance/acme-prod-mlflow/error"
      && aws_cloudwatch_log_group.database.retention_in_days == 30
      && aws_cloudwatch_log_group.server.retention_in_days == 30
      && aws_cloudwatch_log_group.flow.retention_in_days == 30
    )
    error_message = "A log is kept for ever."
  }
}

run "without_protection_everything_goes_when_the_stack_goes" {
  command = plan

  variables {
    deletion_protection = false
  }

  assert {
    condition = (
      !aws_db_instance.mlflow.deletion_protection
      && aws_db_instance.mlflow.skip_final_snapshot
      && aws_db_instance.mlflow.delete_automated_backups
      && aws_s3_bucket.artifacts.force_destroy
    )
    error_message = "A teardown would get stuck or leave something."
  }
}
