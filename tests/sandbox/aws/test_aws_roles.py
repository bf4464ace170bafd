"""Callers that are sessions of roles: what their policies do not allow is answered as AWS answers it."""

import time
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from reconciler.sandbox.aws.iam.sessions import signed
from reconciler.sandbox.faults import Faults
from support.access import KEYS
from support.policies import policy
from support.workflows.identity import AUDIENCE, ISSUER, Refused, sandbox

ACCOUNT = "123456789012"
SUBJECT = "repo:acme/models:environment:prod"


def allow(*actions: str, on: str | list[str] = "*", **conditions: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, "Condition": conditions}


@pytest.fixture(scope="module")
def provider(shared_box: Any) -> str:
    made = shared_box.client("iam").create_open_id_connect_provider(Url=ISSUER, ClientIDList=[AUDIENCE])
    return made["OpenIDConnectProviderArn"]


@pytest.fixture
def role(shared_box: Any, provider: str) -> Any:
    """Makes a role that jobs of one GitHub environment take; gives what makes clients of a session of it."""

    def make(name: str, *statements: dict[str, Any]) -> Any:
        host = ISSUER.removeprefix("https://")
        trust = {
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{host}:aud": AUDIENCE, f"{host}:sub": [SUBJECT]}},
        }
        iam = shared_box.client("iam")
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=policy(*statements))
        session = sandbox(shared_box.url, KEYS.secret_access_key)(arn, SUBJECT, 3600)
        given = {key.lower(): value for key, value in session.items() if key != "AWS_ENDPOINT_URL"}
        return lambda service: boto3.client(service, "eu-west-1", endpoint_url=shared_box.url, **given)

    return make


def refused(call: Any, **parameters: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as told:
        call(**parameters)
    error = told.value.response
    return error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"], error["Error"]["Message"]


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "status", "code", "action"),
    [
        ("sagemaker", "list_endpoints", {}, 400, "AccessDeniedException", "sagemaker:ListEndpoints"),
        ("batch", "describe_jobs", {"jobs": ["x"]}, 403, "AccessDeniedException", "batch:DescribeJobs"),
        ("iam", "get_role", {"RoleName": "serving"}, 403, "AccessDenied", "iam:GetRole"),
        ("ec2", "describe_vpcs", {}, 403, "UnauthorizedOperation", "ec2:DescribeVpcs"),
        ("s3", "list_objects_v2", {"Bucket": "veiled"}, 403, "AccessDenied", "s3:ListBucket"),
        ("cloudwatch", "describe_alarms", {}, 400, "AccessDeniedException", "cloudwatch:DescribeAlarms"),
        ("sns", "create_topic", {"Name": "t"}, 403, "AuthorizationError", "sns:CreateTopic"),
        ("route53", "list_hosted_zones", {}, 403, "AccessDenied", "route53:ListHostedZones"),
    ],
)
def test_what_no_policy_allows_is_refused_in_the_words_of_its_service(  # noqa: PLR0917
    shared_box, role, service, operation, parameters, status, code, action
):
    clients = role(f"nothing-{service}", allow("sqs:ListQueues"))
    told = refused(getattr(clients(service), operation), **parameters)
    assert told[:2] == (status, code)
    who = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/nothing-{service}/GitHubActions"
    assert f"{who} is not authorized to perform: {action} on resource: " in told[2]
    assert told[2].endswith(f"because no identity-based policy allows the {action} action")


def test_a_deny_is_told_as_one_and_wins(shared_box, role):
    deny = {"Effect": "Deny", "Action": "iam:GetRole", "Resource": f"arn:aws:iam::{ACCOUNT}:role/serving"}
    iam = role("denied", allow("iam:*"), deny)("iam")
    assert iam.get_role(RoleName="denied")["Role"]["RoleName"] == "denied"
    assert refused(iam.get_role, RoleName="serving")[2].endswith("with an explicit deny in an identity-based policy")


