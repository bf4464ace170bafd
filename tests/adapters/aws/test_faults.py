"""Errors of AWS become a sentence and a remedy."""

import socket
import time
from types import SimpleNamespace

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from reconciler.adapters.aws.account import StsAccount
from reconciler.adapters.aws.answers import Meaning, means
from reconciler.adapters.aws.faults import BUCKET_REGION, changing, failed, reading
from reconciler.adapters.aws.retries import REGION, SERVICE, note_the_service
from reconciler.adapters.aws.session import Aws
from reconciler.core.reasons import Blame
from reconciler.errors import AwsFailed, Busy, ReadFailed, SettingsMissing
from support.wordings import SAID, Said


@pytest.mark.parametrize(
    ("code", "says", "remedy"),
    [
        ("ExpiredToken", "have expired", "aws sso login"),
        ("ExpiredTokenException", "have expired", "aws sso login"),
        ("InvalidClientTokenId", "does not accept the credentials", "AWS_PROFILE"),
        ("InvalidSignatureException", "does not accept the credentials", "AWS_PROFILE"),
        ("SignatureDoesNotMatch", "does not accept the credentials", "AWS_PROFILE"),
        ("RequestTimeTooSkewed", "clock", "clock"),
        ("AccessDeniedException", "access denied to ListThings", "allow the role that you use ListThings"),
        ("ThrottlingException", "throttled ListThings", "--parallelism"),
        ("SomethingNew", "ListThings: the first line (SomethingNew)", ""),
    ],
)
def test_an_answered_error_says_what_to_do(fault, code, says, remedy):
    error = failed(fault(code, "the first line\nCanonical request: GET …", "ListThings"), "the things")
    assert error.what.startswith("could not read the things: ")
    assert says in error.what
    assert "Canonical" not in error.what
    assert remedy in error.remedy


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (exceptions.NoCredentialsError(), "no usable AWS credentials"),
        (exceptions.UnauthorizedSSOTokenError(), "no usable AWS credentials"),
        (exceptions.EndpointConnectionError(endpoint_url="http://x"), "did not answer"),
        (exceptions.ReadTimeoutError(endpoint_url="http://x"), "did not answer"),
    ],
)
def test_an_error_without_an_answer_says_what_to_do(error, says):
    assert says in failed(error, "the things").what
    assert failed(error, "the things").remedy


def test_a_read_and_a_change_fail_as_different_errors(fault):
    with pytest.raises(ReadFailed, match="could not read the things"), reading("the things"):
        raise fault("Odd")
    with pytest.raises(AwsFailed, match="could not move the things"), changing("move the things"):
        raise fault("Odd")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ConflictException", "another operation is in progress"),
        ("OperationAborted", "A conflicting operation is currently in progress against this resource."),
        ("ConcurrentModification", "The request was rejected because multiple requests to change this object"),
        ("EntityTemporarilyUnmodifiable", "it was deleted and then recreated: wait several minutes"),
        ("ValidationException", 'Cannot update in-progress endpoint "x".'),
        ("ClientException", "Cannot update, resource is being modified."),
        ("OperationAborted", "A conflicting conditional operation is currently in progress"),
    ],
)
def test_a_change_that_meets_another_one_is_no_failure(fault, code, message):
    with (
        pytest.raises(Busy, match=r"could not move the things: somebody else is changing it: Op: .*"),
        changing("move the things"),
    ):
        raise fault(code, message, "Op")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ConflictException", "Schedule nightly already exists."),
        ("ConflictException", "whatever it is, it is still in use"),
        ("ConflictException", "whatever it is, it is associated with another"),
        # https://github.com/dfds/infrastructure-modules/issues/5
        ("ResourceInUseException", "Certificate arn:aws:acm:eu-west-1:1:certificate/x in account 1 is in use."),
        # https://github.com/cloudposse/terraform-aws-alb-ingress/issues/24
        ("ResourceInUse", "Target group 'arn:x' is currently in use by a listener or a rule"),
        # https://github.com/hashicorp/terraform-provider-aws/issues/34860
        ("ResourceInUse", "Listener port '80' is in use by registered target 'arn:x' and cannot be removed."),
        ("ResourceInUse", "Resource being accessed is in use."),
        ("ValidationException", "the endpoint is busy with something"),
        ("ClientException", "Colourless green ideas sleep furiously."),
    ],
)
def test_a_conflict_that_no_waiting_mends_and_one_that_nobody_knows_are_failures(fault, code, message):
    with pytest.raises(AwsFailed), changing("move the things"):
        raise fault(code, message, "Op")


@pytest.mark.parametrize("code", ["403", "AccessDenied"])
@pytest.mark.parametrize(
    ("operation", "needed"),
    [
        ("HeadBucket", "s3:ListBucket, without a condition"),
        ("GetObject", "s3:GetObject, and s3:ListBucket for its key"),
        ("ListObjectsV2", "s3:ListBucket"),
    ],
)
def test_that_s3_allows_no_look_is_never_taken_for_not_there_and_says_what_is_needed(fault, code, operation, needed):
    denied = fault(code, "Forbidden", operation)
    assert not any(means(denied, meaning) for meaning in Meaning)
    error = failed(denied, "the state bucket acme")
    assert error.what == f"could not read the state bucket acme: access denied to {operation} (Forbidden)"
    assert error.remedy.startswith(f"allow the role that you use {needed}")


