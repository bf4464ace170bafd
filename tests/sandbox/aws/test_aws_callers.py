"""Nobody but its owner is let in, and AWS's own words are what a stranger hears."""

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
import requests
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from reconciler.sandbox.aws.callers import OWNER, Caller, Callers
from reconciler.sandbox.errors import SandboxError
from reconciler.sandbox.faults import Fault, Faults, Kind
from support.access import KEYS

ONCE = {"retries": {"max_attempts": 1}, "read_timeout": 20}
CALLS = [
    # Service, call, and the codes of an unknown key and of no signature at all. Without one nothing tells that a REST
    # call is not one of S3; boto3 reads no code in such an answer, nor in one to HEAD.
    ("ec2", "describe_vpcs", {}, (403, "AuthFailure"), (403, "MissingAuthenticationToken")),
    ("iam", "list_roles", {}, (403, "InvalidClientTokenId"), (403, "MissingAuthenticationToken")),
    ("sts", "get_caller_identity", {}, (403, "InvalidClientTokenId"), (403, "MissingAuthenticationToken")),
    ("rds", "describe_db_instances", {}, (403, "InvalidClientTokenId"), (403, "MissingAuthenticationToken")),
    (
        "sagemaker",
        "list_endpoints",
        {},
        (400, "UnrecognizedClientException"),
        (400, "MissingAuthenticationTokenException"),
    ),
    (
        "logs",
        "describe_log_groups",
        {},
        (400, "UnrecognizedClientException"),
        (400, "MissingAuthenticationTokenException"),
    ),
    ("batch", "describe_job_queues", {}, (403, "UnrecognizedClientException"), (403, "403")),
    (
        "sagemaker-runtime",
        "invoke_endpoint",
        {"EndpointName": "a", "Body": b"1"},
        (403, "UnrecognizedClientException"),
        (403, "403"),
    ),
    ("route53", "list_hosted_zones", {}, (403, "InvalidClientTokenId"), (403, "AccessDenied")),
    ("s3", "list_buckets", {}, (403, "InvalidAccessKeyId"), (403, "AccessDenied")),
    ("s3", "get_object", {"Bucket": "states", "Key": "a"}, (403, "InvalidAccessKeyId"), (403, "AccessDenied")),
    ("s3", "head_bucket", {"Bucket": "states"}, (403, "403"), (403, "403")),
]


def refused(client: Any, call: str, arguments: dict[str, Any]) -> tuple[int, str]:
    with pytest.raises(ClientError) as raised:
        getattr(client, call)(**arguments)
    return raised.value.response["ResponseMetadata"]["HTTPStatusCode"], raised.value.response["Error"]["Code"]


@pytest.mark.parametrize(("service", "call", "arguments", "unknown", "_"), CALLS)
@pytest.mark.parametrize("key", ["x", "sandbox", KEYS.access_key_id.lower(), KEYS.access_key_id[:-1]])
def test_an_unknown_key_is_refused_in_the_words_of_its_service(
    shared_box: Any, service: str, call: str, arguments: Any, unknown: tuple[int, str], _: Any, key: str
) -> None:
    login = {"aws_access_key_id": key, "aws_secret_access_key": KEYS.secret_access_key, "region_name": "eu-west-1"}
    client = boto3.client(service, endpoint_url=shared_box.url, config=Config(**ONCE), **login)
    assert refused(client, call, arguments) == unknown


@pytest.mark.parametrize(("service", "call", "arguments", "_", "unsigned"), CALLS)
def test_a_request_that_nobody_signed_is_refused(
    shared_box: Any, service: str, call: str, arguments: Any, _: Any, unsigned: tuple[int, str]
) -> None:
    config = Config(signature_version=UNSIGNED, **ONCE)
    client = boto3.client(service, endpoint_url=shared_box.url, region_name="eu-west-1", config=config)
    assert refused(client, call, arguments) == unsigned


