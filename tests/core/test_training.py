"""Is a project trained? One row for each way in which a training may have ended, and what is remembered of it."""

from dataclasses import replace

import pytest

from reconciler.core.actions import RegisterModel, Train
from reconciler.core.desired import Demands, Run
from reconciler.core.endings import PAUSE
from reconciler.core.observed import Job, JobStatus, ModelVersion, Noted, ObservedProject, RunStatus, TrainingRun
from reconciler.core.plan import plan
from reconciler.core.trained import EndingNote, VersionNote, newest_version, notes_of, without_version
from reconciler.core.training import Progress, training_state, unexplained_job
from reconciler.core.verdict import Health, ProjectPlan, Sync
from support.builders import converged, desired, job_of, observed, project, run_of, training_stack

CHURN = project(pin=None)
EXIT = "Essential container in task exited; exit code 1"
CAPACITY = "Canceled by JobStateTimeLimit action due to reason: CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY"
SPOT = "Host EC2 (instance i-0) terminated."
OOM = "OutOfMemoryError: Container killed due to memory usage; Essential container in task exited; exit code 137"
TIMED_OUT = "Job attempt duration exceeded timeout; exit code 143"
NOON = 1_767_268_800_000
"""2026-01-01 12:00 UTC, in milliseconds."""
MINUTE = 60_000


def seen(**more) -> ObservedProject:
    return ObservedProject("churn", training=training_stack(CHURN), **more)


def failed(reason: str, stopped: int = NOON, number: int = 1, **more) -> Job:
    job = replace(job_of(CHURN, JobStatus.FAILED, reason, created=stopped - 1), id=f"job-{number}", stopped=stopped)
    return replace(job, **more)


def decide(one: ObservedProject, now: int = NOON, wanted=CHURN, demands=Demands()) -> ProjectPlan:  # noqa: B008
    return plan(desired(wanted), observed(one, at=now), demands).projects[0]


def ours(run_id: str = "run-1", status: RunStatus = RunStatus.FINISHED, **more) -> TrainingRun:
    return replace(run_of(CHURN, status, run_id=run_id), **{"job": "job-1", **more})


def test_what_failed_through_no_fault_of_its_own_waits_and_says_until_when():
    verdict = decide(seen(jobs=(failed(CAPACITY),)), NOON + MINUTE)
    assert verdict.waits == (
        "train again: AWS had no capacity for it; tried 1 time; the next run after 12:15 UTC tries again",
    )
    assert (verdict.actions, verdict.problems, verdict.health) == ((), (), Health.PROGRESSING)


def test_after_the_pause_it_is_trained_again_and_says_why():
    verdict = decide(seen(jobs=(failed(SPOT),)), NOON + 1000 * PAUSE)
    [*_, train] = verdict.actions
    assert isinstance(train, Train)
    assert (train.reason, train.ended) == ("its host is gone; tried 1 time", ("job-1",))
    assert verdict.health is Health.PROGRESSING


def test_the_pause_grows_with_each_failure_in_a_row_and_then_somebody_is_told():
    jobs = tuple(failed(CAPACITY, NOON - number * MINUTE, number) for number in range(3))
    verdict = decide(seen(jobs=jobs), NOON + 59 * MINUTE)
    [problem] = verdict.problems
    assert problem.what == (
        "training failed: AWS had no capacity for it; tried 3 times; the next run after 13:00 UTC tries again"
    )
    assert CAPACITY in problem.remedy
    assert (verdict.actions, verdict.health) == ((), Health.DEGRADED)
    assert isinstance(decide(seen(jobs=jobs), NOON + 60 * MINUTE).actions[-1], Train)


def test_a_failure_of_the_code_ends_the_row():
    jobs = (failed(SPOT, NOON, 3), failed(EXIT, NOON - 1, 2), failed(SPOT, NOON - 2, 1))
    assert training_state(CHURN, seen(jobs=jobs), NOON).tries == 1


def test_what_waits_is_trained_at_once_when_somebody_asks():
    verdict = decide(seen(jobs=(failed(SPOT),)), demands=Demands(train=frozenset({"churn"})))
    assert verdict.actions[-1].reason == "somebody asked for it"


