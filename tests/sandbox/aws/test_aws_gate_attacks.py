"""Requests that are written so that one reader takes them for something harmless, and another does something else."""

from typing import Any
from urllib.parse import quote

import boto3
import pytest
import requests
from botocore.config import Config

from reconciler.sandbox.faults import Faults
from support.access import KEYS, LOGIN
from support.policies import policy

DATE = "20260101"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def nobody(shared_box: Any) -> dict[str, str]:
    """The session of a role that may list the names of buckets; somebody else's object and role are there."""
    trusting = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam, s3 = shared_box.client("iam"), shared_box.client("s3")
    iam.create_role(RoleName="nobody", AssumeRolePolicyDocument=policy(trusting))
    may = [
        {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": "arn:aws:iam::123456789012:role/ours"},
    ]
    iam.put_role_policy(RoleName="nobody", PolicyName="may", PolicyDocument=policy(*may))
    iam.create_role(RoleName="ours", AssumeRolePolicyDocument=policy(trusting))
    s3.create_bucket(Bucket="foreign", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="foreign", Key="secret", Body=b"theirs")
    return Faults(shared_box.url, KEYS.access_key_id).play("nobody")


def scope(nobody: dict[str, str], service: str, region: str = "us-east-1") -> str:
    return f"{nobody['AWS_ACCESS_KEY_ID']}/{DATE}/{region}/{service}/aws4_request"


def signed(nobody: dict[str, str], service: str, behind: str = "") -> dict[str, str]:
    header = f"AWS4-HMAC-SHA256 Credential={scope(nobody, service)}{behind}"
    return {"Authorization": header, "X-Amz-Security-Token": nobody["AWS_SESSION_TOKEN"]}


def unharmed(box: Any) -> bool:
    roles = {role["RoleName"] for role in box.client("iam").list_roles()["Roles"]}
    own = box.client("iam").list_role_policies(RoleName="nobody")["PolicyNames"]
    held = box.client("s3").get_object(Bucket="foreign", Key="secret")["Body"].read()
    return held == b"theirs" and {"nobody", "ours"} <= roles and own == ["may"]


@pytest.mark.parametrize("path", ["/moto-api/data.json", "/moto-api/reset", "/moto-api/seed?a=42", "/moto-api/"])
def test_what_moto_tells_of_itself_is_closed_for_everybody(shared_box, nobody, path):
    joined = "&" if "?" in path else "?"
    url = f"{shared_box.url}{path}{joined}Action=GetCallerIdentity"
    for headers in (signed(nobody, "sts"), {"X-Sandbox-Key": KEYS.access_key_id}):
        for method in ("GET", "POST"):
            answer = requests.request(method, url, headers=headers, timeout=5)
            assert answer.status_code == 403
            assert KEYS.access_key_id not in answer.text
    assert unharmed(shared_box)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "told",
    [
        {"behind": f", X=/{DATE}/us-east-1/sts/aws4_request", "query": "?Action=GetCallerIdentity"},
        {"behind": "", "query": "?Action=GetCallerIdentity"},
        {"behind": "", "target": "AmazonS3.ListBuckets"},
        {"service": "S3"},
        {"service": "sts", "query": "?Action=GetCallerIdentity"},
    ],
)
def test_an_object_is_not_reached_as_something_that_everybody_may(shared_box, nobody, method, told):
    headers = signed(nobody, told.get("service", "s3"), told.get("behind", ""))
    headers |= {"X-Amz-Target": told["target"]} if "target" in told else {}
    url = f"{shared_box.url}/foreign/secret{told.get('query', '')}"
    answer = requests.request(method, url, headers=headers, data=b"evil", timeout=5)
    assert answer.status_code in {400, 403}
    assert "theirs" not in answer.text
    assert unharmed(shared_box)


@pytest.mark.parametrize("service", ["sts", "s3"])
def test_an_address_is_signed_for_s3_and_says_nothing_else(shared_box, nobody, service):
    credential, token = quote(scope(nobody, service), safe=""), quote(nobody["AWS_SESSION_TOKEN"], safe="")
    query = f"X-Amz-Credential={credential}&X-Amz-Security-Token={token}&X-Amz-Date=20260101T000000Z&X-Amz-Expires=60"
    url = f"{shared_box.url}/foreign/secret?Action=GetCallerIdentity&{query}"
    assert requests.get(url, timeout=5).status_code == 403


def test_a_presigned_address_ends(shared_box):
    s3 = shared_box.client("s3")
    s3.create_bucket(Bucket="addressed", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="addressed", Key="k", Body=b"x")
    signs = boto3.client(
        "s3", "eu-west-1", endpoint_url=shared_box.url, config=Config(signature_version="s3v4"), **LOGIN
    )
    url = signs.generate_presigned_url("get_object", {"Bucket": "addressed", "Key": "k"}, ExpiresIn=60)
    assert requests.get(url, timeout=5).content == b"x"
    over = requests.get(url.replace("X-Amz-Expires=60", "X-Amz-Expires=0"), timeout=5)
    assert over.status_code == 403
    assert "Request has expired" in over.text


@pytest.mark.parametrize(
    "form",
    [
        "Action=PutRolePolicy&RoleName=nobody&RoleName=ours&PolicyName=more",
        "Action=PutRolePolicy&RoleName=ours&RoleName=nobody&PolicyName=more",
    ],
)
@pytest.mark.parametrize("where", ["body", "query", "both"])
def test_what_is_said_twice_is_done_for_nobody(shared_box, nobody, form, where):
    document = quote(policy({"Effect": "Allow", "Action": "*", "Resource": "*"}))
    whole = f"{form}&PolicyDocument={document}&Version=2010-05-08"
    url = shared_box.url if where == "body" else f"{shared_box.url}/?{whole}"
    body = "" if where == "query" else whole
    answer = requests.post(url, body, headers={**signed(nobody, "iam"), **FORM}, timeout=5)
    assert answer.status_code == 403
    assert unharmed(shared_box)


def test_a_path_is_not_overruled_by_an_action_beside_it(shared_box, nobody):
    url = f"{shared_box.url}/v1/describejobs?Action=SubmitJob"
    assert requests.post(url, "{}", headers=signed(nobody, "batch"), timeout=5).status_code == 403
