"""The planner's truth table: one row for each situation a project can be in."""

from dataclasses import replace

import pytest

from reconciler.core.actions import Train, Update
from reconciler.core.desired import Demands, RealtimeEndpoint, Run, ServerlessEndpoint
from reconciler.core.observed import (
    DeploymentStack,
    JobStatus,
    ModelVersion,
    ObservedProject,
    Refusal,
    RunStatus,
    Unread,
)
from reconciler.core.plan import plan
from reconciler.core.verdict import Health, ProjectPlan, Sync
from support.builders import (
    converged,
    desired,
    job_of,
    live,
    observed,
    project,
    release,
    run_of,
    training_stack,
)

CHURN = project()
NEW = ObservedProject("churn")
BROKEN = Refusal(release(2).name, "did not pass the ping health check", "2026-01-01T00:00:00+00:00")


def decide(wanted=CHURN, seen=NEW, demands=Demands()) -> ProjectPlan:  # noqa: B008 - a frozen value
    wanted_projects = (wanted,) if wanted else ()
    return plan(desired(*wanted_projects), observed(seen), demands).projects[0]


def kinds(verdict: ProjectPlan) -> list[str]:
    return [type(action).__name__ for action in verdict.actions]


FIRST_TRAINING = ["ProvisionTraining", "BuildTrainingImage", "Train"]
FIRST_DEPLOYMENT = ["ProvisionDeployment", "BuildModelImage", "Deploy"]
TRAINED = {"training": training_stack(CHURN), "runs": (run_of(CHURN),), "versions": (ModelVersion(1, "run-1"),)}
TO_2 = project(pin=2)
BIGGER = project(memory=4096)
OTHER_TYPE = project(endpoint=RealtimeEndpoint("ml.m5.xlarge", 1))