def test_a_pin_waits_with_a_training_that_waits():
    verdict = decide(seen(jobs=(failed(SPOT),)), wanted=project(pin=1))
    assert (verdict.problems, len(verdict.waits)) == ((), 2)


def test_what_batch_has_forgotten_its_run_remembers():
    run = ours(status=RunStatus.FAILED, ending=CAPACITY, ended=NOON, logged_models=())
    assert training_state(CHURN, seen(runs=(run,)), NOON).progress is Progress.WAITING
    assert training_state(CHURN, seen(runs=(run,)), NOON + 1000 * PAUSE).progress is Progress.DUE
    told = training_state(CHURN, seen(runs=(replace(run, ending=EXIT, log="ValueError: x"),)))
    assert (told.progress, told.ending.log) == (Progress.FAILED, "ValueError: x")


def test_a_job_and_its_run_are_one_try():
    run = ours(status=RunStatus.FAILED, ending=SPOT, ended=NOON)
    assert training_state(CHURN, seen(jobs=(failed(SPOT),), runs=(run,)), NOON).tries == 1


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (OOM, "raise training.resources.memory (it is 2048 MiB), commit, and then: reconcile train churn"),
        (TIMED_OUT, "raise training.timeout (it is 1h), commit, and then: reconcile train churn"),
        (
            "Canceled by JobStateTimeLimit action due to reason: MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",
            (
                "raise max_vcpus (it is 64), or ask for less in training.resources.vcpu (it is 1), commit, and then: "
                "reconcile train churn"
            ),
        ),
        (
            "Canceled by JobStateTimeLimit action due to reason: MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
            "ask for less in training.resources (vcpu 1, memory 2048 MiB), commit, and then: reconcile train churn",
        ),
    ],
)
def test_what_was_asked_for_wrongly_is_said_with_its_key_and_its_present_value(reason, said):
    verdict = decide(seen(jobs=(failed(reason),)), NOON * 2)
    assert (verdict.actions, verdict.health) == ((), Health.DEGRADED)
    assert verdict.problems[0].remedy == said
    assert reason in verdict.problems[0].what


@pytest.mark.parametrize(("seconds", "said"), [(3600, "1h"), (5400, "90m"), (61, "61s")])
def test_a_timeout_is_said_as_the_manifest_writes_it(seconds, said):
    wanted = replace(CHURN, training=replace(CHURN.training, timeout=seconds))
    assert f"(it is {said})" in decide(seen(jobs=(failed(TIMED_OUT),)), wanted=wanted).problems[0].remedy


def test_the_end_of_the_log_of_code_that_failed_is_shown():
    [problem] = decide(seen(jobs=(failed(EXIT, log="Traceback\nValueError: age"),)), NOON * 2).problems
    assert (problem.what, problem.detail) == (f"training failed: {EXIT}", "Traceback\nValueError: age")
    assert problem.remedy == "mend it and commit, or try the same source again: reconcile train churn"


def test_that_a_log_cannot_be_read_is_said_in_its_place():
    [problem] = decide(seen(jobs=(failed(EXIT, log_unread="access denied to GetLogEvents"),))).problems
    assert problem.detail == "(its log could not be read: access denied to GetLogEvents)"


def test_the_log_is_read_of_a_failed_job_that_nothing_explains_yet():
    job = failed(EXIT)
    assert unexplained_job(CHURN, seen(jobs=(job,))) == job
    assert unexplained_job(CHURN, seen(jobs=(job,), runs=(ours(status=RunStatus.FAILED, log="x"),))) is None
    assert unexplained_job(CHURN, seen(jobs=(failed(SPOT),))) is None
    assert unexplained_job(CHURN, seen(jobs=(job_of(CHURN), job))) is None
    assert unexplained_job(CHURN, seen(jobs=(job,), runs=(ours(),), versions=(ModelVersion(1, "run-1"),))) is None


UNFINISHED = [status for status in RunStatus if status is not RunStatus.FINISHED]


@pytest.mark.parametrize("status", UNFINISHED)
def test_a_version_of_a_run_that_has_not_finished_is_no_result(status):
    one = seen(runs=(ours(status=status),), versions=(ModelVersion(3, "run-1"),), jobs=(job_of(CHURN),))
    assert training_state(CHURN, one).progress is Progress.UNDER_WAY
    assert newest_version(CHURN, one) == 0
    assert decide(one, wanted=project(pin=None)).notes == ()


