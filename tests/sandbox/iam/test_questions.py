"""What policies are asked about a request: actions, resources and the condition keys that AWS sends."""

import pytest

from reconciler.sandbox.aws.faults.calls import Call, Protocol
from reconciler.sandbox.aws.iam import existing, operations, passing, reference, tagging
from reconciler.sandbox.aws.iam.context import ALWAYS
from reconciler.sandbox.aws.iam.questions import questions

ACCOUNT = "123456789012"
OURS = {"Key": "reconciler:platform", "Value": "acme"}


@pytest.fixture(autouse=True)
def nothing_exists(monkeypatch):
    monkeypatch.setattr(existing, "tags_of", lambda arn: {})
    monkeypatch.setattr(existing, "resolved", lambda service, parameters, place: parameters)


def asked(name: str, **parameters) -> list[tuple[str, str]]:
    return [(one.action, one.resource.replace(f":eu-west-1:{ACCOUNT}:", "::")) for one in _asked(name, **parameters)]


def _asked(name: str, **parameters):
    service, _, operation = name.partition(":")
    return list(questions(Call(service, operation, Protocol.JSON, "eu-west-1"), parameters, ACCOUNT))


@pytest.mark.parametrize(
    ("call", "parameters", "expected"),
    [
        ("sts:GetCallerIdentity", {}, []),
        ("sagemaker:ListEndpoints", {}, [("sagemaker:ListEndpoints", "*")]),
        (
            "sagemaker:UpdateEndpoint",
            {"EndpointName": "e", "EndpointConfigName": "c"},
            [
                ("sagemaker:UpdateEndpoint", "arn:aws:sagemaker::endpoint/e"),
                ("sagemaker:UpdateEndpoint", "arn:aws:sagemaker::endpoint-config/c"),
            ],
        ),
        (
            "sagemaker-runtime:InvokeEndpoint",
            {"EndpointName": "e"},
            [("sagemaker:InvokeEndpoint", "arn:aws:sagemaker::endpoint/e")],
        ),
        ("s3:HeadBucket", {"Bucket": "b"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
        ("s3:HeadObject", {"Bucket": "b", "Key": "k/l"}, [("s3:GetObject", "arn:aws:s3:::b/k/l")]),
        (
            "s3:GetObject",
            {"Bucket": "b", "Key": "k", "VersionId": "1"},
            [("s3:GetObjectVersion", "arn:aws:s3:::b/k")],
        ),
        (
            "s3:DeleteObjects",
            {"Bucket": "b", "Delete": {"Objects": [{"Key": "k"}, {"Key": "l"}]}},
            [("s3:DeleteObject", "arn:aws:s3:::b/k"), ("s3:DeleteObject", "arn:aws:s3:::b/l")],
        ),
        (
            "batch:SubmitJob",
            {
                "jobName": "j",
                "jobQueue": "q",
                "jobDefinition": "arn:aws:batch:eu-west-1:123456789012:job-definition/d:3",
            },
            [
                ("batch:SubmitJob", "arn:aws:batch::job-queue/q"),
                ("batch:SubmitJob", "arn:aws:batch::job-definition/d:3"),
                ("batch:SubmitJob", "arn:aws:batch::job/*"),
            ],
        ),
        (
            "iam:AddRoleToInstanceProfile",
            {"InstanceProfileName": "p", "RoleName": "r"},
            [
                ("iam:AddRoleToInstanceProfile", f"arn:aws:iam::{ACCOUNT}:instance-profile/p"),
                ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/r"),
            ],
        ),
        (
            "iam:AttachRolePolicy",
            {"RoleName": "r", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
            [("iam:AttachRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/r")],
        ),
        ("rds:DescribeDBInstances", {}, [("rds:DescribeDBInstances", "arn:aws:rds::db:*")]),
        (
            "events:PutRule",
            {"Name": "r", "EventBusName": "default"},
            [("events:PutRule", "arn:aws:events::rule/r")],
        ),
        (
            "elbv2:CreateLoadBalancer",
            {"Name": "l", "Type": "application"},
            [
                ("elasticloadbalancing:CreateLoadBalancer", "arn:aws:elasticloadbalancing::loadbalancer/app/l/*"),
                (
                    "iam:CreateServiceLinkedRole",
                    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/elasticloadbalancing.amazonaws.com/*",
                ),
            ],
        ),
        (
            "ec2:CreateSubnet",
            {
                "VpcId": "vpc-0123456789abcdef0",
                "TagSpecifications": [{"ResourceType": "subnet", "Tags": [OURS]}],
            },
            [
                ("ec2:CreateSubnet", "arn:aws:ec2::vpc/vpc-0123456789abcdef0"),
                ("ec2:CreateSubnet", "arn:aws:ec2::subnet/*"),
                ("ec2:CreateTags", "arn:aws:ec2::subnet/*"),
            ],
        ),
        (
            "route53:ChangeTagsForResource",
            {"ResourceType": "hostedzone", "ResourceId": "Z1"},
            [("route53:ChangeTagsForResource", "arn:aws:route53:::hostedzone/Z1")],
        ),
        ("ssm:GetParameter", {"Name": "/a/b"}, [("ssm:GetParameter", "arn:aws:ssm::parameter/a/b")]),
        (
            "s3:CopyObject",
            {"Bucket": "b", "Key": "k", "CopySource": "other/a%20b?versionId=1"},
            [("s3:GetObjectVersion", "arn:aws:s3:::other/a b"), ("s3:PutObject", "arn:aws:s3:::b/k")],
        ),
        ("s3:CreateBucket", {"Bucket": "b", "ACL": "private"}, [("s3:CreateBucket", "arn:aws:s3:::b")]),
        (
            "s3:CreateBucket",
            {"Bucket": "b", "ACL": "public-read"},
            [("s3:CreateBucket", "arn:aws:s3:::b"), ("s3:PutBucketAcl", "arn:aws:s3:::b")],
        ),
        (
            "s3:PutObject",
            {"Bucket": "b", "Key": "k", "ACL": "public-read"},
            [("s3:PutObject", "arn:aws:s3:::b/k"), ("s3:PutObjectAcl", "arn:aws:s3:::b/k")],
        ),
        (
            "s3:PutObject",
            {"Bucket": "b", "Key": "k", "Metadata": {"hides": "arn:aws:s3:::allowed/k"}},
            [("s3:PutObject", "arn:aws:s3:::b/k")],
        ),
        (
            "ssm:GetParameters",
            {"Names": ["arn:aws:ssm:eu-west-1:123456789012:parameter/ours/x", "/theirs/a"]},
            [
                ("ssm:GetParameters", "arn:aws:ssm::parameter/ours/x"),
                ("ssm:GetParameters", "arn:aws:ssm::parameter/theirs/a"),
            ],
        ),
        (
            "ssm:PutParameter",
            {"Name": "/theirs/a", "Value": "arn:aws:ssm:eu-west-1:123456789012:parameter/ours/x"},
            [("ssm:PutParameter", "arn:aws:ssm::parameter/theirs/a")],
        ),
        (
            "application-autoscaling:RegisterScalableTarget",
            {"ResourceId": "x/y", "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/scaler"},
            [
                (
                    "application-autoscaling:RegisterScalableTarget",
                    "arn:aws:application-autoscaling::scalable-target/*",
                ),
                ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/scaler"),
            ],
        ),
        ("batch:Teleport", {}, [("batch:Teleport", "*")]),
    ],
)
def test_an_operation_asks_for_its_actions_on_everything_that_it_touches(call, parameters, expected):
    assert sorted(asked(call, **parameters)) == sorted(expected)


def context(question) -> dict:
    """Without what every request says."""
    return {key: value for key, value in question.context.items() if key not in ALWAYS}


def test_the_tags_of_a_request_count_for_what_it_makes_and_not_for_what_it_makes_it_in():
    tagged = [{"ResourceType": "subnet", "Tags": [OURS]}]
    found = {
        (one.action, one.resource.rpartition(":")[2]): context(one)
        for one in _asked("ec2:CreateSubnet", VpcId="vpc-0123456789abcdef0", TagSpecifications=tagged)
    }
    given = {"aws:requesttag/reconciler:platform": ("acme",), "aws:tagkeys": ("reconciler:platform",)}
    assert found["ec2:CreateSubnet", "subnet/*"] == given
    assert found["ec2:CreateSubnet", "vpc/vpc-0123456789abcdef0"] == {}
    assert found["ec2:CreateTags", "subnet/*"] == {**given, "ec2:createaction": ("CreateSubnet",)}


@pytest.mark.parametrize(
    ("call", "parameters", "key", "value"),
    [
        ("s3:ListObjectsV2", {"Bucket": "b", "Prefix": "prod/"}, "s3:prefix", ("prod/",)),
        ("s3:HeadBucket", {"Bucket": "b"}, "s3:prefix", None),
        ("s3:PutObject", {"Bucket": "b", "Key": "k", "IfNoneMatch": "*"}, "s3:if-none-match", ("*",)),
        (
            "iam:CreateServiceLinkedRole",
            {"AWSServiceName": "batch.amazonaws.com"},
            "iam:awsservicename",
            ("batch.amazonaws.com",),
        ),
        ("iam:CreateRole", {"RoleName": "r"}, "iam:policyarn", None),
        (
            "route53:ChangeResourceRecordSets",
            {"HostedZoneId": "Z", "ChangeBatch": {"Changes": [{"ResourceRecordSet": {"Name": "A.Prod.Internal."}}]}},
            "route53:changeresourcerecordsetsnormalizedrecordnames",
            ("a.prod.internal",),
        ),
    ],
)
def test_conditions_see_what_the_request_says_and_only_keys_that_aws_lists_for_the_action(call, parameters, key, value):
    first = _asked(call, **parameters)[0]
    assert first.context.get(key) == value


def test_a_role_that_a_request_hands_over_is_passed_to_the_service_that_takes_it():
    role = f"arn:aws:iam::{ACCOUNT}:role/r"
    found = [
        one
        for one in _asked(
            "batch:RegisterJobDefinition", jobDefinitionName="d", containerProperties={"jobRoleArn": role}
        )
        if one.action == "iam:PassRole"
    ]
    assert {(one.resource, one.context["iam:passedtoservice"]) for one in found} == {
        (role, ("batch.amazonaws.com",)),
        (role, ("ecs-tasks.amazonaws.com",)),
    }


def test_every_action_that_our_tables_name_is_one_that_aws_has():
    named = [
        *passing.PASSED,
        *(action for actions in operations.ACTIONS.values() for action in actions),
        *operations.VERSIONED.values(),
        *tagging.TAGGING.values(),
        *(action for action in tagging.TAGGING if ":" in action),
    ]
    assert [one for one in named if reference.action(one) is None] == []