TABLE = [
    (
        "a new project is provisioned, built and trained; its pin waits",
        CHURN,
        NEW,
        FIRST_TRAINING,
        "OutOfSync",
        "Missing",
    ),
    ("a converged project needs nothing", CHURN, converged(CHURN), [], "Synced", "Healthy"),
    (
        "a trained project is deployed for the first time",
        CHURN,
        ObservedProject("churn", **TRAINED),
        FIRST_DEPLOYMENT,
        "OutOfSync",
        "Missing",
    ),
    (
        "a project without deployment is only trained",
        project(pin=None),
        ObservedProject("churn", **TRAINED),
        [],
        "Synced",
        "Healthy",
    ),
    (
        "changed resources change the job definition and train nothing",
        BIGGER,
        converged(CHURN),
        ["ProvisionTraining"],
        "OutOfSync",
        "Healthy",
    ),
    (
        "new source is built and trained although a version serves",
        project(source="b"),
        converged(CHURN),
        FIRST_TRAINING,
        "OutOfSync",
        "Healthy",
    ),
    ("a new revision trains once more", project(revision=1), converged(CHURN), FIRST_TRAINING, "OutOfSync", "Healthy"),
    (
        "a newer pin is built and rolled out",
        TO_2,
        converged(CHURN, versions=(ModelVersion(1, "run-1"), ModelVersion(2, "run-1"))),
        ["BuildModelImage", "Update"],
        "OutOfSync",
        "Healthy",
    ),
    (
        "an older pin that was kept needs no build",
        CHURN,
        converged(TO_2, kept=(1,)),
        ["Update"],
        "OutOfSync",
        "Healthy",
    ),
    (
        "another instance type is an update without a build",
        OTHER_TYPE,
        converged(CHURN),
        ["Update"],
        "OutOfSync",
        "Healthy",
    ),
    (
        "a job on its way is waited for",
        CHURN,
        ObservedProject("churn", training=training_stack(CHURN), jobs=(job_of(CHURN),)),
        [],
        "OutOfSync",
        "Progressing",
    ),
    (
        "a failed job is not started again",
        CHURN,
        ObservedProject("churn", training=training_stack(CHURN), jobs=(job_of(CHURN, JobStatus.FAILED, "exit 1"),)),
        [],
        "OutOfSync",
        "Degraded",
    ),
    (
        "a failed run that Batch has forgotten is not started again",
        CHURN,
        ObservedProject("churn", training=training_stack(CHURN), runs=(run_of(CHURN, RunStatus.FAILED),)),
        [],
        "OutOfSync",
        "Degraded",
    ),
    (
        "an open run that no job executes is trained",
        CHURN,
        ObservedProject("churn", training=training_stack(CHURN), runs=(run_of(CHURN, RunStatus.RUNNING),)),
        ["BuildTrainingImage", "Train"],
        "OutOfSync",
        "Missing",
    ),
    (
        "a model logged and not registered is registered",
        CHURN,
        ObservedProject("churn", training=training_stack(CHURN), runs=(run_of(CHURN),)),
        ["RegisterModel"],
        "OutOfSync",
        "Progressing",
    ),
    (
        "a run that logged two models needs a person",
        CHURN,
        ObservedProject("churn", training=training_stack(CHURN), runs=(run_of(CHURN, models=2),)),
        [],
        "OutOfSync",
        "Degraded",
    ),
    (
        "a manual project is not trained",
        project(pin=None, run=Run.MANUAL),
        NEW,
        ["ProvisionTraining"],
        "OutOfSync",
        "Healthy",
    ),
    (
        "a manual project with a revision is trained",
        project(pin=None, run=Run.MANUAL, revision=1),
        NEW,
        FIRST_TRAINING,
        "OutOfSync",
        "Missing",
    ),
    (
        "an endpoint on the move is left alone",
        TO_2,
        converged(
            CHURN, endpoint=live(release(1), "Updating"), versions=(ModelVersion(1, "run-1"), ModelVersion(2, "run-1"))
        ),
        [],
        "OutOfSync",
        "Progressing",
    ),
    ("a pin that does not exist needs a person", project(pin=9), converged(CHURN), [], "OutOfSync", "Degraded"),
    (
        "an endpoint that is gone is repaired",
        CHURN,
        converged(CHURN, endpoint=None),
        ["Repair"],
        "OutOfSync",
        "Missing",
    ),
    (
        "an endpoint pointed elsewhere by hand is repaired",
        CHURN,
        converged(CHURN, endpoint=live(release(7))),
        ["Repair"],
        "OutOfSync",
        "Healthy",
    ),
    (
        "an endpoint that AWS rolled back for the release's sake is not tried again",
        TO_2,
        converged(TO_2, kept=(1,), endpoint=live(release(1), failure="did not pass the ping health check")),
        [],
        "OutOfSync",
        "Degraded",
    ),
    (
        "a refused release is not tried again",
        TO_2,
        converged(TO_2, kept=(1,), endpoint=live(release(1)), refusals=(BROKEN,)),
        [],
        "OutOfSync",
        "Degraded",
    ),
    (
        "another pin than the refused one is rolled out",
        project(pin=3),
        converged(TO_2, kept=(1,), endpoint=live(release(1)), refusals=(BROKEN,), versions=(ModelVersion(3, "run-1"),)),
        ["BuildModelImage", "Update"],
        "OutOfSync",
        "Healthy",
    ),
    (
        "going back after a refusal brings Terraform state in line",
        CHURN,
        converged(TO_2, kept=(1,), endpoint=live(release(1)), refusals=(BROKEN,)),
        ["Update"],
        "OutOfSync",
        "Healthy",
    ),
    (
        "an endpoint that failed on this pin is not tried again",
        CHURN,
        converged(CHURN, endpoint=live(release(1), "Failed", "did not pass the ping health check")),
        [],
        "OutOfSync",
        "Degraded",
    ),
    (
        "an endpoint that failed on another pin is replaced",
        TO_2,
        converged(CHURN, endpoint=live(release(1), "Failed", "no ping"), versions=(ModelVersion(2, "run-1"),)),
        ["BuildModelImage", "Update"],
        "OutOfSync",
        "Degraded",
    ),
    (
        "an endpoint that a person must judge is left alone",
        TO_2,
        converged(CHURN, endpoint=live(release(1), "UpdateRollbackFailed"), versions=(ModelVersion(2, "run-1"),)),
        [],
        "OutOfSync",
        "Degraded",
    ),
    (
        "an endpoint that we did not make is left alone",
        CHURN,
        ObservedProject("churn", **TRAINED, endpoint=live(release(1))),
        [],
        "OutOfSync",
        "Degraded",
    ),
    (
        "a deleted deployment is retired",
        project(pin=None),
        converged(CHURN),
        ["RetireDeployment"],
        "OutOfSync",
        "Healthy",
    ),
    (
        "deleted lines retire everything",
        None,
        converged(CHURN),
        ["RetireDeployment", "RetireTraining"],
        "OutOfSync",
        "Healthy",
    ),
    (
        "a deleted project on the move is waited for",
        None,
        converged(CHURN, endpoint=live(release(1), "Updating")),
        [],
        "OutOfSync",
        "Progressing",
    ),
    (
        "a project that was not read whole is unknown",
        CHURN,
        converged(CHURN, unread=(Unread("MLflow", "down"),)),
        [],
        "Unknown",
        "Degraded",
    ),
    (
        "a deleted project that was not read whole is kept",
        None,
        converged(CHURN, unread=(Unread("MLflow", "down"),)),
        [],
        "Unknown",
        "Degraded",
    ),
    (
        "a changed owner is applied to both stacks",
        project(owner="ml"),
        converged(CHURN),
        ["ProvisionTraining", "Update"],
        "OutOfSync",
        "Healthy",
    ),
]


