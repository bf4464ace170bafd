"""Why Terraform failed, as an error with a remedy."""

import pytest

from reconciler.adapters.terraform.events import Diagnostic
from reconciler.adapters.terraform.failures import Attempt, failure
from reconciler.adapters.terraform.streaming import Ending
from reconciler.errors import Busy, Interrupted, TerraformFailed

ATTEMPT = Attempt("apply", "stack training of churn", "s3://states/key")


def errors(*summaries: str) -> list[Diagnostic]:
    return [Diagnostic("error", summary) for summary in summaries]


@pytest.mark.parametrize(
    ("ending", "found", "told"),
    [
        (Ending(1, ""), errors("a"), "failed: a"),
        (Ending(1, "noise"), errors("a", "b"), "failed: a\n  b"),
        (Ending(1, ""), errors("a", "a", "a"), "failed: a"),
        (Ending(1, ""), errors("a", "b", "c", "d", "e"), "failed: a\n  b\n  c\n  and 2 more errors"),
        (Ending(2, "panic: it crashed"), [], "failed: panic: it crashed"),
        (Ending(3, ""), [], "failed: it ended with code 3 and gave no reason"),
    ],
)
def test_the_first_errors_are_told(ending, found, told):
    error = failure(ATTEMPT, ending, found)
    assert isinstance(error, TerraformFailed)
    assert error.what == f"terraform apply of stack training of churn {told}"


@pytest.mark.parametrize(
    ("summary", "remedy"),
    [
        ("Failed to query available provider packages", "~/.terraform.d/plugins"),
        ("No valid credential sources found", "aws sso login"),
        ("operation error STS: ExpiredToken", "aws sso login"),
        ("S3 bucket does not exist", "state_bucket"),
        ("ResourceLimitExceeded: The account-level service limit 'ml.g5.xlarge' is 0 Instances", "Service Quotas"),
        ("Something nobody foresaw", ""),
    ],
)
def test_what_is_known_has_a_remedy(summary, remedy):
    assert remedy in failure(ATTEMPT, Ending(1, ""), errors(summary)).remedy


CONFLICT = 'api error ValidationException: Cannot update in-progress endpoint "acme-prod-churn".'


def test_a_change_that_somebody_else_is_making_is_no_failure():
    error = failure(ATTEMPT, Ending(1, ""), errors(CONFLICT, "api error ConflictException: the resource is busy"))
    assert isinstance(error, Busy)
    assert "somebody else is changing it" in error.what
    assert "in-progress endpoint" in error.what
    assert "next run goes on" in error.remedy


@pytest.mark.parametrize("other", ["access denied", "ConflictException: Schedule nightly already exists."])
def test_a_failure_beside_a_conflict_is_one(other):
    assert isinstance(failure(ATTEMPT, Ending(1, ""), errors(CONFLICT, other)), TerraformFailed)


def test_being_asked_to_stop_is_no_failure():
    error = failure(ATTEMPT, Ending(1, "", "asked to stop"), errors("operation canceled"))
    assert isinstance(error, Interrupted)
    assert "run again" in error.remedy


def test_after_a_kill_the_lock_is_released_by_the_next_run():
    error = failure(ATTEMPT, Ending(-9, "", "asked to stop"), [])
    assert error.remedy == "run again: the lock that it left is released then"


IN_USE = [
    # https://github.com/dfds/infrastructure-modules/issues/5, https://github.com/anomalyco/sst/issues/4963
    "deleting ACM Certificate: ResourceInUseException: Certificate arn:aws:acm:x in account 1 is in use.",
    # https://github.com/cloudposse/terraform-aws-alb-ingress/issues/24
    "deleting Target Group: ResourceInUse: Target group 'arn:x' is currently in use by a listener or a rule",
]


@pytest.mark.parametrize("said", IN_USE)
def test_what_is_in_use_until_a_person_ends_that_is_a_failure(said):
    error = failure(ATTEMPT, Ending(1, ""), errors(said))
    assert isinstance(error, TerraformFailed)
    assert said in error.what