def test_s3_tells_of_a_missing_key_only_who_may_list_there(shared_box, role):
    bucket = shared_box.client("s3")
    bucket.create_bucket(Bucket="veiled", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    bucket.put_object(Bucket="veiled", Key="prod/there", Body=b"x")
    reading = allow("s3:GetObject", on="arn:aws:s3:::veiled/*")
    listing = allow("s3:ListBucket", on="arn:aws:s3:::veiled", StringLike={"s3:prefix": "prod/*"})
    blind, seeing = role("blind", reading)("s3"), role("seeing", reading, listing)("s3")
    for s3 in (blind, seeing):
        assert s3.get_object(Bucket="veiled", Key="prod/there")["Body"].read() == b"x"
    assert refused(blind.get_object, Bucket="veiled", Key="prod/gone")[:2] == (403, "AccessDenied")
    assert refused(blind.head_object, Bucket="veiled", Key="prod/gone")[0] == 403
    assert refused(seeing.get_object, Bucket="veiled", Key="prod/gone")[:2] == (404, "NoSuchKey")
    assert refused(seeing.head_object, Bucket="veiled", Key="dev/gone")[0] == 403
    assert refused(seeing.head_bucket, Bucket="veiled") == (403, "403", "Forbidden")


def test_tags_tell_whose_a_resource_is_what_stands_and_what_is_made(shared_box, role):
    ours = {"Key": "reconciler:platform", "Value": "acme"}
    made = [{"ResourceType": "vpc", "Tags": [ours]}]
    ec2 = role(
        "tagged",
        allow("ec2:CreateVpc", StringEquals={"aws:RequestTag/reconciler:platform": "acme"}),
        allow("ec2:CreateTags", StringEquals={"ec2:CreateAction": "CreateVpc"}),
        allow("ec2:DeleteVpc", StringEquals={"aws:ResourceTag/reconciler:platform": "acme"}),
    )("ec2")
    assert refused(ec2.create_vpc, CidrBlock="10.9.0.0/16")[1] == "UnauthorizedOperation"
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=made)["Vpc"]["VpcId"]
    foreign = shared_box.client("ec2").create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    assert refused(ec2.delete_vpc, VpcId=foreign)[1] == "UnauthorizedOperation"
    assert refused(ec2.create_tags, Resources=[foreign], Tags=[ours])[1] == "UnauthorizedOperation"
    ec2.delete_vpc(VpcId=vpc)


def test_a_role_is_passed_to_the_services_that_the_policy_names(shared_box, role):
    on = f"arn:aws:iam::{ACCOUNT}:role/serving"
    passed = allow("iam:PassRole", on=on, StringEquals={"iam:PassedToService": "batch.amazonaws.com"})
    sagemaker = role("passing", allow("sagemaker:CreateModel"), passed)("sagemaker")
    model = {"ModelName": "passed", "ExecutionRoleArn": on, "PrimaryContainer": {"Image": "i"}}
    assert "is not authorized to perform: iam:PassRole on resource" in refused(sagemaker.create_model, **model)[2]


def test_a_policy_may_ask_where_a_request_goes_who_makes_it_and_when(shared_box, role):
    here = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}, "DateGreaterThan": {"aws:CurrentTime": "2020-01-01"}}
    itself = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/regional-*"}}
    clients = role("regional-here", allow("sns:ListTopics", **here, **itself), allow("sqs:ListQueues"))
    assert "Topics" in clients("sns").list_topics()
    elsewhere = {**here, "StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    assert refused(role("regional-there", allow("sns:ListTopics", **elsewhere))("sns").list_topics)[0] == 403


def test_a_deny_by_tag_holds_for_whatever_carries_the_tag(shared_box, role):
    ours = [{"Key": "keep", "Value": "yes"}]
    secret = shared_box.client("secretsmanager").create_secret(Name="kept", SecretString="x", Tags=ours)["ARN"]
    shared_box.client("sns").create_topic(Name="kept", Tags=ours)
    shared_box.client("iam").create_role(RoleName="kept", AssumeRolePolicyDocument=policy(), Tags=ours)
    kept = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/keep": "yes"}},
    }
    clients = role("deleter", allow("secretsmanager:*", "sns:*", "iam:*"), kept)
    topic = f"arn:aws:sns:eu-west-1:{ACCOUNT}:kept"
    for service, operation, parameters in (
        ("secretsmanager", "get_secret_value", {"SecretId": "kept"}),
        ("secretsmanager", "delete_secret", {"SecretId": secret}),
        ("secretsmanager", "batch_get_secret_value", {"SecretIdList": ["kept"]}),
        ("sns", "delete_topic", {"TopicArn": topic}),
        ("iam", "delete_role", {"RoleName": "kept"}),
    ):
        told = refused(getattr(clients(service), operation), **parameters)
        assert told[2].endswith("with an explicit deny in an identity-based policy"), (operation, told)


def test_several_objects_are_deleted_when_each_may_be(shared_box, role):
    s3 = shared_box.client("s3")
    s3.create_bucket(Bucket="several", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="several", Key="a", Body=b"x")
    versions_only = role("versions-only", allow("s3:DeleteObjectVersion", on="arn:aws:s3:::several/*"))("s3")
    mixed = {"Objects": [{"Key": "b", "VersionId": "1"}, {"Key": "a"}]}
    assert refused(versions_only.delete_objects, Bucket="several", Delete=mixed)[1] == "AccessDenied"
    assert s3.get_object(Bucket="several", Key="a")["Body"].read() == b"x"


