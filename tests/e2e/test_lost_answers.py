"""What lost answers and lost credentials do to a run in the middle of Terraform's work, with the real one."""

import time
from collections.abc import Iterator

import pytest

from reconciler.sandbox.faults.fault import Fault, Kind
from support.chaos.figures import LONG
from support.checkout import Checkout
from support.moody import MOODY, REQUEST

pytestmark = pytest.mark.e2e

LOST = (
    "iam:CreateRole",
    "ecr:CreateRepository",
    "logs:CreateLogGroup",
    "sagemaker:CreateEndpointConfig",
    "sagemaker:CreateEndpoint",
    # The provider asks for two minutes, in vain, before it believes that a model is there.
    *(("sagemaker:CreateModel",) if LONG else ()),
)
TAKEN_IN = "exists already under our tags and is in no state: it is taken in"
EXPIRED = "the AWS credentials have expired"
KEY = "test/projects/lost/deployment.tfstate"


@pytest.fixture
def weather(checkout: Checkout) -> Iterator[Checkout]:
    """The same, where every fault is gone afterwards."""
    yield checkout
    checkout.control.clear()


def test_what_was_made_although_its_answer_was_lost_is_taken_in_by_the_same_run(weather: Checkout):
    weather.add_project("lost", MOODY)
    weather.want("lost", deployment={"version": 1})
    for operation in LOST:
        weather.control.add(Fault(Kind.DROP, on=operation, times=1))
    ran = weather.run("--wait", "--project", "lost")
    assert ran.code == 0, ran
    assert all(standing.hits for standing in weather.control.standing()), weather.control.standing()
    assert ran.out.count(TAKEN_IN) == len(LOST), ran
    assert weather.ask("lost", REQUEST) == ["good", "good"]


def test_an_update_whose_answer_was_lost_ends_well_in_the_same_run(weather: Checkout):
    weather.want("lost", deployment={"version": 1, "endpoint": {"type": "realtime", "instances": 2}})
    weather.control.add(Fault(Kind.DROP, on="sagemaker:UpdateEndpoint", times=1))
    ran = weather.run("--project", "lost")
    assert ran.code == 0, ran
    [lost] = weather.control.standing()
    assert lost.hits == 1
    settled = weather.run("--dry-run", "--detailed-exitcode", "--project", "lost")
    assert settled.code == 0, settled


def test_credentials_that_expire_in_the_middle_leave_no_lock_and_the_next_run_settles(weather: Checkout):
    weather.want("lost", deployment={"version": 1})
    run = weather.start("--project", "lost")
    deadline = time.monotonic() + 120
    while not locked(weather):
        assert time.monotonic() < deadline, "Terraform took no lock"
        assert run.poll() is None, run.communicate()
    weather.control.add(Fault(Kind.ERROR, status=400, code="ExpiredToken", message="The provided token has expired."))
    said, _ = run.communicate(timeout=300)
    assert run.returncode == 1, said
    told = " ".join(said.split())
    assert -1 < told.find(EXPIRED) < told.find("could not give its lock back") < told.find("sign in (`aws sso login`)")
    assert "the next run releases the lock of its state, if it stayed" in told
    weather.control.clear()
    assert locked(weather), "what is tried here is what becomes of a lock that stayed"
    unlock = weather.run("unlock")
    assert "its run has ended: the next reconcile releases it" in unlock.out, unlock
    settled = weather.run("--wait", "--project", "lost")
    assert settled.code == 0, settled
    assert "releasing the lock of the state" in settled.out
    assert not locked(weather)


def locked(checkout: Checkout) -> bool:
    found = checkout.aws("s3").list_objects_v2(Bucket=bucket(checkout), Prefix=f"{KEY}.tflock")
    return bool(found["KeyCount"])


def bucket(checkout: Checkout) -> str:
    [found] = [one["Name"] for one in checkout.aws("s3").list_buckets()["Buckets"] if "tfstate" in one["Name"]]
    return str(found)
