"""How AWS says that somebody else is changing the same thing, in its own answers and inside Terraform's. Pure.

Where a service has a code for it, the code stands in botocore's model of the service, or of all of AWS's errors of it,
and tests check that; two services have none. Words that are in no row are no conflict: they are told as a failure, and
the next run tries again.

A row is what ends by itself, because AWS says of it that somebody is changing something, and to wait. That something is
in use is no such thing: the certificate of a load balancer, or the target group of a listener, is in use until a person
ends that. Which is why no code of that name is here: ACM's `ResourceInUseException` ("Remove the association and try
again": https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html), Load Balancing's and
SageMaker's `ResourceInUse` and DynamoDB's; SageMaker's and its `ConflictException` are of no operation of ours.
"""

from dataclasses import dataclass

from reconciler.errors import Busy

S3_ERRORS = "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"


@dataclass(frozen=True, slots=True)
class Sign:
    """A code, as boto3 and the provider of Terraform write it, or words of a service that has no code."""

    words: str
    service: str
    """As boto3 names it."""
    source: str = ""
    """Where AWS says so, if its model does not."""

    @property
    def code(self) -> str:
        """The code, if that is what it is."""
        return "" if " " in self.words else self.words.removesuffix(":")


SIGNS = (
    # While a schedule is being made or changed: https://github.com/alchemy-run/distilled/pull/248
    Sign("ConflictException:", "scheduler"),
    Sign("ConcurrentModification", "iam"),
    Sign("ConcurrentModificationException", "events"),
    Sign("EntityTemporarilyUnmodifiable", "iam"),
    Sign("ConditionalRequestConflict", "s3", S3_ERRORS),
    Sign("OperationAborted", "s3", S3_ERRORS),
    Sign(
        "Cannot update in-progress endpoint",
        "sagemaker",
        "https://github.com/aws-controllers-k8s/sagemaker-controller; ValidationException",
    ),
    Sign(
        "resource is being modified",
        "batch",
        "https://github.com/astronomer/astronomer-providers/issues/413; ClientException",
    ),
)
_PERMANENT = ("already exist", "in use", "being used", "associated with", "attached to", "depends on")
"""With these the same codes mean something that no waiting mends, such as a schedule of the name that is wanted."""


def is_conflict(text: str) -> bool:
    """Whether an error of AWS's, `Code: message`, is a conflict that passes."""
    return any(sign.words in text for sign in SIGNS) and not any(words in text for words in _PERMANENT)


def busy(what: str, why: str) -> Busy:
    """What was to be done, and what AWS said, as the state of affairs that it is."""
    return Busy(f"{what}: somebody else is changing it: {why}", "nothing is wrong: the next run goes on")
