"""What AWS says went wrong, in one table: whose fault it is, what to do, and where AWS says so.

One table for every door: what boto3 is answered, what Terraform tells, and SageMaker's FailureReason, without a code.
Words that are in no row blame nobody: a release is tried again by the next run, and it is never quarantined for a
sentence that nobody knows.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.core.blame import Blame, Row

__all__ = ["TABLE", "UNKNOWN", "Blame", "Known", "Row", "explain", "explain_first", "names_young_role", "row_of"]

REPOST = "https://repost.aws/knowledge-center/sagemaker-endpoint-creation-fail"
COMMON = "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html"
S3_ERRORS = "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
EC2_ERRORS = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"
DENIALS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"
KMS_DENIES = "https://github.com/aws/aws-encryption-sdk-javascript/issues/1005"
SDK = "https://github.com/aws/aws-sdk-js-v3, packages/service-error-classification"
BOTOCORE = "botocore/retries/standard.py"
MODELS = "botocore's models of the services"

SIGN_IN = "sign in (`aws sso login`), or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
CONNECT = "check the network and AWS_ENDPOINT_URL; for the sandbox: reconcile sandbox up"
CLOCK = "set the clock right and try again"
SLOWER = "the next run tries again; or try again in a minute, with a lower --parallelism"
QUOTA = "ask for a higher quota in AWS's Service Quotas, or take another instance type or fewer of them"
CAPACITY = "AWS has none left for now: the next run tries again; or take another instance type"
AGAIN = "the next run tries again"
IMAGE = "see that the image is in ECR, and that the endpoint's role may pull it; the next run tries again"
ZONES = "name subnets in other zones, or take an instance type that AWS has there; the next run tries again"
ROLE = (
    "a role that was just made is not known everywhere at AWS for some minutes: the next run tries again; "
    "if that goes on, look at its trust policy"
)
ALLOW = "allow {who} {action}"
FORBIDDEN = "a policy denies it explicitly, so that allowing it helps nothing: ask whoever wrote that policy"
KEY = "allow {who} {use}, in its policy and in the key's own; a key that is disabled has to be enabled first"
MOVE = "write the bucket's region into the manifest, or name a bucket of the manifest's region there (state_bucket)"
BUCKET = "create the state bucket, or correct state_bucket in the manifest"
SUBSCRIBE = "enable the service, or the region, for this account in AWS's console"
UNKNOWN = "nobody knows whose fault that is, so the next run tries again; pin another version if that goes on"


SAYS_DENIED = "access denied to {operation}"
"""Says of every row that is a denial."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one error."""

    row: Row
    says: str
    """What it means, to be told before AWS's words; empty where those say it all."""
    remedy: str

    @property
    def remedy_if_known(self) -> str:
        """The same, and nothing where nobody knows what it is."""
        return "" if self.row.blame is Blame.NOBODY else self.remedy


def _rows(blame: Blame, words: Iterable[str], remedy: str, source: str, says: str = "") -> Iterator[Row]:
    return (Row(blame, each, remedy, source, says) for each in words)


