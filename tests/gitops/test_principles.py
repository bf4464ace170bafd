"""The four principles of OpenGitOps (https://opengitops.dev), each held by the workflows and the command together."""

import json

import pytest

from support.gitops import MANIFEST, NAME, Team
from support.gitops_quick import ENDPOINT, Quick, lines, train
from support.workflows.results import Run

pytestmark = pytest.mark.servers

PLAN, APPLY = "reconcile (prod) / plan", "reconcile (prod) / apply"


@pytest.fixture
def live(quick: Quick) -> Team:
    """Version 1 serves, and the repository says so."""
    return quick.with_a_live_version()


def applied(run: Run) -> str:
    """What a run of apply.yml did."""
    assert run.conclusion == "success", run.ends
    return run.job(APPLY).output


def status(quick: Quick, team: Team) -> dict:
    dora = team.person("dora")
    dora.start("main")
    told = quick.reconcile(dora, "status", "-o", "json").out
    return json.loads(told[told.index("{") :])


def second_version(quick: Quick, team: Team) -> str:
    """Version 2 is trained and pinned in one commit, and serves; the commit."""
    alice = team.person("alice")
    alice.start("main")
    train(alice, "b")
    alice.write(MANIFEST, team.manifest(churn=lines(2)))
    commit = alice.commit("churn serves version 2")
    ran = quick.reconcile(alice, "--wait")
    assert ran.code == 0, ran
    return commit


def test_declarative_the_manifest_says_what_is_to_be_and_how_to_get_there_is_nobodys_to_write(quick, live):
    alice = live.person("alice")
    alice.start("main")
    old = live.repository.tip()
    bigger = lines(1)
    bigger["deployment"]["endpoint"] = {**bigger["deployment"]["endpoint"], "instances": 2}
    alice.write(MANIFEST, live.manifest(churn=bigger))
    alice.commit("churn on two instances")
    [first] = live.github.push(alice, old)
    assert "realtime.instances: 1 -> 2" in applied(first)
    [again] = live.github.schedule(NAME, "apply.yml")
    assert again.job(PLAN).outputs["pending"] == "false"
    assert again.job(APPLY).conclusion == "skipped"
    assert "No changes" in again.job(PLAN).summary


def test_versioned_and_immutable_a_revert_brings_back_exactly_what_the_earlier_commit_had(quick, live):
    before = quick.serves()
    commit = second_version(quick, live)
    assert quick.serves() != before
    alice, old = live.person("alice"), live.repository.tip()
    alice.git("revert", "--no-edit", commit)
    alice.push()
    [run] = live.github.push(alice, old)
    told = applied(run)
    assert "rollback version 2 -> 1" in told
    assert "build" not in told
    assert "train" not in told.partition("Plan:")[2].partition(",")[2]
    assert quick.serves() == before
    assert live.repository.tip()[:7] in quick.reconcile(alice, "history").out


def test_versioned_and_immutable_a_plan_is_applied_at_its_own_commit_whatever_was_merged_since(quick, live):
    alice, old = live.person("alice"), live.repository.tip()
    alice.start("main")
    train(alice, "b")
    planned = alice.commit("new code")

    def merged_while_waiting(environment: str, job: str) -> str:
        alice.write(MANIFEST, live.manifest(churn=lines(7)))
        alice.commit("a version that nobody has planned yet")
        return "carol"

    live.github.approves = merged_while_waiting
    [run] = live.github.push(alice, old)
    assert planned in run.job(APPLY).steps[0].output
    assert "version 7" not in applied(run)


def test_pulled_automatically_a_skipped_merge_run_is_caught_up_by_the_schedule(quick, live):
    alice = live.person("alice")
    alice.start("bigger")
    bigger = lines(1)
    bigger["deployment"]["endpoint"] = {**bigger["deployment"]["endpoint"], "instances": 2}
    alice.write(MANIFEST, live.manifest(churn=bigger))
    alice.commit("churn on two instances")
    pull, _ = live.github.open(alice, "churn on two instances", NAME)
    assert live.github.merge(pull, "carol", "[skip ci]") == []
    [run] = live.github.schedule(NAME, "apply.yml")
    assert "realtime.instances: 1 -> 2" in applied(run)
    assert status(quick, live)["commits"]["head_applied"] is True


def test_pulled_automatically_a_merged_commit_that_was_never_applied_is_shown(quick, live):
    dora = live.person("dora")
    dora.start("main")
    dora.write(MANIFEST, live.manifest(churn=lines(1, owner="dora")))
    commit = dora.commit("churn is mine, and CI is skipped [skip ci]")
    told = quick.reconcile(dora, "status").out
    assert f"{commit[:12]} was never applied: it is 1 commit ahead of" in told


def test_pulled_automatically_a_run_reconciles_the_tip_of_the_branch_and_not_the_commit_that_started_it(quick, live):
    alice, old = live.person("alice"), live.repository.tip()
    alice.start("main")
    bigger = lines(1)
    bigger["deployment"]["endpoint"] = {**bigger["deployment"]["endpoint"], "instances": 3}
    alice.write(MANIFEST, live.manifest(churn=bigger))
    started = alice.commit("churn on three instances")
    alice.write("README.md", "One commit later.\n")
    newest = alice.commit("words")
    [run] = live.github._pushed(live.repository, old, started, "alice")
    assert newest in run.job(PLAN).steps[0].output
    assert "realtime.instances: 1 -> 3" in applied(run)


def test_continuously_reconciled_what_somebody_changed_by_hand_is_repaired_without_a_commit(quick, live):
    before, sagemaker = quick.serves(), quick.cloud.client("sagemaker")
    stray = sagemaker.describe_endpoint_config(EndpointConfigName=before)
    sagemaker.create_endpoint_config(EndpointConfigName="by-hand", ProductionVariants=stray["ProductionVariants"])
    sagemaker.update_endpoint(EndpointName=ENDPOINT, EndpointConfigName="by-hand")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=ENDPOINT, WaiterConfig={"Delay": 0.1})
    assert quick.serves() == "by-hand"
    [run] = live.github.schedule(NAME, "apply.yml")
    told = applied(run)
    assert "repair the endpoint: version 1" in told
    assert "DRIFTED" in told
    assert quick.serves() == before


def test_continuously_reconciled_an_endpoint_that_somebody_deleted_is_made_again(quick, live):
    before = quick.serves()
    quick.cloud.client("sagemaker").delete_endpoint(EndpointName=ENDPOINT)
    assert quick.endpoints() == []
    [run] = live.github.schedule(NAME, "apply.yml")
    assert "DRIFTED" in applied(run)
    assert quick.serves() == before
