"""What is remembered of trainings from one run to the next, on a cloud in memory."""

from dataclasses import replace

import pytest

from reconciler.core.basis import moved
from reconciler.core.desired import Demands
from reconciler.core.observed import Job, JobStatus, ModelVersion, Noted, RunStatus
from reconciler.core.verdict import Health, Sync
from reconciler.errors import ReadFailed, RegistryFailed
from reconciler.reconcile import Options, exit_code, propose, reconcile
from support.builders import NOW, desired, project
from support.fakes import Cloud, Recorder

CHURN = project(pin=None)
WAIT = Options(wait=True)
SPOT = "Host EC2 (instance i-0) terminated."
LOG = "Traceback (most recent call last):\nValueError: column age is missing"


@pytest.fixture
def cloud():
    return Cloud()


def run(cloud, options=WAIT, wanted=CHURN):
    return reconcile(desired(wanted), cloud.world, options, Recorder(), lambda _: None)


def verdict(cloud, wanted=CHURN):
    return propose(desired(wanted), cloud.world, Options()).plan.projects[0]


def fail(cloud, reason, log=""):
    """The job that nobody waits for ends, and Batch lists it so."""
    [(name, job), *others] = cloud.jobs
    ended = replace(job, status=JobStatus.FAILED, reason=reason, stopped=int(NOW.timestamp() * 1000))
    cloud.jobs = [(name, ended), *others]
    cloud.job_logs[job.id] = log


def forget(cloud):
    """A week later."""
    cloud.jobs, cloud.job_logs = [], {}


def test_whoever_waited_and_whoever_did_not_reads_the_end_of_the_log(cloud):
    run(cloud, Options())
    fail(cloud, cloud.reason, LOG)
    [problem] = verdict(cloud).problems
    [(proposal, report)] = run(cloud)
    assert [problem.detail, proposal.plan.projects[0].problems[0].detail] == [LOG, LOG]
    assert exit_code(((proposal, report),), detailed=False) == 1


def test_what_a_run_saw_is_remembered_beyond_what_batch_remembers(cloud):
    run(cloud, Options())
    fail(cloud, cloud.reason, LOG)
    run(cloud, Options())
    forget(cloud)
    [problem] = verdict(cloud).problems
    assert (problem.what, problem.detail) == (f"training failed: {cloud.reason}", LOG)
    rounds = run(cloud, replace(WAIT, demands=Demands(train=frozenset({"churn"}))))
    assert exit_code(rounds, detailed=False) == 0, "nobody is told twice that a job is gone"


def test_an_approved_plan_is_not_refused_because_another_run_noted_what_became_of_a_training(cloud):
    run(cloud, Options())
    fail(cloud, cloud.reason, LOG)
    changed = project(pin=None, source="b")
    approved = propose(desired(changed), cloud.world, Options()).basis
    run(cloud, Options())
    assert cloud.runs["churn"][0].ending
    assert moved(approved, propose(desired(changed), cloud.world, Options()).basis) == ()


def test_a_dry_run_remembers_nothing(cloud):
    run(cloud, Options())
    fail(cloud, cloud.reason, LOG)
    before = dict(cloud.runs)
    verdict(cloud)
    assert cloud.runs == before
    assert cloud.runs["churn"][0].ending == ""


def test_who_waits_for_a_training_that_fails_remembers_it_at_once(cloud):
    cloud.fails_to_train = {"churn"}
    cloud.job_logs["job-1"] = LOG
    [(_, report)] = run(cloud)
    error = report.failures[0].error
    assert error.detail == LOG
    assert "mend it and commit" in error.remedy
    forget(cloud)
    assert verdict(cloud).problems[0].detail == LOG


def test_secrets_in_a_log_are_neither_kept_nor_shown(cloud):
    run(cloud, Options())
    fail(cloud, cloud.reason, "password=hunter2hunter2")
    cloud_world = replace(cloud.world, redact=lambda text: text.replace("hunter2hunter2", "***"))
    reconcile(desired(CHURN), cloud_world, Options(), Recorder(), lambda _: None)
    assert cloud.runs["churn"][0].log == "password=***"