_CALLER = (
    *_rows(
        Blame.CALLER,
        ("ExpiredToken", "RequestExpired", "security token included in the request is expired"),
        SIGN_IN,
        COMMON,
        "the AWS credentials have expired",
    ),
    Row(Blame.CALLER, "TokenRefreshRequired", SIGN_IN, S3_ERRORS, "the AWS credentials have expired"),
    Row(
        Blame.CALLER,
        "the SSO session has expired or is invalid",
        SIGN_IN,
        "https://github.com/aws/aws-sdk-go-v2, credentials/ssocreds",
        "the AWS credentials have expired",
    ),
    Row(
        Blame.CALLER,
        "No valid credential sources found",
        SIGN_IN,
        "https://github.com/hashicorp/aws-sdk-go-base, errors.go",
        "no usable AWS credentials were found",
    ),
    # Before what it is said beside: a signature of another time is answered as a wrong one.
    *_rows(
        Blame.CALLER,
        ("RequestTimeTooSkewed", "RequestInTheFuture", "Signature not yet current"),
        CLOCK,
        f"{S3_ERRORS}; {SDK}; https://github.com/aws/aws-cli/issues/5584",
        "this machine's clock differs too much from AWS's",
    ),
    *_rows(
        Blame.CALLER,
        ("IncompleteSignature", "InvalidClientTokenId", "UnrecognizedClient", "SignatureDoesNotMatch"),
        SIGN_IN,
        COMMON,
        "AWS does not accept the credentials",
    ),
    *_rows(
        Blame.CALLER,
        ("InvalidAccessKeyId", "InvalidToken"),
        SIGN_IN,
        S3_ERRORS,
        "AWS does not accept the credentials",
    ),
    *_rows(
        Blame.CALLER,
        ("AuthFailure", "InvalidSignature"),
        SIGN_IN,
        f"{EC2_ERRORS}; {SDK}",
        "AWS does not accept the credentials",
    ),
    Row(
        Blame.CALLER,
        "request send failed",
        CONNECT,
        "https://github.com/aws/smithy-go, transport/http/client.go",
        "AWS did not answer",
    ),
)
# Roles before denials: some of it is said in the words of one.
_ROLE = (
    Row(
        Blame.ROLE,
        "Could not assume role",
        ROLE,
        "https://github.com/awslabs/predictive-maintenance-using-machine-learning/issues/3",
    ),
    Row(
        Blame.ROLE,
        "SageMaker was unable to assume the role",
        ROLE,
        "https://github.com/aws/sagemaker-python-sdk/issues/43",
    ),
    Row(
        Blame.ROLE,
        "SageMaker is unable to perform: sts:AssumeRole on the role",
        ROLE,
        "https://github.com/astronomer/docs/pull/1695",
    ),
    Row(
        Blame.ROLE,
        "The execution role you provide must allow AWS EventBridge Scheduler to assume the role",
        ROLE,
        "https://github.com/aws/aws-sdk-js-v3/issues/6494",
    ),
    Row(Blame.ROLE, "ECS was unable to assume the role", ROLE, "https://github.com/boto/boto3/issues/1878"),
    Row(
        Blame.ROLE,
        "Unable to assume the service linked role",
        ROLE,
        "https://github.com/aws-solutions/distributed-load-testing-on-aws/issues/2",
    ),
    Row(
        Blame.ROLE,
        "User: batch.amazonaws.com is not authorized to perform: sts:AssumeRole",
        ROLE,
        "https://github.com/hashicorp/terraform-provider-aws/pull/21281",
    ),
    Row(
        Blame.ROLE,
        "Unable to assume given IAM role",
        ROLE,
        "EC2 CreateFlowLogs: terraform-provider-aws, internal/service/ec2/vpc_flow_log.go",
    ),
)
THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""Codes that ask to come back later."""
_THROTTLED = (
    *_rows(
        Blame.AWS,
        sorted({code.removesuffix("Exception") for code in THROTTLED}),
        SLOWER,
        BOTOCORE,
        "AWS throttled {operation}",
    ),
    Row(Blame.AWS, "Rate exceeded", SLOWER, "https://github.com/convox/rack/issues/1164", "AWS throttled {operation}"),
)
_CAPACITY = (
    *_rows(
        Blame.AWS,
        ("Unable to provision requested ML compute capacity", "Insufficient Instance Capacity"),
        CAPACITY,
        REPOST,
    ),
    *_rows(Blame.AWS, ("Insufficient Capacity", "Insufficient Host Capacity"), CAPACITY, EC2_ERRORS),
    Row(Blame.AWS, "CapacityError", CAPACITY, "https://github.com/DIAGNijmegen/rse-grand-challenge/issues/2631"),
)
_QUOTA = (
    Row(
        Blame.ACCOUNT,
        "ResourceLimitExceeded",
        QUOTA,
        "botocore's model of SageMaker's CreateEndpoint and UpdateEndpoint",
    ),
    Row(
        Blame.ACCOUNT,
        "account-level service limit",
        QUOTA,
        "https://github.com/awsdocs/amazon-sagemaker-developer-guide/issues/70",
    ),
    *_rows(Blame.ACCOUNT, ("LimitExceeded", "ServiceQuotaExceeded"), QUOTA, MODELS),
    *_rows(
        Blame.ACCOUNT,
        ("InstanceLimitExceeded", "VcpuLimitExceeded", "MaxSpotInstanceCountExceeded"),
        QUOTA,
        EC2_ERRORS,
    ),
)
_ELSEWHERE = "the bucket is in {region}, and was asked for in {asked}"
_REGION = (
    *_rows(
        Blame.ACCOUNT,
        ("PermanentRedirect", "IllegalLocationConstraint", "is wrong; expecting"),
        MOVE,
        S3_ERRORS,
        _ELSEWHERE,
    ),
    Row(
        Blame.ACCOUNT,
        "requested bucket from",
        MOVE,
        "https://github.com/hashicorp/terraform/pull/33881",
        _ELSEWHERE,
    ),
    Row(
        Blame.ACCOUNT,
        "BucketRegionError",
        MOVE,
        "https://github.com/hashicorp/terraform-provider-aws/issues/14544",
        _ELSEWHERE,
    ),
    Row(Blame.AWS, "TemporaryRedirect", AGAIN, S3_ERRORS, "S3 does not know everywhere yet where the bucket is"),
    Row(Blame.ACCOUNT, "NoSuchBucket", BUCKET, S3_ERRORS),
    Row(
        Blame.ACCOUNT,
        "S3 bucket does not exist",
        BUCKET,
        "https://github.com/hashicorp/terraform, internal/backend/remote-state/s3/errors.go",
    ),
)
# Keys before all else that is denied: to allow it to the role alone does not help.
_DENIED = (
    Row(Blame.ACCOUNT, "is not authorized to perform: kms", KEY, DENIALS),
    Row(Blame.ACCOUNT, "customer master key that does not exist", KEY, KMS_DENIES),
    *_rows(
        Blame.ACCOUNT,
        ("KMS key", "KMSAccessDenied", "KMSDisabled", "KMSInvalidState", "KMS.DisabledException"),
        KEY,
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html; botocore's models of Lambda and SNS",
    ),
    Row(Blame.ACCOUNT, "with an explicit deny", FORBIDDEN, DENIALS, SAYS_DENIED),
    Row(Blame.ACCOUNT, "is not authorized to perform", ALLOW, DENIALS, SAYS_DENIED),
    *_rows(Blame.ACCOUNT, ("AccessDenied", "NotAuthorized"), ALLOW, COMMON, SAYS_DENIED),
    Row(Blame.ACCOUNT, "UnauthorizedOperation", ALLOW, EC2_ERRORS, SAYS_DENIED),
    Row(Blame.ACCOUNT, "AuthorizationError", ALLOW, "botocore's model of SNS", SAYS_DENIED),
    Row(Blame.ACCOUNT, "OptInRequired", SUBSCRIBE, COMMON),
)
_AWS = (
    Row(
        Blame.AWS,
        "availability zone(s) with the requested instance type",
        ZONES,
        "https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-vpc.html, of the endpoint of a model in a VPC",
    ),
    # AWS's own Kubernetes controller tries it again as well.
    Row(
        Blame.AWS,
        "Request to service failed",
        AGAIN,
        "https://github.com/aws-controllers-k8s/sagemaker-controller, pkg/resource/endpoint/hooks.go",
    ),
    Row(
        Blame.AWS,
        "Please make sure all images included in the model",
        IMAGE,
        "https://github.com/aws/amazon-sagemaker-examples/issues/275",
    ),
    *_rows(Blame.AWS, ("Service Unavailable", "InternalFailure"), AGAIN, COMMON),
    Row(Blame.AWS, "Internal Error", AGAIN, S3_ERRORS),
    Row(Blame.AWS, "Internal Server Error", AGAIN, "https://github.com/aws/sagemaker-python-sdk/issues/70"),
    Row(Blame.AWS, "ServerException", AGAIN, "botocore's models of Batch and ECR"),
)
_RELEASE = (
    Row(Blame.RELEASE, "did not pass the ping health check", "", REPOST),
    # Of serverless endpoints: the model is downloaded and answers /ping within three minutes, or it is not served:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-invoke.html
    Row(
        Blame.RELEASE,
        "Unable to successfully stand up your model within the allotted",
        "",
        "https://github.com/plantonhq/planton, catalog/aws/awssagemakerendpoint/GUIDE.md",
    ),
    Row(Blame.RELEASE, "Failed to extract model data archive", "", REPOST),
    Row(
        Blame.RELEASE,
        "model data archive is too large",
        "",
        "https://github.com/aws/sagemaker-python-sdk/issues/879",
    ),
    Row(Blame.RELEASE, "CannotStartContainerError", "", "https://github.com/aws/sagemaker-python-sdk/issues/4615"),
    Row(
        Blame.RELEASE,
        "is greater than supported size",
        "",
        "https://github.com/aws-solutions/qnabot-on-aws/issues/691, of images of serverless endpoints",
    ),
)
TABLE = (*_CALLER, *_ROLE, *_THROTTLED, *_CAPACITY, *_QUOTA, *_REGION, *_DENIED, *_AWS, *_RELEASE)
"""The first row whose words are said counts. The release comes last: a wrong quarantine costs a person."""
NOTHING = Row(Blame.NOBODY, "", UNKNOWN, "")

_ROLE_NAMED = re.compile(r":assumed-role/([\w+=,.@-]+)/|:role/(?:[\w+=,.@/-]+/)?([\w+=,.@-]+) is not authorized")
"""The session of a role, or a role: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"""
NAMES_ACTION = "not authorized to perform: "
"""Behind it AWS names the action, as IAM does. `DENIALS` says so."""
_ACTION = re.compile(rf"{NAMES_ACTION}([a-z0-9-]+:[A-Za-z]+(?: on resource: \S*[\w*])?)")
_OPERATION = re.compile(r"operation error (?:(\w+)|[\w ]+): (\w+)")
"""As Terraform and its provider write it; services of one word are called in IAM's actions as they are here."""
_IN_IAM = {"eventbridge": "events"}
_REGION_NAME = r"([a-z]+(?:-[a-z]+)+-\d+)"
_IN = re.compile(
    rf"expecting '{_REGION_NAME}'|actual location \"{_REGION_NAME}\"|The {_REGION_NAME} location constraint"
)
_ASKED = re.compile(
    rf"the region '{_REGION_NAME}'|requested bucket from \"{_REGION_NAME}\"|not in '{_REGION_NAME}' region"
)


