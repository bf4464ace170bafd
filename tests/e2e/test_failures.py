"""What goes wrong on its own, and what becomes of it: real trainings that fail, real models that do not load."""

import signal
import time

import pytest

from support.checkout import REPOSITORY, Checkout

pytestmark = pytest.mark.e2e

MOODY = REPOSITORY / "tests" / "projects" / "moody"
REQUEST = REPOSITORY / "tests" / "projects" / "moody-request.json"


def live(checkout: Checkout, name: str) -> None:
    """A moody project whose version 1 is good and serves."""
    checkout.add_project(name, MOODY)
    checkout.want(name, deployment={"version": 1})
    ran = checkout.run("--wait", "--project", name)
    assert ran.code == 0, ran


def jobs(checkout: Checkout, name: str) -> list[str]:
    found = checkout.aws("batch").list_jobs(
        jobQueue="e2e-test-fargate", filters=[{"name": "JOB_NAME", "values": [f"e2e-test-{name}-*"]}]
    )
    return [job["jobId"] for job in found["jobSummaryList"]]


def test_a_model_that_cannot_load_leaves_the_old_version_serving_and_is_not_tried_again(checkout):
    live(checkout, "fragile")
    checkout.write("fragile", "mood", "unloadable")
    trained = checkout.run("--wait", "--project", "fragile")
    assert trained.code == 0, trained
    checkout.want("fragile", deployment={"version": 2})

    refused = checkout.run("--project", "fragile")
    assert refused.code == 1, refused
    project = checkout.project("fragile")
    assert (project["health"], project["live_version"], project["actions"]) == ("Degraded", 1, [])
    assert "version 2 was refused by SageMaker, version 1 keeps serving" in project["problems"][0]["what"]
    assert "ping" in project["problems"][0]["what"]
    assert checkout.ask("fragile", REQUEST) == ["good", "good"]

    again = checkout.run("--project", "fragile")
    assert again.code == 1, again
    assert "Applied" not in again.out

    checkout.want("fragile", deployment={"version": 1})
    healed = checkout.run("--project", "fragile")
    assert healed.code == 0, healed
    assert checkout.project("fragile")["health"] == "Healthy"


def test_a_model_that_never_served_and_cannot_load_is_degraded_and_another_pin_heals(checkout):
    checkout.add_project("stillborn", MOODY)
    checkout.write("stillborn", "mood", "unloadable")
    checkout.want("stillborn", deployment={"version": 1})
    refused = checkout.run("--wait", "--project", "stillborn")
    assert refused.code == 1, refused
    assert checkout.project("stillborn")["health"] == "Degraded"

    checkout.write("stillborn", "mood", "good")
    checkout.want("stillborn", deployment={"version": 2})
    healed = checkout.run("--wait", "--project", "stillborn")
    assert healed.code == 0, healed
    assert checkout.ask("stillborn", REQUEST) == ["good", "good"]


def test_a_broken_project_does_not_keep_another_from_being_trained_and_deployed(checkout):
    checkout.add_project("broken", MOODY)
    checkout.write("broken", "mood", "failing")
    checkout.add_project("sound", MOODY)
    checkout.want("broken", deployment={"version": 1})
    checkout.want("sound", deployment={"version": 1})
    ran = checkout.run("--wait", "--project", "broken", "--project", "sound")
    assert ran.code == 1, ran
    assert "the training data is missing" in ran.out
    assert checkout.ask("sound", REQUEST) == ["good", "good"]
    assert checkout.project("broken")["health"] == "Degraded"

    again = checkout.run("--wait", "--project", "broken")
    assert again.code == 1, again
    assert len(jobs(checkout, "broken")) == 1


def test_a_model_that_is_logged_and_not_registered_is_registered_under_the_projects_name(checkout):
    checkout.add_project("shy", MOODY)
    checkout.write("shy", "mood", "shy")
    checkout.want("shy", deployment={"version": 1})
    ran = checkout.run("--wait", "--project", "shy")
    assert ran.code == 0, ran
    assert checkout.ask("shy", REQUEST) == ["shy", "shy"]


def test_a_reconciler_killed_during_a_training_finds_the_job_again(checkout):
    checkout.add_project("resumed", MOODY)
    checkout.want("resumed", deployment={"version": 1})
    running = checkout.start("--wait", "--project", "resumed")
    deadline = time.monotonic() + 120
    while not jobs(checkout, "resumed"):
        assert time.monotonic() < deadline, "no job was submitted"
        time.sleep(0.2)
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=30)

    ran = checkout.run("--wait", "--project", "resumed")
    assert ran.code == 0, ran
    assert len(jobs(checkout, "resumed")) == 1
    assert checkout.ask("resumed", REQUEST) == ["good", "good"]


def test_a_restarted_sandbox_holds_everything_and_answers_again(checkout):
    live(checkout, "durable")
    assert checkout.run("sandbox", "down").code == 0
    assert checkout.run("sandbox", "up").code == 0
    ran = checkout.run("--wait", "--project", "durable")
    assert ran.code == 0, ran
    assert "Applied" not in ran.out or "wait" in ran.out
    assert checkout.ask("durable", REQUEST) == ["good", "good"]
