"""A model's whole life by pull requests, through the workflows, on the sandbox: real Terraform, training and inference.

The tests tell one story, in their order. The runner's log of it is what `make story` keeps.
"""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from reconciler.sandbox import Sandbox
from support import gitops
from support.checkout import FRUGAL
from support.gitops import MANIFEST, NAME, Team
from support.moody import MOODY
from support.sandbox_client import client
from support.workflows import identity
from support.workflows.issues import BOT
from support.workflows.log import Log
from support.workflows.results import Run

pytestmark = pytest.mark.e2e

PROJECT, ENDPOINT = "moody", "acme-prod-moody"
PLAN, APPLY = "reconcile (prod) / plan", "reconcile (prod) / apply"
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def team(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("story")
    given = {"RECONCILE_SANDBOX_HOME": str(sandbox.home), "TF_PLUGIN_CACHE_DIR": str(folder / "providers"), **FRUGAL}
    (folder / "providers").mkdir()
    log = Log(Path(os.environ.get("STORY_LOG") or folder / "story.log"))
    door = identity.sandbox(sandbox.aws_endpoint, sandbox.keys.secret_access_key)
    made = gitops.found(folder / "github", given, door, log)
    yield made
    made.github.close()


def lines(version: int, revision: int) -> dict:
    return {PROJECT: {"owner": "ml-team", "training": {"revision": revision}, "deployment": {"version": version}}}


def pinned(team: Team, version: int, revision: int) -> str:
    return team.manifest(**lines(version, revision))


def comment(team: Team, number: int) -> str:
    """The one comment that the workflows wrote on a pull request."""
    [found] = [one for one in team.github.board(NAME).issues[number - 1].comments if one.author == BOT]
    team.github.show(team.github.board(NAME).issues[number - 1])
    return found.body


def drift_issue(team: Team):
    [found] = [one for one in team.github.board(NAME).issues if not one.pull]
    team.github.show(found)
    return found


def succeeded(runs: list[Run]) -> None:
    assert {run.workflow: run.conclusion for run in runs} == {run.workflow: "success" for run in runs}


def applied(run: Run) -> str:
    assert run.conclusion == "success", run.ends
    assert [role.arn for role in run.job(PLAN).roles] == [gitops.PLAN_ROLE]
    assert [role.arn for role in run.job(APPLY).roles] == [gitops.APPLY_ROLE]
    return run.job(APPLY).output


def live(sandbox: Sandbox) -> str:
    return client(sandbox, "sagemaker").describe_endpoint(EndpointName=ENDPOINT)["EndpointConfigName"]


def until_trained(sandbox: Sandbox, version: int) -> None:
    deadline = time.monotonic() + 240
    url, query = f"{sandbox.mlflow_url}/api/2.0/mlflow/model-versions/search", {"filter": f"name='{PROJECT}'"}
    while (
        len(requests.get(url, query, auth=sandbox.keys.mlflow, timeout=30).json().get("model_versions", [])) < version
    ):
        assert time.monotonic() < deadline, "no version was registered"
        time.sleep(0.5)


def masked(text: str) -> str:
    """Without what differs from run to run."""
    return re.sub(r"\b[0-9a-f]{7,64}\b", lambda found: "0" * len(found[0]), text)


def assert_golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(masked(text))
    assert masked(text) == path.read_text()


def test_a_pull_request_gets_one_comment_and_the_next_push_writes_it_anew(team):
    alice = team.person("alice")
    alice.start("moody")
    gitops.add_project(alice, PROJECT, MOODY)
    alice.write(MANIFEST, team.manifest(moody={"training": {"revision": 1}}))
    alice.commit("moody: trained")
    pull, runs = team.github.open(alice, "moody: a first model", NAME)
    succeeded(runs)
    first = comment(team, pull.number)
    assert "1 to train, 0 to deploy" in first
    alice.write(MANIFEST, pinned(team, 1, 1))
    alice.commit("moody: version 1 is pinned")
    runs = team.github.update(pull)
    succeeded(runs)
    second = comment(team, pull.number)
    assert "version 1 as soon as the training has registered it" in second
    [plan] = [run for run in runs if run.workflow == "plan.yml"]
    assert second.endswith(plan.job("plan (prod)").summary)
    assert_golden("comment-of-a-first-model.md", second)


def test_the_merge_is_applied_once_somebody_approved_and_the_next_hour_makes_the_model_live(team, sandbox):
    pull = team.github.pulls[-1]
    [run] = team.github.merge(pull, "carol")
    assert "train moody" in applied(run) or "Applied:" in applied(run)
    until_trained(sandbox, 1)
    [run] = team.github.schedule(NAME, "apply.yml")
    assert "deploy version 1" in applied(run)
    assert live(sandbox).startswith(f"{ENDPOINT}-v1-")


def test_what_somebody_changes_by_hand_is_an_issue_in_the_morning(team, sandbox):
    team.github.log.chapter("somebody points the endpoint at a configuration of their own, by hand")
    sagemaker = client(sandbox, "sagemaker")
    ours = sagemaker.describe_endpoint_config(EndpointConfigName=live(sandbox))
    sagemaker.create_endpoint_config(EndpointConfigName="by-hand", ProductionVariants=ours["ProductionVariants"])
    sagemaker.update_endpoint(EndpointName=ENDPOINT, EndpointConfigName="by-hand")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=ENDPOINT, WaiterConfig={"Delay": 1})
    succeeded(team.github.schedule(NAME, "drift.yml"))
    issue = drift_issue(team)
    assert (issue.state, issue.author) == ("open", BOT)
    assert "aws_sagemaker_endpoint.live[0]" in issue.body.replace("\\", "")
    assert "Drift: 1 resource in 1 of " in issue.body


