"""Whose fault a FailureReason names: AWS's documented wordings, those of the sandbox and of moto, and nonsense."""

import pytest

from reconciler.core.outcome import Rejected, Troubled, judge, remedy_of
from reconciler.core.reasons import TABLE, UNKNOWN, Blame, explain_first, names_young_role, row_of
from reconciler.sandbox.aws.sagemaker import fleet, trouble
from support.wordings import SAID, Said

ROLE = "arn:aws:iam::123456789012:role/acme-prod-churn-endpoint"
RELEASE = (
    (
        "The primary container for production variant AllTraffic did not pass the ping health check. "
        "Please check CloudWatch logs for this endpoint."
    ),
    (
        'Failed to extract model data archive for container "container_1" from URL "s3://b/m.tar.gz". Please ensure '
        "that the object located at the URL is a valid tar.gz archive."
    ),
    (
        "CannotStartContainerError. Please ensure the model container for variant AllTraffic starts "
        "correctly when invoked with 'docker run <image> serve'"
    ),
    (
        "Unable to successfully stand up your model within the allotted 180 second timeout. Please ensure that "
        "downloading your model artifacts, starting your model container and passing the ping health checks can be "
        "completed within 180 seconds."
    ),
    (
        "The model data archive is too large. Please reduce the size of the model data archive or move to an "
        "instance type with more memory."
    ),
    "Image size 13279248421 is greater than supported size 10737418240",
    fleet.UNHEALTHY.format(variant="live"),
    fleet.UNSTARTED.format(variant="live"),
)
AWS = {
    "take another instance type": (
        (
            "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. "
            "Please retry using a different ML instance type or after some time."
        ),
        trouble.NO_CAPACITY,
        "InsufficientInstanceCapacity: no ml.g5.xlarge",
    ),
    "Service Quotas": (
        (
            "The account-level service limit 'ml.m4.xlarge for endpoint usage' is 0 Instances, with "
            "current utilization of 0 Instances and a request delta of 1 Instances. Please contact AWS "
            "support to request an increase."
        ),
        "ResourceLimitExceeded: whatever it says",
    ),
    "tries again": ("Request to service failed. If failure persists after retry, contact customer support.",),
    "subnets in other zones": (
        (
            "Unable to locate at least 2 availability zone(s) with the requested instance type ml.m5.large that "
            "overlap with SageMaker AI subnets."
        ),
    ),
    "may pull it": (
        (
            "Please make sure all images included in the model for the production variant AllTraffic "
            "exist, and that the execution role used to create the model has permissions to access them."
        ),
        fleet.NO_IMAGE.format(variant="live"),
    ),
}
YOUNG = (
    (
        f"Could not assume role {ROLE}. Please ensure that the role exists and allows principal "
        "'sagemaker.amazonaws.com' to assume the role."
    ),
    f"SageMaker was unable to assume the role '{ROLE}'",
    (
        "InvalidInputException: SageMaker is unable to perform: sts:AssumeRole on the role. Check if you "
        "have a trust relationship for 'sagemaker.amazonaws.com' to assume the role."
    ),
    "ValidationException: The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
    (
        f"ECS was unable to assume the role '{ROLE}' that was provided for this task. Please verify that "
        "the role being passed has the proper trust relationship and permissions and that your IAM user "
        "has permissions to pass this role."
    ),
    (
        "InvalidParameterException: Unable to assume the service linked role. Please verify that the ECS "
        "service linked role exists."
    ),
    (
        "unexpected state 'INVALID', wanted target 'VALID'. last error: CLIENT_ERROR - User: "
        f"batch.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: {ROLE} (Service: "
        "AWSSecurityTokenService; Status Code: 403)"
    ),
    "InvalidParameter: Unable to assume given IAM role",
)
NONSENSE = (
    "",
    "Colourless green ideas sleep furiously.",
    "Something about a role, an image and a health check.",
    "Alarms in ALARM state during the deployment: x-5xx.",  # the sandbox's: AWS documents none
)


@pytest.mark.parametrize("reason", RELEASE)
def test_what_is_known_to_be_the_releases_fault_is_held_against_it(reason):
    assert (judge(reason), remedy_of(reason)) == (Rejected(reason), "")


@pytest.mark.parametrize(("helps", "reason"), [(helps, reason) for helps, all_ in AWS.items() for reason in all_])
def test_what_is_aws_own_fault_is_not_held_against_the_release(helps, reason):
    found = judge(reason)
    assert isinstance(found, Troubled)
    assert (helps in found.remedy, found.soon) == (True, False)


@pytest.mark.parametrize("reason", YOUNG)
def test_a_role_that_aws_cannot_assume_is_not_held_against_the_release(reason):
    assert names_young_role(reason)
    assert judge(reason) == Troubled(reason, remedy_of(reason), soon=True)


@pytest.mark.parametrize("reason", NONSENSE)
def test_what_nobody_knows_is_tried_again_and_held_against_nobody(reason):
    assert row_of(reason).blame is Blame.NOBODY
    assert judge(reason) == Troubled(reason, UNKNOWN)
    assert not names_young_role(reason)


@pytest.mark.parametrize("said", SAID, ids=lambda said: said.text[:60])
def test_nothing_that_aws_says_of_itself_the_account_or_the_caller_is_held_against_a_release(said: Said):
    found = judge(said.text)
    assert row_of(said.text).blame is said.blame
    assert isinstance(found, Troubled)
    assert said.remedy in found.remedy
    assert "{" not in found.remedy


def test_a_role_that_may_not_assume_another_one_is_no_role_that_is_young():
    said = f"User: arn:aws:sts::1:assumed-role/ci/x is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
    assert not names_young_role(said)
    assert remedy_of(said) == f"allow the role ci sts:AssumeRole on {ROLE}"


def test_of_several_errors_the_one_that_explains_the_others_is_told():
    errors = ("it is not there", "api error AccessDenied: no", "api error ExpiredToken: expired")
    assert explain_first(errors).says == "the AWS credentials have expired"
    assert explain_first(()).row.blame is Blame.NOBODY


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.words)
def test_every_wording_has_a_source_and_one_of_aws_sentences_above(row):
    said = (*RELEASE, *YOUNG, *(reason for all_ in AWS.values() for reason in all_), *(one.text for one in SAID))
    assert row.source
    assert any(row_of(reason) == row for reason in said), f"no sentence of AWS's is tried with {row.words!r}"