@pytest.mark.parametrize(
    ("service", "operation", "message", "needed"),
    [
        ("s3", "PutObject", "Access Denied", "s3:PutObject"),
        ("s3", "DeleteObjects", "Access Denied", "s3:DeleteObject, and s3:DeleteObjectVersion"),
        ("monitoring", "DescribeAlarms", "", "cloudwatch:DescribeAlarms"),
        ("sagemaker", "CreateModel", "User: arn:x is not authorized to perform: iam:PassRole on x", "iam:PassRole"),
    ],
)
def test_a_remedy_names_the_action_as_iam_does(fault, service, operation, message, needed):
    parsed = fault("AuthorizationError", message, operation).response
    note_the_service(parsed, SimpleNamespace(service_model=SimpleNamespace(signing_name=service)), {})
    assert failed(ClientError(parsed, operation), "it").remedy == f"allow the role that you use {needed}"


@pytest.mark.parametrize("said", [one for one in SAID if one.code], ids=lambda said: said.text[:60])
def test_an_answer_is_explained_as_the_same_words_are_elsewhere(fault, said: Said):
    error = failed(fault(said.code, said.message, "UpdateEndpoint"), "the endpoint")
    assert said.says in error.what
    assert said.remedy in error.remedy
    assert bool(error.remedy) == (said.blame is not Blame.NOBODY)
    assert "{" not in f"{error.what} {error.remedy}"


MALFORMED = "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'"
SEND_ELSEWHERE = "Please send all future requests to this endpoint."


@pytest.mark.parametrize(
    ("code", "message", "more"),
    [
        ("AuthorizationHeaderMalformed", MALFORMED, {}),
        ("PermanentRedirect", SEND_ELSEWHERE, {"ResponseMetadata": {"HTTPHeaders": {BUCKET_REGION: "eu-west-1"}}}),
        ("301", "Moved Permanently", {"ResponseMetadata": {"HTTPHeaders": {BUCKET_REGION: "eu-west-1"}}}),
    ],
)
def test_a_bucket_in_another_region_is_told_with_both_regions(fault, code, message, more):
    answer = fault(code, message, "HeadBucket", **more)
    answer.response.setdefault("ResponseMetadata", {})[REGION] = "us-east-1"
    error = failed(answer, "the state bucket acme-tfstate")
    assert error.what.startswith(
        "could not read the state bucket acme-tfstate: the bucket is in eu-west-1, and was asked for in us-east-1"
    )
    assert "state_bucket" in error.remedy


@pytest.mark.parametrize("brief", [False, True])
def test_every_client_says_which_service_refused_and_in_which_region(aws_address, brief):
    s3 = Aws("eu-west-1", aws_address, ("key", "secret")).client("s3", brief=brief)
    with pytest.raises(ClientError) as raised:
        s3.get_object(Bucket="none", Key="x")
    told = raised.value.response["ResponseMetadata"]
    assert (told[SERVICE], told[REGION]) == ("s3", "eu-west-1")


def test_errors_that_are_not_of_aws_pass_through():
    with pytest.raises(KeyError), reading("the things"):
        raise KeyError("a bug")


def test_the_account_is_a_number_of_12_digits(aws):
    account = StsAccount(aws).id()
    assert len(account) == 12
    assert account.isdecimal()


def test_an_address_where_nobody_listens_is_told_in_seconds():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        aws = Aws("eu-west-1", f"http://127.0.0.1:{free.getsockname()[1]}", ("key", "secret"))
        started = time.monotonic()
        with pytest.raises(ReadFailed, match="did not answer") as raised:
            StsAccount(aws).id()
    assert "sandbox up" in raised.value.remedy
    assert time.monotonic() - started < 10


def test_a_profile_that_does_not_exist_is_a_missing_setting():
    with pytest.raises(SettingsMissing, match="no-such-profile"):
        Aws("eu-west-1", profile="no-such-profile")


def test_an_address_that_is_none_is_a_missing_setting():
    with pytest.raises(SettingsMissing, match="no client for AWS sts"):
        Aws("eu-west-1", "not an address", ("key", "secret")).client("sts")


@pytest.mark.parametrize(
    ("service", "once", "seconds"),
    [("sagemaker", False, 30), ("batch", True, 30), ("sagemaker-runtime", False, 70)],
)
def test_every_client_has_its_limits_and_leaves_retries_to_us(aws, service, once, seconds):
    config = aws.client(service, once=once).meta.config
    assert config.retries["total_max_attempts"] == 1
    assert (config.connect_timeout, config.read_timeout) == (5, seconds)


def test_a_client_is_made_once_and_apart_from_the_one_that_never_repeats(aws):
    assert aws.client("batch") is aws.client("batch")
    assert aws.client("batch") is not aws.client("batch", once=True)