def test_an_empty_prefix_is_a_prefix_and_the_account_is_known(shared_box, role):
    shared_box.client("s3").create_bucket(
        Bucket="prefixed", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    here = {"s3:prefix": ["", "a/"], "aws:ResourceAccount": ACCOUNT, "s3:ResourceAccount": ACCOUNT}
    s3 = role("prefixes", allow("s3:ListBucket", on="arn:aws:s3:::prefixed", StringEquals=here))("s3")
    assert s3.list_objects_v2(Bucket="prefixed", Prefix="")["KeyCount"] == 0
    assert refused(s3.list_objects_v2, Bucket="prefixed", Prefix="b/")[0] == 403


def test_a_variable_stands_for_the_account_of_who_asks(shared_box, role):
    on = "arn:aws:sns:eu-west-1:${aws:PrincipalAccount}:mine-*"
    sns = role("varied", allow("sns:CreateTopic", on=on))("sns")
    assert sns.create_topic(Name="mine-1")["TopicArn"].endswith(":mine-1")
    assert refused(sns.create_topic, Name="yours-1")[1] == "AuthorizationError"


def test_the_owner_takes_no_role_that_does_not_trust_the_account(shared_box):
    sts = shared_box.client("sts")
    told = refused(sts.assume_role, RoleArn=f"arn:aws:iam::{ACCOUNT}:role/serving", RoleSessionName="me")
    assert told[1] == "AccessDenied"


def test_a_role_takes_another_that_trusts_it_and_no_other(shared_box, role):
    sts = role("climber", allow("sts:AssumeRole"))("sts")
    iam = shared_box.client("iam")

    def trusted_by(name: str, principal: str) -> str:
        trust = policy({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"})
        return iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]

    closed = trusted_by("closed", f"arn:aws:iam::{ACCOUNT}:role/somebody")
    told = refused(sts.assume_role, RoleArn=closed, RoleSessionName="me")
    assert told[1] == "AccessDenied"
    assert "because no resource-based policy allows the sts:AssumeRole action" in told[2]
    for name, principal in (("by-name", f"arn:aws:iam::{ACCOUNT}:role/climber"), ("by-account", ACCOUNT)):
        taken = sts.assume_role(RoleArn=trusted_by(name, principal), RoleSessionName="me")
        assert taken["AssumedRoleUser"]["Arn"].endswith(f"assumed-role/{name}/me")


def test_a_managed_policy_counts_in_its_default_version(shared_box, role):
    clients = role("managed", allow("sqs:ListQueues"))
    iam = shared_box.client("iam")
    managed = iam.create_policy(PolicyName="topics", PolicyDocument=policy(allow("sns:ListTopics")))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="managed", PolicyArn=managed)
    assert "Topics" in clients("sns").list_topics()
    narrower = policy(allow("sns:Publish"))
    iam.create_policy_version(PolicyArn=managed, PolicyDocument=narrower, SetAsDefault=True)
    assert refused(clients("sns").list_topics)[1] == "AuthorizationError"


def test_everybody_may_ask_who_they_are(shared_box, role):
    assert (
        role("nobody", allow("sqs:ListQueues"))("sts")
        .get_caller_identity()["Arn"]
        .endswith("assumed-role/nobody/GitHubActions")
    )


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"sub": "repo:acme/models:pull_request"}, "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
        ({"aud": "somebody"}, "Incorrect token audience"),
        ({"iss": "https://evil.example"}, "No OpenIDConnect provider found"),
        ({"exp": 1}, "Token expired"),
    ],
)
def test_a_token_of_somebody_else_takes_no_role(shared_box, role, claims, why):
    name = f"taken-{next(iter(claims))}"
    role(name, allow("sqs:ListQueues"))
    token = signed(
        {"iss": ISSUER, "aud": AUDIENCE, "sub": SUBJECT, "exp": time.time() + 60, **claims}, KEYS.secret_access_key
    )
    sts = shared_box.client("sts")
    told = refused(
        sts.assume_role_with_web_identity,
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}",
        RoleSessionName="GitHubActions",
        WebIdentityToken=token,
    )
    assert why in told[2]


def test_a_token_that_the_owner_did_not_sign_takes_no_role(shared_box, role):
    role("guarded-by-secret", allow("sqs:ListQueues"))
    with pytest.raises(Refused, match="verification key"):
        sandbox(shared_box.url, "a guess")(f"arn:aws:iam::{ACCOUNT}:role/guarded-by-secret", SUBJECT, 3600)


def test_a_session_outlasts_no_role(shared_box, role):
    role("brief", allow("sqs:ListQueues"))
    with pytest.raises(Refused, match="exceeds the MaxSessionDuration"):
        sandbox(shared_box.url, KEYS.secret_access_key)(f"arn:aws:iam::{ACCOUNT}:role/brief", SUBJECT, 14400)


def test_the_owner_plays_a_role_and_is_told_what_it_did(shared_box, role):
    role("played", allow("sqs:ListQueues", "sns:ListTopics"))
    control = Faults(shared_box.url, KEYS.access_key_id)
    given = {name.lower(): value for name, value in control.play("played").items()}
    clients = {name: boto3.client(name, "eu-west-1", endpoint_url=shared_box.url, **given) for name in ("sns", "iam")}
    clients["sns"].list_topics()
    refused(clients["iam"].get_role, RoleName="serving")
    [told] = [one for one in control.roles() if one["role"].endswith(":role/played")]
    assert told["used"] == {"sns:ListTopics": 1}
    assert told["unused"] == ["sqs:ListQueues"]
    assert [(one["action"], one["resource"]) for one in told["refused"]] == [
        ("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/serving")
    ]