def test_a_log_that_cannot_be_read_hides_neither_the_failure_nor_the_project(cloud):
    run(cloud, Options())
    fail(cloud, cloud.reason, LOG)
    cloud.broken = {"read log": ReadFailed("access denied to GetLogEvents")}
    found = verdict(cloud)
    assert (found.sync, found.problems[0].detail) == (
        Sync.OUT_OF_SYNC,
        "(its log could not be read: access denied to GetLogEvents)",
    )


def test_what_cannot_be_noted_now_is_noted_by_a_later_run(cloud):
    run(cloud, Options())
    fail(cloud, cloud.reason, LOG)
    cloud.broken = {"note": RegistryFailed("MLflow is away")}
    run(cloud, Options())
    cloud.broken = {}
    run(cloud, Options())
    assert cloud.runs["churn"][0].log == LOG


def test_a_host_that_was_reclaimed_costs_a_pause_and_no_commit(cloud):
    run(cloud, Options())
    fail(cloud, SPOT)
    rounds = run(cloud)
    assert (exit_code(rounds, detailed=False), len(cloud.jobs)) == (0, 1)
    assert verdict(cloud).health is Health.PROGRESSING
    [(name, job)] = cloud.jobs
    cloud.jobs = [(name, replace(job, stopped=job.stopped - 16 * 60_000))]
    assert exit_code(run(cloud), detailed=False) == 0
    assert (len(cloud.jobs), verdict(cloud).sync) == (2, Sync.SYNCED)


def test_a_training_that_is_tried_again_gets_a_run_of_its_own(cloud):
    run(cloud, Options())
    fail(cloud, SPOT)
    run(cloud, Options(demands=Demands(train=frozenset({"churn"}))))
    newest, oldest = cloud.runs["churn"]
    assert (oldest.status, newest.status, newest.job) == (RunStatus.FAILED, RunStatus.RUNNING, "job-2")


def test_a_version_that_was_seen_and_then_deleted_does_not_come_back(cloud):
    cloud.registers = False
    run(cloud)
    assert cloud.runs["churn"][0].registered == Noted(1, "churn", "churn-run-1")
    cloud.versions["churn"] = ()
    cloud.calls.clear()
    assert exit_code(run(cloud), detailed=False) == 0
    assert cloud.calls == []
    noted = "its version 1 was deleted; to train the source once more: reconcile train churn"
    assert (verdict(cloud).problems, noted in verdict(cloud).notes) == ((), True)


def test_a_version_that_the_code_registered_is_noted_by_the_next_run_that_applies(cloud):
    run(cloud, Options())
    cloud.world.jobs.wait("job-1", print)
    assert cloud.runs["churn"][0].registered == Noted()
    cloud.calls.clear()
    run(cloud, Options())
    assert (cloud.runs["churn"][0].registered, cloud.calls) == (Noted(1, "churn", "churn-run-1"), [])


def test_a_version_of_a_nested_run_is_found_and_then_known(cloud):
    run(cloud, Options())
    done = replace(cloud.runs["churn"][0], status=RunStatus.FINISHED)
    cloud.runs["churn"] = (done,)
    [(name, job)] = cloud.jobs
    cloud.jobs = [(name, replace(job, status=JobStatus.SUCCEEDED))]
    cloud.versions["churn"] = (ModelVersion(1, "child"),)
    cloud.nested = {done.id: frozenset({"child"})}
    assert verdict(cloud).sync is Sync.SYNCED
    run(cloud, Options())
    cloud.nested = {}
    assert verdict(cloud).sync is Sync.SYNCED


def test_a_job_of_another_source_explains_nothing(cloud):
    run(cloud, Options())
    fail(cloud, cloud.reason, LOG)
    cloud.broken = {"read log": ReadFailed("not to be asked")}
    cloud.jobs.insert(0, ("acme-test-churn-" + "f" * 12, Job("job-9", "", "", JobStatus.FAILED, 9, "exit code 1")))
    changed = project(pin=None, source="b")
    assert verdict(cloud, changed).problems == ()