def test_a_version_of_a_job_that_still_runs_is_no_result_whatever_its_run_says():
    one = seen(runs=(ours(),), versions=(ModelVersion(3, "run-1"),), jobs=(job_of(CHURN),))
    assert training_state(CHURN, one).progress is Progress.UNDER_WAY


def test_a_pin_waits_for_a_version_whose_training_has_not_ended():
    one = seen(runs=(ours(status=RunStatus.RUNNING),), versions=(ModelVersion(1, "run-1"),), jobs=(job_of(CHURN),))
    verdict = decide(one, wanted=project(pin=1))
    assert ([type(action) for action in verdict.actions], verdict.problems, len(verdict.waits)) == ([], (), 1)


def test_a_retraining_under_way_does_not_hide_what_is_trained():
    older = ours("run-0", job="job-0")
    one = seen(
        runs=(ours(status=RunStatus.RUNNING), older), versions=(ModelVersion(1, "run-0"),), jobs=(job_of(CHURN),)
    )
    assert training_state(CHURN, one).progress is Progress.TRAINED


def test_of_several_attempts_only_the_one_that_finished_counts():
    killed = ours(status=RunStatus.KILLED)
    last = ours("run-2", attempt=2, first="run-1")
    versions = (ModelVersion(3, "run-1"), ModelVersion(4, "run-2"))
    done = replace(job_of(CHURN), status=JobStatus.SUCCEEDED)
    assert newest_version(CHURN, seen(runs=(last, killed), versions=versions, jobs=(done,))) == 4
    assert newest_version(CHURN, seen(runs=(last, killed), versions=versions[:1], jobs=(done,))) == 0


def test_a_version_that_somebody_deleted_is_not_registered_again():
    verdict = decide(seen(runs=(ours(registered=Noted(5, "churn", "run-1")),)))
    assert (verdict.actions, verdict.problems, verdict.sync, verdict.health) == ((), (), Sync.SYNCED, Health.HEALTHY)
    assert verdict.notes == ("its version 5 was deleted; to train the source once more: reconcile train churn",)


def test_a_later_training_of_the_same_source_that_failed_is_noted_beside_the_version_that_there_is():
    known = {"runs": (ours(),), "versions": (ModelVersion(1, "run-1"),)}
    failed = replace(job_of(CHURN), status=JobStatus.FAILED, reason=EXIT)
    done = replace(failed, status=JobStatus.SUCCEEDED, reason="")
    verdict = decide(seen(**known, jobs=(failed, done)))
    assert (verdict.sync, verdict.notes) == (
        Sync.SYNCED,
        (f"its last training failed: {EXIT}; see reconcile logs churn",),
    )
    assert decide(seen(**known, jobs=(done, failed))).notes == ()


def test_a_pinned_version_that_mlflow_has_no_more_is_noted_with_what_a_training_would_do():
    pinned = project()
    gone = converged(pinned, versions=())
    notes = plan(desired(pinned), observed(gone)).projects[0].notes
    assert any(note.startswith("version 1 of model churn is in MLflow no more") for note in notes), notes
    again = plan(desired(pinned), observed(gone), Demands(train=frozenset({"churn"}))).projects[0].notes
    assert any("another version 1, that goes live, as it is pinned" in note for note in again), again


def test_a_version_of_another_model_does_not_keep_a_renamed_one_from_being_registered():
    renamed = replace(CHURN, model="churn-eu")
    assert training_state(renamed, seen(runs=(ours(registered=Noted(5, "churn", "run-1")),))).progress is (
        Progress.UNREGISTERED
    )


def test_a_run_of_which_nobody_noted_anything_is_not_registered_lest_its_version_was_deleted():
    verdict = decide(seen(runs=(ours(registered=None),)))
    assert verdict.actions == ()
    assert "it was deleted, or never registered" in verdict.problems[0].what


def test_a_run_that_was_known_from_its_beginning_is_registered():
    [*_, register] = decide(seen(runs=(ours(registered=Noted()),))).actions
    assert isinstance(register, RegisterModel)
    assert register.reason == "the run logged one model and registered none as churn"


