"""Names and tags that AWS refuses, sent as a client without checks of its own sends them: refused in AWS's words."""

from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from support.access import LOGIN

ROLE = "arn:aws:iam::123456789012:role/any"
LONG = "x" * 600
CONTAINER = {
    "image": "any",
    "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}],
}
ALARM = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1}
QUEUE = {"priority": 1, "computeEnvironmentOrder": [], "state": "ENABLED"}
SCHEDULE = {
    "ScheduleExpression": "rate(1 day)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": "arn:aws:sns:eu-west-1:123456789012:any", "RoleArn": ROLE},
}
DATABASE = {"DBInstanceClass": "db.t4g.micro", "Engine": "postgres"}
COMPUTE = {"type": "MANAGED", "state": "ENABLED"}
TRUST = {"AssumeRolePolicyDocument": "{}"}
TAG = {"Key": "aws:team", "Value": "ml"}
VALIDATION, PARAMETER, QUERY = "ValidationException", "InvalidParameterException", "ValidationError"

REFUSED: dict[str, tuple[str, str, Mapping[str, Any], str, str]] = {
    "a model's name": (
        "sagemaker",
        "create_model",
        {"ModelName": "a_b", "ExecutionRoleArn": ROLE},
        VALIDATION,
        "modelName",
    ),
    "a model's long name": (
        "sagemaker",
        "create_model",
        {"ModelName": "x" * 64},
        VALIDATION,
        "less than or equal to 63",
    ),
    "a configuration's name": (
        "sagemaker",
        "create_endpoint_config",
        {"EndpointConfigName": "ends-", "ProductionVariants": [{"VariantName": "a", "ModelName": "b"}]},
        VALIDATION,
        "endpointConfigName",
    ),
    "a variant's model": (
        "sagemaker",
        "create_endpoint_config",
        {"EndpointConfigName": "a", "ProductionVariants": [{"VariantName": "a", "ModelName": "b c"}]},
        VALIDATION,
        "Value 'b c' at 'productionVariants.1.member.modelName' failed to satisfy constraint: Member must satisfy",
    ),
    "an endpoint's name": ("sagemaker", "describe_endpoint", {"EndpointName": "a b"}, VALIDATION, "endpointName"),
    "an endpoint that is asked": (
        "sagemaker-runtime",
        "invoke_endpoint",
        {"EndpointName": "a_b", "Body": b""},
        VALIDATION,
        "",
    ),
    "a repository without a name": ("ecr", "create_repository", {}, PARAMETER, "'repositoryName' failed"),
    "an alarm's name": ("cloudwatch", "put_metric_alarm", {"AlarmName": LONG, **ALARM}, QUERY, "equal to 255"),
    "a repository in capitals": (
        "ecr",
        "create_repository",
        {"repositoryName": "Team/Model"},
        PARAMETER,
        "must satisfy regular",
    ),
    "a repository of one letter": (
        "ecr",
        "create_repository",
        {"repositoryName": "a"},
        PARAMETER,
        "greater than or equal to 2",
    ),
    "a compute environment": (
        "batch",
        "create_compute_environment",
        {"computeEnvironmentName": "a b", **COMPUTE},
        "ClientException",
        "",
    ),
    "a queue": ("batch", "create_job_queue", {"jobQueueName": "-a", **QUEUE}, "ClientException", "jobQueueName"),
    "a job definition": (
        "batch",
        "register_job_definition",
        {"jobDefinitionName": "a.b", "type": "container", "containerProperties": CONTAINER},
        "ClientException",
        "jobDefinitionName",
    ),
    "a job": (
        "batch",
        "submit_job",
        {"jobName": "a/b", "jobQueue": "q", "jobDefinition": "d"},
        "ClientException",
        "jobName",
    ),
    "a role's long name": ("iam", "create_role", {"RoleName": "x" * 65, **TRUST}, QUERY, "'roleName' failed"),
    "a role's name": ("iam", "create_role", {"RoleName": "a b", **TRUST}, QUERY, r"[\w+=,.@-]+"),
    "a role without a name": ("iam", "create_role", TRUST, QUERY, "Value null at 'roleName'"),
    "a name for a federation": ("sts", "get_federation_token", {"Name": "a/b"}, QUERY, "'name'"),
    "a schedule's long name": (
        "scheduler",
        "create_schedule",
        {"Name": "x" * 65, **SCHEDULE},
        VALIDATION,
        "equal to 64",
    ),
    "a schedule's name": ("scheduler", "create_schedule", {"Name": "a b", **SCHEDULE}, VALIDATION, "[0-9a-zA-Z-_.]+"),
    "a rule's name": ("events", "put_rule", {"Name": "a/b", "ScheduleExpression": "rate(1 day)"}, VALIDATION, "'name'"),
    "a log group": ("logs", "create_log_group", {"logGroupName": "a b"}, PARAMETER, "logGroupName"),
    "a log group's long name": ("logs", "create_log_group", {"logGroupName": LONG}, PARAMETER, "equal to 512"),
    "a log group's days": (
        "logs",
        "put_retention_policy",
        {"logGroupName": "a"},
        PARAMETER,
        "Value null at 'retentionInDays'",
    ),
    "a secret": ("secretsmanager", "create_secret", {"Name": "a b", "SecretString": "s"}, VALIDATION, "name"),
    "a parameter": ("ssm", "put_parameter", {"Name": "/a b", "Value": "v", "Type": "String"}, VALIDATION, "name"),
    "a parameter's type": (
        "ssm",
        "put_parameter",
        {"Name": "/a", "Value": "v", "Type": "Text"},
        VALIDATION,
        "enum value set",
    ),
    "a database": (
        "rds",
        "create_db_instance",
        {"DBInstanceIdentifier": "a--b", **DATABASE},
        "InvalidParameterValue",
        "consecutive hyphens",
    ),
    "a database without a class": (
        "rds",
        "create_db_instance",
        {"DBInstanceIdentifier": "a"},
        "MissingParameter",
        "DBInstanceClass",
    ),
    "a load balancer": ("elbv2", "create_load_balancer", {"Name": "x" * 33}, QUERY, "name"),
    "a group of AWS's form": (
        "ec2",
        "create_security_group",
        {"GroupName": "sg-1", "Description": "any"},
        "InvalidParameterValue",
        "GroupName",
    ),
    "a subnet without its network": ("ec2", "create_subnet", {"CidrBlock": "10.0.0.0/24"}, "MissingParameter", "VpcId"),
    "a lifecycle's state": (
        "s3",
        "put_bucket_lifecycle_configuration",
        {"Bucket": "any", "LifecycleConfiguration": {"Rules": [{"ID": "a", "Status": "On", "Filter": {"Prefix": ""}}]}},
        "MalformedXML",
        "published schema",
    ),
    "a tag's long key": (
        "sagemaker",
        "create_model",
        {"ModelName": "a", "Tags": [{"Key": "x" * 129, "Value": ""}]},
        VALIDATION,
        "128",
    ),
    "a tag's long value": (
        "iam",
        "create_role",
        {"RoleName": "a", **TRUST, "Tags": [{"Key": "k", "Value": "x" * 257}]},
        QUERY,
        "256",
    ),
    "a tag's letters": (
        "iam",
        "create_role",
        {"RoleName": "a", **TRUST, "Tags": [{"Key": "a?", "Value": ""}]},
        QUERY,
        "tags.1.member.key",
    ),
    "a tag of AWS's own": (
        "sagemaker",
        "create_model",
        {"ModelName": "a", "ExecutionRoleArn": ROLE, "Tags": [TAG]},
        VALIDATION,
        "aws:",
    ),
    "a map's tag of AWS's own": (
        "logs",
        "create_log_group",
        {"logGroupName": "a", "tags": {"AWS:team": "ml"}},
        PARAMETER,
        "AWS:team",
    ),
    "an EC2 tag of AWS's own": (
        "ec2",
        "create_tags",
        {"Resources": ["vpc-1"], "Tags": [TAG]},
        "InvalidParameterValue",
        "aws:team",
    ),
}


