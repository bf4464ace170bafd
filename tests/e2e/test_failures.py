"""What goes wrong on its own, and what becomes of it: real trainings that fail, and programs that are killed."""

import signal
import time
from collections.abc import Callable

import pytest
import requests

from reconciler.sandbox.faults import Fault, Kind
from support.checkout import Checkout
from support.moody import MOODY, REQUEST, jobs, live

pytestmark = pytest.mark.e2e


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


def test_the_log_of_a_failed_training_of_a_build_and_of_what_serves_are_shown_when_they_are_asked_for(checkout):
    if "broken" not in checkout.projects:
        pytest.skip("the training above has to have failed")
    for words, said in (
        (("broken",), "the training data is missing"),
        (("broken", "--attempt", "1"), "the training data is missing"),
        (("broken", "--follow"), "is FAILED"),
        (("broken", "--build"), "the image was built and pushed"),
        (("sound", "--endpoint"), "ping"),
    ):
        ran = checkout.run("logs", *words)
        assert ran.code == 0, ran
        assert said in ran.out, (words, ran)
    beyond = checkout.run("logs", "broken", "--attempt", "9")
    assert beyond.code == 1
    assert "there is no attempt 9 of job e2e-test-broken-" in beyond.out
    nowhere = checkout.run("logs", "broken", "--endpoint")
    assert nowhere.code == 1
    assert "there is no log group /aws/sagemaker/Endpoints/e2e-test-broken" in nowhere.out
    assert "did you mean broken?" in checkout.run("logs", "brokn").out


def test_why_a_training_failed_is_read_by_whoever_did_not_wait_for_it(checkout):
    checkout.add_project("unseen", MOODY)
    checkout.write("unseen", "mood", "failing")
    checkout.want("unseen")
    assert checkout.run("--project", "unseen").code == 0
    until_ended(checkout, "unseen")
    cause = "the training data is missing"
    for words in (("--dry-run",), ("--dry-run", "-o", "markdown"), ("status", "-o", "json"), ()):
        ran = checkout.run(*words, *(() if "status" in words else ("--project", "unseen")))
        assert cause in ran.out, ran

    checkout.aws("logs").delete_log_group(logGroupName="/e2e/test/unseen/training")
    ran = checkout.run("--dry-run", "--project", "unseen")
    assert cause in ran.out, "the run above noted it on the MLflow run"


def test_a_host_that_is_taken_away_twice_leaves_one_version_of_a_run_that_knows_nothing_of_the_others(checkout):
    checkout.add_project("patient", MOODY)
    checkout.write("patient", "mood", "patient")
    checkout.want("patient")
    running = checkout.start("--wait", "--project", "patient")
    for attempt in (1, 2):
        until(lambda number=attempt: len(waiting(checkout, "patient")) == number, f"attempt {attempt} never waited")
        checkout.control.add(Fault(Kind.RECLAIM, on="*patient*"))
    out, _ = running.communicate(timeout=240)
    assert running.returncode == 0, out
    assert out.count("failed: Your Spot Task was interrupted.") == 2

    [chain] = checkout.document("trace", "patient")["chains"]
    assert (chain["version"], chain["run_status"]) == (1, "FINISHED")
    assert [(one["attempt"], one["run_status"]) for one in chain["attempts"]] == [(1, "KILLED"), (2, "KILLED")]
    assert len({chain["run"], *(one["run"] for one in chain["attempts"])}) == 3
    assert checkout.project("patient")["sync"] == "Synced"


def waiting(checkout: Checkout, name: str) -> list[str]:
    """Lines of attempts that wait for their host to be taken away."""
    logs, group = checkout.aws("logs"), f"/e2e/test/{name}/training"
    if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        return []
    said = logs.filter_log_events(logGroupName=group)["events"]
    return [event["message"] for event in said if event["message"] == "waiting for its host to go"]


def until_ended(checkout: Checkout, name: str) -> None:
    batch, found = checkout.aws("batch"), jobs(checkout, name)
    ended = {"SUCCEEDED", "FAILED"}
    until(lambda: batch.describe_jobs(jobs=found)["jobs"][0]["status"] in ended, f"the job of {name} never ended")