@pytest.mark.parametrize(
    ("models", "nested", "what", "remedy"),
    [
        (("m-1", "m-2"), 0, "logged 2 models and registered none as churn", 'os.environ["RECONCILER_MODEL"]'),
        ((), 0, "logged no model and registered none as churn", "log one in the run that the code is given"),
        ((), 0, "logged no model and registered none as churn", "take mlflow.set_tracking_uri out"),
        ((), 2, "logged no model (its nested runs logged 2) and registered none", 'os.environ["RECONCILER_MODEL"]'),
    ],
)
def test_what_cannot_be_registered_says_what_to_write(models, nested, what, remedy):
    [problem] = decide(seen(runs=(ours(logged_models=models, nested_models=nested),))).problems
    assert what in problem.what
    assert remedy in problem.remedy


def test_a_version_of_a_nested_run_is_the_projects():
    run = ours(logged_models=(), nested=frozenset({"child", "grandchild"}))
    one = seen(runs=(run,), versions=(ModelVersion(1, "elsewhere"), ModelVersion(2, "grandchild")))
    assert newest_version(CHURN, one) == 2
    assert notes_of(CHURN, one) == (VersionNote("run-1", Noted(2, "churn", "grandchild")),)


def test_what_was_noted_of_a_nested_run_is_believed_only_while_the_version_is_the_same():
    run = ours(logged_models=(), registered=Noted(2, "churn", "child"))
    assert newest_version(CHURN, seen(runs=(run,), versions=(ModelVersion(2, "child"),))) == 2
    assert newest_version(CHURN, seen(runs=(run,), versions=(ModelVersion(2, "of another model"),))) == 0


def test_nested_runs_are_asked_for_of_a_finished_run_without_a_version_alone():
    assert without_version(CHURN, seen(runs=(ours(),))) == ours()
    assert without_version(CHURN, seen(runs=(ours(),), versions=(ModelVersion(1, "run-1"),))) is None
    assert without_version(CHURN, seen(runs=(ours(status=RunStatus.RUNNING),))) is None
    assert without_version(CHURN, seen(runs=(ours(),), jobs=(job_of(CHURN),))) is None


def test_what_is_seen_of_a_run_is_noted_once():
    version = seen(runs=(ours(),), versions=(ModelVersion(1, "run-1"),))
    assert notes_of(CHURN, version) == (VersionNote("run-1", Noted(1, "churn", "run-1")),)
    assert notes_of(CHURN, replace(version, runs=(ours(registered=Noted(1, "churn", "run-1")),))) == ()
    begun = seen(runs=(ours(status=RunStatus.RUNNING, registered=None),), jobs=(job_of(CHURN),))
    assert notes_of(CHURN, begun) == (VersionNote("run-1", Noted()),)


def test_the_ending_of_a_job_is_noted_on_the_run_of_its_last_attempt():
    first = ours(status=RunStatus.KILLED)
    last = ours("run-2", status=RunStatus.RUNNING, attempt=2, first="run-1")
    one = seen(runs=(last, first), jobs=(failed(EXIT, log="ValueError: age"),))
    assert notes_of(CHURN, one) == (EndingNote("run-2", EXIT, "ValueError: age"),)
    noted = replace(last, status=RunStatus.FAILED, ending=EXIT, log="ValueError: age")
    assert notes_of(CHURN, replace(one, runs=(noted, first))) == ()


def test_nothing_is_noted_of_what_has_come_to_rest():
    assert notes_of(CHURN, converged(project(pin=1), runs=(ours(registered=Noted(1, "churn", "run-1")),))) == ()


def test_a_manual_training_that_aws_failed_is_tried_again_as_well():
    wanted = project(pin=None, run=Run.MANUAL, revision=1)
    job = replace(job_of(wanted, JobStatus.FAILED, SPOT), stopped=NOON)
    one = ObservedProject("churn", training=training_stack(wanted), jobs=(job,))
    assert training_state(wanted, one, NOON).progress is Progress.WAITING
    assert training_state(wanted, one, NOON + 1000 * PAUSE).progress is Progress.DUE
