"""What there is in AWS under our names, and its tags."""

import json

import pytest

from reconciler.adapters.aws.endpoints import SageMakerEndpoints
from reconciler.adapters.aws.inventory import AwsInventory
from reconciler.core.desired import AsyncEndpoint, RealtimeEndpoint, ServerlessEndpoint
from reconciler.core.homes import Kind, Thing
from reconciler.core.observed import Serving
from reconciler.errors import ReadFailed

ROLE = "arn:aws:iam::123456789012:role/x"
OURS = [{"Key": "reconciler:platform", "Value": "acme"}]
TAGS = {"reconciler:platform": "acme"}
VARIANT = {"VariantName": "AllTraffic", "ModelName": "acme-prod-churn-v1-0a1b2c3", "InitialVariantWeight": 1}
REALTIME = {**VARIANT, "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
SERVERLESS = {**VARIANT, "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}
QUEUE = {"OutputConfig": {"S3OutputPath": "s3://b/out"}}


@pytest.fixture
def filled(aws):
    """One thing of each kind with our tags, and neighbours with other names."""
    sagemaker = aws.client("sagemaker")
    for name in ("acme-prod-churn-v1-0a1b2c3", "acme-production", "their-acme-prod-model"):
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "i"}, Tags=OURS)
    sagemaker.create_endpoint_config(
        EndpointConfigName="acme-prod-churn-v1-0a1b2c3", ProductionVariants=[REALTIME], Tags=OURS
    )
    sagemaker.create_endpoint(EndpointName="acme-prod-churn", EndpointConfigName="acme-prod-churn-v1-0a1b2c3")
    for name in ("acme-prod/churn/model", "acme-production/churn/model"):
        aws.client("ecr").create_repository(repositoryName=name, tags=OURS)
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    aws.client("iam").create_role(RoleName="acme-prod-churn-serving", AssumeRolePolicyDocument=trust, Tags=OURS)
    aws.client("logs").create_log_group(logGroupName="/acme/prod/churn/training", tags=TAGS)
    for bucket in ("acme-prod-churn-123456789012", "acme-prod-untagged"):
        aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    aws.client("ec2").create_launch_template(
        LaunchTemplateName="acme-prod-training",
        LaunchTemplateData={"InstanceType": "m5.large"},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": OURS}],
    )
    role = aws.client("iam").create_role(RoleName="batch", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    environment = aws.client("batch").create_compute_environment(
        computeEnvironmentName="acme-prod-fargate-1", type="UNMANAGED", serviceRole=role
    )
    order = [{"order": 1, "computeEnvironment": environment["computeEnvironmentArn"]}]
    aws.client("batch").create_job_queue(
        jobQueueName="acme-prod-fargate", state="ENABLED", priority=1, computeEnvironmentOrder=order, tags=TAGS
    )
    aws.client("s3").put_bucket_tagging(Bucket="acme-prod-churn-123456789012", Tagging={"TagSet": OURS})
    return aws


def test_models_configurations_and_repositories_are_found_by_our_prefix_alone(filled):
    assert AwsInventory(filled).find("acme-prod-") == (
        Thing(Kind.CONFIGURATION, "acme-prod-churn-v1-0a1b2c3"),
        Thing(Kind.REPOSITORY, "acme-prod/churn/model"),
        Thing(Kind.MODEL, "acme-prod-churn-v1-0a1b2c3"),
    )


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Kind.MODEL, "acme-prod-churn-v1-0a1b2c3"),
        (Kind.CONFIGURATION, "acme-prod-churn-v1-0a1b2c3"),
        (Kind.REPOSITORY, "acme-prod/churn/model"),
        (Kind.ROLE, "acme-prod-churn-serving"),
        (Kind.LOG_GROUP, "/acme/prod/churn/training"),
        (Kind.BUCKET, "acme-prod-churn-123456789012"),
        (Kind.QUEUE, "acme-prod-fargate"),
        (Kind.TEMPLATE, "acme-prod-training"),
    ],
)
def test_tags_tell_whose_a_thing_is_and_none_that_there_is_no_such_thing(filled, kind, name):
    inventory = AwsInventory(filled)
    assert inventory.tags(Thing(kind, name)) == TAGS
    assert inventory.tags(Thing(kind, f"{name}-more")) is None


def test_a_bucket_without_tags_is_there_all_the_same(filled):
    assert AwsInventory(filled).tags(Thing(Kind.BUCKET, "acme-prod-untagged")) == {}


def test_an_endpoint_gets_tags_beside_those_it_has(filled, cancel):
    thing = Thing(Kind.ENDPOINT, "acme-prod-churn")
    assert AwsInventory(filled).tags(thing) == {}
    SageMakerEndpoints(filled, cancel).tag("acme-prod-churn", TAGS)
    assert AwsInventory(filled).tags(thing) == TAGS


class Denied:
    def __init__(self, fault):
        self._fault = fault

    def describe_model(self, **_request):
        raise self._fault


def test_tags_that_may_not_be_read_fail_the_read(fake_aws, fault):
    aws = fake_aws(sagemaker=Denied(fault("AccessDeniedException", operation="DescribeModel")))
    with pytest.raises(ReadFailed, match="access denied to DescribeModel"):
        AwsInventory(aws).tags(Thing(Kind.MODEL, "acme-prod-churn-v1-0a1b2c3"))


class Describes:
    def __init__(self, described):
        self._described = described

    def describe_endpoint_config(self, **_request):
        return self._described


@pytest.mark.parametrize(
    ("described", "serving"),
    [
        ({"ProductionVariants": [REALTIME]}, Serving(RealtimeEndpoint("ml.m5.large", 2), "AllTraffic")),
        ({"ProductionVariants": [SERVERLESS]}, Serving(ServerlessEndpoint(2048, 5), "AllTraffic")),
        (
            {"ProductionVariants": [REALTIME], "AsyncInferenceConfig": QUEUE},
            Serving(AsyncEndpoint("ml.m5.large", 2, 4), "AllTraffic"),
        ),
        ({"ProductionVariants": [REALTIME, REALTIME]}, Serving(None, "AllTraffic")),
        ({"ProductionVariants": [REALTIME], "ShadowProductionVariants": [REALTIME]}, Serving(None, "AllTraffic")),
    ],
    ids=["realtime", "serverless", "async", "two variants", "a shadow"],
)
def test_a_configuration_is_told_in_the_terms_of_a_manifest(fake_aws, cancel, described, serving):
    assert SageMakerEndpoints(fake_aws(sagemaker=Describes(described)), cancel).describe("x") == serving