def test_an_answer_in_cbor_is_refused_in_cbor(shared_box: Any) -> None:
    scope = "20260101/eu-west-1/monitoring/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential=x/{scope}, SignedHeaders=host, Signature=0",
        "Smithy-Protocol": "rpc-v2-cbor",
    }
    path = "/service/GraniteServiceVersion20100801/operation/DescribeAlarms"
    answer = requests.post(f"{shared_box.url}{path}", b"\xa0", headers=headers, timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/cbor")
    assert b"UnrecognizedClientException" in answer.content


def test_a_presigned_address_is_as_good_as_the_key_in_it(shared_box: Any) -> None:
    s3 = shared_box.client("s3")
    s3.create_bucket(Bucket="presigned", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="presigned", Key="a", Body=b"1")
    config = Config(signature_version="s3v4", s3={"addressing_style": "path"})
    for key, status in ((KEYS.access_key_id, 200), ("x", 403)):
        login = {"aws_access_key_id": key, "aws_secret_access_key": "s", "region_name": "eu-west-1"}
        signer = boto3.client("s3", endpoint_url=shared_box.url, config=config, **login)
        address = signer.generate_presigned_url("get_object", {"Bucket": "presigned", "Key": "a"})
        assert requests.get(address, timeout=5).status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": f"Bearer {KEYS.access_key_id}"},
        {"Authorization": f"AWS {KEYS.access_key_id}:signature"},
        {"Authorization": f"AWS4-HMAC-SHA256 Credential={KEYS.access_key_id}"},
        {"X-Sandbox-Key": "sandbox"},
        {"X-Sandbox-Key": ""},
    ],
)
@pytest.mark.parametrize("path", ["/", "/states", "/moto-api/", "/moto-api/data.json", "/moto-api/reset", "/%00", "//"])
def test_no_other_way_leads_in(shared_box: Any, headers: dict[str, str], path: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
        answer = requests.request(method, f"{shared_box.url}{path}", headers=headers, timeout=5)
        assert answer.status_code == 403, (method, answer.text)


@pytest.mark.parametrize("key", ["", "x", "sandbox"])
def test_nobody_else_sets_faults_or_reads_what_was_called(shared_box: Any, key: str) -> None:
    faults = Faults(shared_box.url, key)
    for attempt in (
        faults.calls,
        faults.forget_calls,
        faults.standing,
        faults.clear,
        lambda: faults.add(Fault(Kind.DROP, on="s3:*")),
    ):
        with pytest.raises(SandboxError, match="Only the sandbox's owner may set faults, count calls and play roles"):
            attempt()
    assert Faults(shared_box.url, KEYS.access_key_id).standing() == ()


def test_a_stranger_leaves_no_trace_in_what_is_counted(shared_box: Any) -> None:
    faults = Faults(shared_box.url, KEYS.access_key_id)
    faults.forget_calls()
    requests.get(f"{shared_box.url}/states", timeout=5)
    assert faults.calls() == {}


NOW = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")


def test_the_owner_is_known_by_header_address_and_own_header() -> None:
    callers, scope = Callers("AKIAOWNER", "secret"), "20260101/eu-west-1/s3/aws4_request"
    known = [
        {"HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential=AKIAOWNER/{scope}, SignedHeaders=host, Signature=0"},
        {"QUERY_STRING": f"X-Amz-Credential=AKIAOWNER%2F{scope.replace('/', '%2F')}&X-Amz-Date={NOW}&X-Amz-Expires=60"},
        {"HTTP_X_SANDBOX_KEY": "AKIAOWNER"},
    ]
    assert [callers.of(environ) for environ in known] == [Caller(OWNER, owner=True)] * len(known)
    strangers = [{}, {"HTTP_AUTHORIZATION": "AKIAOWNER/"}, {"HTTP_X_SANDBOX_KEY": "akiaowner"}, {"QUERY_STRING": "a=ü"}]
    assert [callers.of(environ) for environ in strangers] == [None] * len(strangers)


def test_json_tells_the_message_too(shared_box: Any) -> None:
    headers = {"X-Amz-Target": "SageMaker.ListEndpoints"}
    answer = requests.post(shared_box.url, json.dumps({}), headers=headers, timeout=5)
    assert answer.json()["message"] == "Request is missing Authentication Token"