def row_of(reason: str) -> Row:
    """What is known of a reason."""
    return next((row for row in TABLE if row.is_in(reason)), NOTHING)


def explain(text: str, facts: Mapping[str, str] | None = None) -> Known:
    """What is known of an error.

    `facts`, where the text does not tell them or others know better: `operation`, `action` as IAM calls it, `region` of
    a bucket, and the region in which it was `asked` for.
    """
    row = row_of(text)
    known = {**_facts(text), **{name: value for name, value in (facts or {}).items() if value}}
    use = known["action"] if known["action"].startswith("kms:") else "kms:Decrypt and kms:GenerateDataKey"
    return Known(row, row.says.format(**known), row.remedy.format(**known, use=use))


def explain_first(texts: Iterable[str]) -> Known:
    """What is known of several errors of one run: of the one that stands first in the table."""
    found = [explain(text) for text in texts]
    order = {row: index for index, row in enumerate(TABLE)}
    return min(found, key=lambda one: order.get(one.row, len(TABLE)), default=explain(""))


def names_young_role(text: str) -> bool:
    """Whether an error of AWS's says that it cannot assume a role: one that was just made, as long as that may be."""
    return row_of(text).blame is Blame.ROLE


def _facts(text: str) -> dict[str, str]:
    role, called = _first(_ROLE_NAMED, text), _OPERATION.search(text)
    operation = called[2] if called else ""
    service = (called[1] or "").lower() if called else ""
    action = f"{_IN_IAM.get(service, service)}:{operation}" if service else operation
    return {
        "who": f"the role {role}" if role else "the role that you use",
        "action": _first(_ACTION, text).replace(" on resource: ", " on ") or action or "what it asks for",
        "operation": operation or "a request",
        "region": _first(_IN, text) or "another region",
        "asked": _first(_ASKED, text) or "the manifest's",
    }


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return next(filter(None, found.groups()), "") if found else ""