def test_the_schedule_repairs_it_and_the_next_night_closes_the_issue(team, sandbox):
    [run] = team.github.schedule(NAME, "apply.yml")
    assert "repair the endpoint: version 1" in applied(run)
    assert live(sandbox).startswith(f"{ENDPOINT}-v1-")
    succeeded(team.github.schedule(NAME, "drift.yml"))
    assert drift_issue(team).state == "closed"


def test_a_new_version_is_a_pull_request(team, sandbox):
    alice = team.person("alice")
    alice.start("moody-2")
    alice.write(MANIFEST, pinned(team, 2, 2))
    alice.commit("moody: trained once more, and version 2 is pinned")
    pull, runs = team.github.open(alice, "moody: version 2", NAME)
    succeeded(runs)
    assert "1 to train" in comment(team, pull.number)
    [run] = team.github.merge(pull, "carol")
    applied(run)
    until_trained(sandbox, 2)
    [run] = team.github.schedule(NAME, "apply.yml")
    assert "update version 1 -> 2" in applied(run)
    assert live(sandbox).startswith(f"{ENDPOINT}-v2-")


def test_a_revert_of_the_pin_is_a_rollback_without_a_build(team, sandbox):
    bob = team.person("bob")
    bob.start("back")
    bob.git("revert", "--no-edit", "-m", "1", "HEAD")
    bob.push()
    pull, runs = team.github.open(bob, 'Revert "moody: version 2"', NAME)
    succeeded(runs)
    told = comment(team, pull.number)
    assert "1 rollback" in told
    assert_golden("comment-of-a-rollback.md", told)
    [run] = team.github.merge(pull, "carol")
    output = applied(run)
    assert "rollback version 2 -> 1" in output
    assert "build" not in output
    assert live(sandbox).startswith(f"{ENDPOINT}-v1-")


def test_deleted_lines_are_refused_in_the_comment_and_on_the_branch(team, sandbox):
    bob = team.person("bob")
    bob.start("farewell")
    bob.write(MANIFEST, team.manifest())
    bob.commit("moody is no longer needed")
    pull, runs = team.github.open(bob, "moody retires", NAME)
    [plan] = [run for run in runs if run.workflow == "plan.yml"]
    assert plan.ends["plan (prod)"] == "failure"
    assert "exit code 4" in team.github.log.text
    told = comment(team, pull.number)
    assert "refused" in told
    assert f"allow_retire: {PROJECT}" in told.replace("\\", "")
    assert_golden("comment-of-a-refused-retirement.md", told)
    [run] = team.github.merge(pull, "carol")
    assert (run.job(PLAN).conclusion, run.job(APPLY).conclusion) == ("failure", "skipped")
    assert live(sandbox).startswith(f"{ENDPOINT}-v1-")


def test_a_retirement_that_somebody_names_is_done(team, sandbox):
    run = team.github.dispatch(NAME, "apply.yml", "carol", allow_retire=PROJECT)
    assert "retire" in applied(run)
    sagemaker = client(sandbox, "sagemaker")
    assert sagemaker.list_endpoints(NameContains=ENDPOINT)["Endpoints"] == []
    [run] = team.github.schedule(NAME, "apply.yml")
    assert run.job(APPLY).conclusion == "skipped"


def test_the_log_holds_the_whole_story_and_no_secret(team):
    told = team.github.log.text
    for words in ("alice opens pull request #1", "approved by carol", "it is time for drift.yml", "allow_retire=moody"):
        assert words in told
    assert gitops.LOGIN["MLFLOW_TRACKING_PASSWORD"] not in told
    assert "ghs_" not in told