@pytest.mark.parametrize(
    ("wanted", "seen", "actions", "sync", "health"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_every_situation_has_its_verdict(wanted, seen, actions, sync, health):
    verdict = decide(wanted, seen)
    assert (kinds(verdict), verdict.sync, verdict.health) == (actions, sync, health)


@pytest.mark.parametrize(
    ("wanted", "seen", "actions"),
    [
        (CHURN, converged(CHURN, endpoint=replace(live(release(1)), guarded=False)), ["RestoreGuardrails"]),
        (CHURN, converged(CHURN, endpoint=replace(live(release(7)), guarded=False)), ["RestoreGuardrails", "Repair"]),
        (
            CHURN,
            converged(TO_2, kept=(1,), endpoint=replace(live(release(2)), guarded=False)),
            ["RestoreGuardrails", "Update"],
        ),
    ],
    ids=["in sync", "moved by hand", "before an update"],
)
def test_lost_guardrails_are_restored_first_because_terraform_would_replace_the_endpoint(wanted, seen, actions):
    assert kinds(decide(wanted, seen)) == actions


def test_a_stack_whose_first_apply_failed_is_provisioned_again():
    seen = ObservedProject("churn", **TRAINED, deployment=DeploymentStack({}))
    assert kinds(decide(CHURN, seen)) == FIRST_DEPLOYMENT


def test_a_change_between_realtime_and_serverless_says_that_the_endpoint_is_made_anew():
    down, update = decide(project(endpoint=ServerlessEndpoint(2048, 5)), converged(CHURN)).actions
    assert (down.spec["live"], bool(down.spec["releases"])) == ("", True)
    assert update.reason == "another kind of endpoint: it is made anew and does not answer in between"


def test_a_lower_version_than_the_one_that_serves_is_a_rollback():
    update = decide(CHURN, converged(TO_2, kept=(1,))).actions[0]
    assert isinstance(update, Update)
    assert (update.rollback, update.before.version, update.after.version) == (True, 2, 1)


def test_the_release_that_serves_is_kept_however_few_are_to_be_kept():
    seen = converged(TO_2, kept=(1,), endpoint=live(release(1)), versions=(ModelVersion(3, "run-1"),))
    update = next(a for a in decide(project(pin=3, keep=1), seen).actions if isinstance(a, Update))
    assert [one["version"] for one in update.spec["releases"]] == [3, 1]


SERVED_WELL = replace(BROKEN, served_before=True)


@pytest.mark.parametrize(
    ("known", "serves", "refusal", "keep", "kept"),
    [
        ((2, 1, 0), 1, BROKEN, 5, [3, 1, 2, 0]),
        ((1, 0, 2), 1, BROKEN, 5, [3, 1, 0]),
        ((1, 0, 2), 1, SERVED_WELL, 5, [3, 1, 0, 2]),
        ((2, 1, 0), 1, BROKEN, 1, [3, 1, 2]),
        ((2, 1, 0), 1, BROKEN, 2, [3, 1, 2, 0]),
        ((2, 1, 0), 1, SERVED_WELL, 2, [3, 1, 2]),
        ((2, 1, 0), 1, None, 2, [3, 1, 2]),
        ((1, 2, 0), 1, BROKEN, 1, [3, 1, 2]),
    ],
    ids=[
        "younger than the live one's predecessor",
        "older than it",
        "older, but it served well",
        "beside the one place for what served",
        "without taking a place from what served",
        "what served well takes a place",
        "what nobody refused takes a place",
        "asked for before, and younger still",
    ],
)
def test_a_refused_release_is_kept_while_it_is_younger_than_the_live_ones_predecessor(
    known, serves, refusal, keep, kept
):
    first, *others = known
    seen = converged(
        project(pin=first),
        kept=others,
        endpoint=live(release(serves)),
        refusals=(refusal,) if refusal else (),
        versions=(ModelVersion(3, "run-1"),),
    )
    update = next(a for a in decide(project(pin=3, keep=keep), seen).actions if isinstance(a, Update))
    assert [one["version"] for one in update.spec["releases"]] == kept


@pytest.mark.parametrize(
    ("known", "refusals", "served"),
    [((2, 1), (), True), ((2,), (), False), ((2, 1), (replace(BROKEN, release=release(1).name),), False)],
    ids=["kept since it served", "never seen", "refused before"],
)
def test_whether_a_release_has_served_before_is_known_when_it_is_asked_for(known, refusals, served):
    first, *others = known
    one = ModelVersion(1, "run-1")
    seen = converged(project(pin=first), kept=others, endpoint=live(release(2)), refusals=refusals, versions=(one,))
    retry = Demands(retry=frozenset({"churn"}))
    [update] = [action for action in decide(CHURN, seen, retry).actions if isinstance(action, Update)]
    assert update.served_before is served


@pytest.mark.parametrize(
    "seen",
    [
        converged(TO_2, kept=(1,), endpoint=live(release(1)), refusals=(BROKEN,)),
        converged(TO_2, kept=(1,), endpoint=live(release(1), failure="ping")),
        converged(TO_2, endpoint=live(release(2), "Failed", "ping"), refusals=(BROKEN,)),
    ],
    ids=["recorded", "seen at the endpoint", "failed at birth"],
)
def test_retry_tries_a_refused_release_again(seen):
    assert kinds(decide(TO_2, seen, Demands(retry=frozenset({"churn"})))) == ["Update"]


@pytest.mark.parametrize(
    "seen",
    [
        converged(CHURN),
        ObservedProject("churn", training=training_stack(CHURN), jobs=(job_of(CHURN, JobStatus.FAILED),)),
    ],
    ids=["trained", "failed"],
)
def test_train_starts_what_is_trained_or_failed_once_more(seen):
    verdict = decide(CHURN, replace(seen, training_images=frozenset()), Demands(train=frozenset({"churn"})))
    assert verdict.actions[-1].reason == "somebody asked for it"
    assert kinds(verdict)[:2] == ["BuildTrainingImage", "Train"]


def test_train_starts_no_second_job_beside_one_that_is_on_its_way():
    seen = ObservedProject("churn", training=training_stack(CHURN), jobs=(job_of(CHURN),))
    assert kinds(decide(CHURN, seen, Demands(train=frozenset({"churn"})))) == []


def test_a_pending_training_can_be_waited_for_by_its_own_action():
    seen = ObservedProject("churn", training=training_stack(CHURN), jobs=(job_of(CHURN),))
    pending = decide(CHURN, seen).pending[0]
    assert isinstance(pending.train, Train)
    assert pending.train.digest == CHURN.source.digest


def test_the_platform_is_provisioned_before_the_first_project():
    whole = plan(desired(CHURN), observed(NEW, platform=False))
    assert type(whole.actions[0]).__name__ == "ProvisionPlatform"


def test_an_empty_manifest_provisions_no_platform():
    assert plan(desired(), observed(platform=False)).actions == ()


def test_changed_fields_are_named_with_before_and_after():
    change = decide(BIGGER, converged(CHURN)).actions[0].changes[0]
    assert (change.field, change.before, change.after) == ("memory", 2048, 4096)


def test_uncommitted_files_are_named():
    dirty = replace(CHURN, source=replace(CHURN.source, uncommitted=("a.py", "b.py", "c.py", "d.py")))
    assert decide(dirty, converged(CHURN)).notes == (
        "uncommitted, so not part of any image: a.py, b.py, c.py and 1 more",
    )


@pytest.mark.parametrize(("pin", "newer"), [(1, True), (2, False), (3, False)])
def test_a_version_that_the_source_has_made_and_nobody_has_pinned_is_told(pin, newer):
    versions = (ModelVersion(1, "an older run"), ModelVersion(2, "run-1"), ModelVersion(3, "somebody else's run"))
    notes = decide(project(pin=pin), replace(converged(project(pin=pin)), versions=versions)).notes
    said = "version 2 comes from the source as it is now; to make it live, pin it: version: 2"
    assert notes == ((said,) if newer else ())


def test_a_pin_that_does_not_exist_names_the_newest():
    problem = decide(project(pin=9), converged(CHURN)).problems[0]
    assert problem.what == "version 9 of model churn does not exist; the newest is 1"


@pytest.mark.parametrize("health", Health)
def test_every_health_has_its_rank(health):
    assert sorted(Health, key=lambda one: one.rank)[health.rank] is health


def test_sync_words_are_those_of_the_field():
    assert [sync.value for sync in Sync] == ["Synced", "OutOfSync", "Unknown"]