def until(is_so: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.2)


def test_a_model_that_is_logged_and_not_registered_is_registered_under_the_projects_name(checkout):
    checkout.add_project("shy", MOODY)
    checkout.write("shy", "mood", "shy")
    checkout.want("shy")
    ran = checkout.run("--wait", "--project", "shy")
    assert ran.code == 0, ran
    assert "as version 1 of shy" in ran.out
    assert versions(checkout, "shy") == [1]


def test_a_reconciler_killed_during_a_training_finds_the_job_again(checkout):
    checkout.add_project("resumed", MOODY)
    checkout.want("resumed")
    running = checkout.start("--wait", "--project", "resumed")
    deadline = time.monotonic() + 120
    while not jobs(checkout, "resumed"):
        assert time.monotonic() < deadline, "no job was submitted"
        time.sleep(0.2)
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=30)

    followed = checkout.start("logs", "resumed", "--follow")
    ran = checkout.run("--wait", "--project", "resumed")
    assert ran.code == 0, ran
    told = followed.communicate(timeout=120)[0]
    assert followed.returncode == 0, told
    assert "Created version '1' of model 'resumed'" in told
    assert "is SUCCEEDED" in told
    assert len(jobs(checkout, "resumed")) == 1
    assert versions(checkout, "resumed") == [1]


def test_a_restarted_sandbox_holds_everything_and_answers_again(checkout):
    if "sound" not in checkout.projects:
        live(checkout, "sound")
    assert checkout.run("sandbox", "down").code == 0
    assert checkout.run("sandbox", "up").code == 0
    ran = checkout.run("--wait", "--project", "sound")
    assert ran.code == 0, ran
    assert "Applied" not in ran.out or "wait" in ran.out
    assert checkout.ask("sound", REQUEST) == ["good", "good"]


def test_a_registered_model_that_is_made_anew_under_its_number_is_what_serves_and_what_is_traced(checkout):
    if "sound" not in checkout.projects:
        live(checkout, "sound")
    [old] = checkout.document("trace", "sound", "v1")["chains"]
    url = f"{checkout.sandbox.mlflow_url}/api/2.0/mlflow/registered-models/delete"
    deleted = requests.delete(url, json={"name": "sound"}, auth=checkout.sandbox.keys.mlflow, timeout=30)
    assert deleted.ok, deleted.text
    [left] = checkout.document("trace", "sound", "v1")["chains"]
    assert left == {**old, "registry": "missing"}
    assert checkout.ask("sound", REQUEST) == ["good", "good"]

    checkout.write("sound", "mood", "better")
    ran = checkout.run("--wait", "--project", "sound")
    assert ran.code == 0, ran
    assert "version 1 is another model than the one that serves: made from run " in " ".join(ran.out.split()), ran
    assert checkout.ask("sound", REQUEST) == ["better", "better"]
    new, replaced = checkout.document("trace", "sound", "v1")["chains"]
    assert (new["live"], new["registry"], replaced["live"], replaced["registry"]) == (
        True,
        "registered",
        False,
        "replaced",
    )
    assert [replaced[part] for part in ("run", "commit", "job", "model_image")] == [
        old[part] for part in ("run", "commit", "job", "model_image")
    ]
    sagemaker, [served] = checkout.aws("sagemaker"), new["configurations"]
    arn = sagemaker.describe_endpoint_config(EndpointConfigName=served["name"])["EndpointConfigArn"]
    tags = {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]}
    assert (tags["reconciler:run"], new["run"] != old["run"]) == (new["run"], True)
    assert checkout.run("--dry-run", "--detailed-exitcode", "--project", "sound").code == 0


def versions(checkout: Checkout, name: str) -> list[int]:
    """Versions in the registry, each of a run of the project's one job."""
    return [chain["version"] for chain in checkout.document("trace", name)["chains"] if chain["run"] and chain["job"]]
