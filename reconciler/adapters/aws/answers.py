"""What AWS's answers mean: every error that something is decided on, in one table.

Codes are told apart, and no sentences, wherever AWS has a code. What is not in the table means nothing: it is an error,
and never "there is none". Where a row gives no source, the code stands in botocore's model of the operation, which
tests check.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from botocore.exceptions import ClientError

S3_ERRORS = "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
S3_CONDITIONS = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html"
S3_HEAD = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html (no body, so no code but the status)"
S3_TAGS = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketTagging.html"
SAGEMAKER_ABSENT = "https://github.com/aws/amazon-sagemaker-examples/issues/2402 and 2339"
SECRETS = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html"


class Meaning(Enum):
    """What an answer says of the world."""

    ABSENT = "there is no such thing"
    NO_BUCKET = "there is no such bucket"
    UNLISTED = "there is no such thing, if no list has it: the code is that of any bad request"
    UNSET = "the thing is there, and nobody ever chose this setting"
    TAKEN = "somebody made it first"
    OUTRUN = "somebody else wrote first, writes now, or deleted what the condition was about"
    IN_USE = "something still uses it"
    MODEL = "the model refused the request, and SageMaker did not"
    UNREADABLE = "the secret cannot be read as it is"


@dataclass(frozen=True, slots=True)
class Row:
    """An error code of some operations of one service."""

    meaning: Meaning
    service: str
    """As boto3 names it."""
    operations: tuple[str, ...]
    code: str
    source: str = ""
    """Where AWS says so, if its model does not."""


_S3_READS = ("GetObject", "ListObjectsV2", "ListObjectVersions", "GetBucketVersioning", "GetBucketTagging")
_S3_WRITES = ("PutObject", "DeleteObject")
_LOG_READS = ("DescribeLogStreams", "GetLogEvents", "ListTagsForResource")
_ECR_READS = ("DescribeImages", "ListImages", "DescribeRepositories", "ListTagsForResource")
_SAGEMAKER_READS = ("DescribeEndpoint", "DescribeModel", "DescribeEndpointConfig")

TABLE = (
    Row(Meaning.ABSENT, "s3", ("GetObject",), "NoSuchKey"),
    Row(Meaning.NO_BUCKET, "s3", _S3_READS, "NoSuchBucket", S3_ERRORS),
    Row(Meaning.NO_BUCKET, "s3", ("HeadBucket",), "NoSuchBucket"),
    Row(Meaning.NO_BUCKET, "s3", ("HeadBucket",), "404", S3_HEAD),
    Row(Meaning.ABSENT, "iam", ("GetRole",), "NoSuchEntity"),
    Row(Meaning.ABSENT, "events", ("DescribeRule",), "ResourceNotFoundException"),
    Row(Meaning.ABSENT, "scheduler", ("GetSchedule",), "ResourceNotFoundException"),
    Row(Meaning.ABSENT, "logs", _LOG_READS, "ResourceNotFoundException"),
    Row(Meaning.ABSENT, "ecr", _ECR_READS, "RepositoryNotFoundException"),
    # Of GetSecretValue it may be the version alone that is not there: DescribeSecret tells.
    Row(Meaning.ABSENT, "secretsmanager", ("GetSecretValue", "DescribeSecret"), "ResourceNotFoundException"),
    Row(Meaning.ABSENT, "acm", ("ListTagsForCertificate",), "ResourceNotFoundException"),
    Row(Meaning.UNLISTED, "sagemaker", _SAGEMAKER_READS, "ValidationException", SAGEMAKER_ABSENT),
    Row(Meaning.UNSET, "s3", ("GetBucketTagging",), "NoSuchTagSet", S3_TAGS),
    Row(Meaning.UNSET, "s3", ("GetBucketEncryption",), "ServerSideEncryptionConfigurationNotFoundError", S3_ERRORS),
    Row(Meaning.UNSET, "s3", ("GetPublicAccessBlock",), "NoSuchPublicAccessBlockConfiguration", S3_ERRORS),
    Row(Meaning.TAKEN, "s3", ("CreateBucket",), "BucketAlreadyOwnedByYou"),
    Row(Meaning.TAKEN, "ecr", ("PutImage",), "ImageAlreadyExistsException"),
    Row(Meaning.TAKEN, "ecr", ("PutImage",), "ImageTagAlreadyExistsException"),
    Row(Meaning.TAKEN, "secretsmanager", ("CreateSecret",), "ResourceExistsException"),
    Row(Meaning.OUTRUN, "s3", _S3_WRITES, "PreconditionFailed", S3_CONDITIONS),
    Row(Meaning.OUTRUN, "s3", _S3_WRITES, "ConditionalRequestConflict", S3_CONDITIONS),
    Row(Meaning.OUTRUN, "s3", _S3_WRITES, "NoSuchKey", S3_CONDITIONS),
    # The same, from what answers without a body.
    Row(Meaning.OUTRUN, "s3", _S3_WRITES, "412", S3_CONDITIONS),
    Row(Meaning.OUTRUN, "s3", _S3_WRITES, "409", S3_CONDITIONS),
    Row(Meaning.OUTRUN, "s3", _S3_WRITES, "404", S3_CONDITIONS),
    Row(Meaning.IN_USE, "acm", ("DeleteCertificate",), "ResourceInUseException"),
    Row(Meaning.MODEL, "sagemaker-runtime", ("InvokeEndpoint",), "ModelError"),
    Row(Meaning.UNREADABLE, "secretsmanager", ("GetSecretValue",), "InvalidRequestException"),
)

MARKED_FOR_DELETION = ("marked for deletion", "scheduled for deletion", "currently marked deleted")
"""What Secrets Manager says to `UNREADABLE` when somebody deleted the secret; any other reason is told as it is.

"You can't perform this operation on the secret because it was marked for deletion."
(https://github.com/external-secrets/kubernetes-external-secrets/issues/415); its reference says "scheduled for
deletion" (`SECRETS`), and said "currently marked deleted" (https://github.com/getmoto/moto/issues/8638).
"""


def code_of(fault: Exception) -> str:
    """AWS's code of an answered error, such as `NoSuchKey`; empty when AWS did not answer."""
    return str(fault.response.get("Error", {}).get("Code", "")) if isinstance(fault, ClientError) else ""


def message_of(fault: ClientError) -> str:
    """AWS's sentence beside the code."""
    return str(fault.response.get("Error", {}).get("Message", ""))


def means(fault: Exception, meaning: Meaning) -> bool:
    """Whether an answer says this of the world."""
    if not isinstance(fault, ClientError):
        return False
    return (fault.operation_name, code_of(fault), meaning) in _KNOWN


def _known() -> Iterator[tuple[str, str, Meaning]]:
    for row in TABLE:
        for operation in row.operations:
            yield operation, row.code, row.meaning


_KNOWN = frozenset(_known())