def unchecked(box: Any, service: str) -> Any:
    """A client that sends what it is given."""
    return boto3.client(
        service,
        endpoint_url=box.url,
        region_name="eu-west-1",
        **LOGIN,
        config=Config(parameter_validation=False, retries={"max_attempts": 1}),
    )


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_what_aws_refuses_is_refused_in_its_words(shared_box: Any, case: Any) -> None:
    service, operation, members, code, words = case
    with pytest.raises(ClientError) as caught:
        getattr(unchecked(shared_box, service), operation)(**members)
    error = caught.value.response["Error"]
    assert error["Code"] == code
    assert words in error["Message"]


TAKEN: dict[str, tuple[str, str, Mapping[str, Any]]] = {
    "the longest name of a role": ("iam", "create_role", {"RoleName": "x" * 64, **TRUST}),
    "the longest name of a repository's part": ("ecr", "create_repository", {"repositoryName": "a" * 256}),
    "a tag in any language": (
        "logs",
        "create_log_group",
        {"logGroupName": "a/b.c#d", "tags": {"größe": "名前 +-=._:/@"}},
    ),
    "an alarm with any letters": (
        "cloudwatch",
        "put_metric_alarm",
        {
            "AlarmName": "größe?",
            "MetricName": "m",
            "Namespace": "n",
            **ALARM,
            "Period": 60,
            "Statistic": "Sum",
            "Threshold": 1.0,
        },
    ),
    "an empty value of a tag": ("iam", "create_role", {"RoleName": "a", **TRUST, "Tags": [{"Key": "k", "Value": ""}]}),
}


@pytest.mark.parametrize("case", TAKEN.values(), ids=TAKEN.keys())
def test_what_aws_takes_is_taken(shared_box: Any, case: Any) -> None:
    service, operation, members = case
    getattr(unchecked(shared_box, service), operation)(**members)


def test_several_mistakes_are_told_at_once(shared_box: Any) -> None:
    with pytest.raises(ClientError, match="2 validation errors detected: Value 'a b") as caught:
        unchecked(shared_box, "events").put_rule(Name="a b" + "x" * 64, ScheduleExpression="rate(1 day)")
    assert "; Value" in str(caught.value)


def test_a_sensitive_value_is_not_told(shared_box: Any) -> None:
    with pytest.raises(ClientError) as caught:
        unchecked(shared_box, "secretsmanager").create_secret(Name="a", SecretString="s3cret" * 20_000)
    assert "Value at 'secretString'" in str(caught.value)
    assert "s3cret" not in str(caught.value)
