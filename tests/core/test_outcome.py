"""What became of a release: who is at fault, and what helps."""

from dataclasses import replace

import pytest

from reconciler.core.observed import LiveEndpoint
from reconciler.core.outcome import Elsewhere, Rejected, Served, Troubled, outcome, remedy_of

PING = "The primary container for production variant AllTraffic did not pass the ping health check."
ALARM = "Deployment was rolled back because CloudWatch alarm churn-5xx is in ALARM state."
CAPACITY = "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error."
OLD = LiveEndpoint("x", "InService", "x-v1", modified=1.0)
NEW = LiveEndpoint("x", "InService", "x-v2", modified=2.0)


def rolled_back(reason, status="InService"):
    return replace(OLD, status=status, failure=reason, modified=2.0)


@pytest.mark.parametrize(
    ("before", "after", "failed", "expected"),
    [
        (OLD, NEW, False, Served()),
        (None, NEW, False, Served()),
        (OLD, NEW, True, Elsewhere()),
        (OLD, OLD, True, Elsewhere()),
        (rolled_back(PING), rolled_back(PING), True, Elsewhere()),
        (None, None, True, Elsewhere()),
        (OLD, rolled_back(PING), False, Rejected(PING)),
        (OLD, rolled_back(ALARM), True, Rejected(ALARM)),
        (OLD, rolled_back(PING, "UpdateRollbackFailed"), True, Rejected(PING)),
        (None, replace(NEW, status="Failed", failure=PING), True, Rejected(PING)),
        (OLD, rolled_back(None), False, Rejected("SageMaker gives no reason; it serves x-v1 and is InService")),
    ],
)
def test_who_is_at_fault_is_read_from_the_endpoint(before, after, failed, expected):
    assert outcome(before, after, "x-v2", terraform_failed=failed) == expected


@pytest.mark.parametrize(
    ("reason", "helps"),
    [
        (CAPACITY, "take another instance type"),
        ("Request to service failed. If failure persists after retry, contact customer support.", "tries again"),
        ("We encountered an internal error. Please try again.", "tries again"),
        ("ResourceLimitExceeded: The account-level service limit 'ml.g5.xlarge' is 0 Instances", "Service Quotas"),
    ],
)
@pytest.mark.parametrize("failed", [False, True])
def test_what_is_aws_own_fault_is_not_held_against_the_release(reason, helps, failed):
    found = outcome(OLD, rolled_back(reason), "x-v2", terraform_failed=failed)
    assert isinstance(found, Troubled)
    assert (found.reason, helps in found.remedy) == (reason, True)
    created = outcome(None, replace(NEW, status="Failed", failure=reason), "x-v2", terraform_failed=failed)
    assert isinstance(created, Troubled)


@pytest.mark.parametrize(("before", "after"), [(rolled_back(PING), rolled_back(PING)), (OLD, OLD), (None, OLD)])
def test_an_endpoint_that_never_moved_is_nobodys_refusal(before, after):
    found = outcome(before, after, "x-v2", terraform_failed=False)
    assert isinstance(found, Troubled)
    assert "did not move: it serves x-v1" in found.reason


def test_an_endpoint_that_somebody_deleted_meanwhile_is_nobodys_refusal():
    assert isinstance(outcome(OLD, None, "x-v2", terraform_failed=False), Troubled)


@pytest.mark.parametrize("reason", [PING, ALARM, "CannotStartContainerError", ""])
def test_what_is_not_known_to_be_aws_own_fault_is_the_releases(reason):
    assert remedy_of(reason) == ""
