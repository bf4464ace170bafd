"""What SageMaker's reasons mean: the words of a FailureReason, whose fault they name, and where AWS says them.

A FailureReason has no code. Words that are in no row blame nobody: the release is tried again by the next run, and it
is never quarantined for a sentence that nobody knows.
"""

from dataclasses import dataclass
from enum import Enum

REPOST = "https://repost.aws/knowledge-center/sagemaker-endpoint-creation-fail"
QUOTA = "ask for a higher quota in AWS's Service Quotas, or take another instance type or fewer of them"
CAPACITY = "AWS has none left for now: the next run tries again; or take another instance type"
AGAIN = "the next run tries again"
IMAGE = "see that the image is in ECR, and that the endpoint's role may pull it; the next run tries again"
ZONES = "name subnets in other zones, or take an instance type that AWS has there; the next run tries again"
ROLE = (
    "a role that was just made is not known everywhere at AWS for some minutes: the next run tries again; "
    "if that goes on, look at its trust policy"
)
UNKNOWN = "nobody knows whose fault that is, so the next run tries again; pin another version if that goes on"


class Blame(Enum):
    """Whose fault it is."""

    RELEASE = "the release's: its container, or its model"
    AWS = "AWS's, or that of something beside the release"
    ROLE = "that of a role that AWS does not know everywhere yet"
    NOBODY = "nobody knows"


@dataclass(frozen=True, slots=True)
class Row:
    """Words of a reason, in any case of letters."""

    blame: Blame
    words: str
    remedy: str
    source: str


TABLE = (
    # Roles first: what is said of them also names images and models.
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
    Row(Blame.AWS, "Unable to provision requested ML compute capacity", CAPACITY, REPOST),
    Row(Blame.AWS, "InsufficientInstanceCapacity", CAPACITY, REPOST),
    Row(Blame.AWS, "ResourceLimitExceeded", QUOTA, "botocore's model of SageMaker's CreateEndpoint and UpdateEndpoint"),
    Row(
        Blame.AWS,
        "account-level service limit",
        QUOTA,
        "https://github.com/awsdocs/amazon-sagemaker-developer-guide/issues/70",
    ),
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


def row_of(reason: str) -> Row:
    """What is known of a reason."""
    said = reason.lower()
    return next((row for row in TABLE if row.words.lower() in said), Row(Blame.NOBODY, "", UNKNOWN, ""))


def names_young_role(text: str) -> bool:
    """Whether an error of AWS's says that it cannot assume a role: one that was just made, as long as that may be."""
    return row_of(text).blame is Blame.ROLE
