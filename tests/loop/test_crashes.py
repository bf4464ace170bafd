"""The reconciler is killed at every single call: the next runs converge, and nothing is done twice."""

import contextlib
from dataclasses import replace

import pytest

from reconciler.core.desired import Demands
from reconciler.core.observed import Job, JobStatus, RunStatus
from reconciler.core.verdict import Health, Sync
from reconciler.reconcile import Options, carry_out, exit_code, propose, reconcile
from support.builders import desired, project
from support.crashing import Fate, Killed, doomed, fates
from support.fakes import Cloud, Recorder

V1, V2 = project(pin=1), project(pin=2, revision=1)
WAIT = Options(wait=True)


def run(world, *projects, options=WAIT):
    return reconcile(desired(*projects), world, options, Recorder(), lambda _: None)


def killed_everywhere(make, *projects, options=WAIT):
    """Clouds in which a reconcile was killed, each somewhere else."""
    for fate in fates():
        cloud = make()
        with contextlib.suppress(Killed):
            run(doomed(cloud.world, fate), *projects, options=options)
        yield fate, cloud


def late():
    return Cloud(lists_late=True)


@pytest.mark.parametrize("make", [Cloud, late], ids=["listed at once", "listed late"])
@pytest.mark.parametrize("options", [WAIT, Options()], ids=["waiting", "leaving"])
def test_killed_at_any_call_the_next_run_converges_and_trains_once(make, options):
    places = 0
    for fate, cloud in killed_everywhere(make, V1, options=options):
        run(cloud.world, V1)
        cloud.unlisted.clear()
        made = propose(desired(V1), cloud.world, Options()).plan.projects[0]
        assert (made.sync, made.health, made.live_version) == (Sync.SYNCED, Health.HEALTHY, 1), fate
        assert (len(cloud.jobs), len(cloud.versions["churn"]), len(cloud.runs["churn"])) == (1, 1, 1), fate
        places += 1
    assert places > 30


def test_killed_twice_it_still_trains_once():
    for at in range(8, 30):
        cloud = late()
        for fate in (Fate(at, after=True), Fate(at - 3, after=True)):
            with contextlib.suppress(Killed):
                run(doomed(cloud.world, fate), V1, options=Options())
        run(cloud.world, V1)
        assert len(cloud.jobs) == 1, at


def test_killed_while_a_new_version_rolls_out_the_next_run_brings_it_out():
    def serving():
        cloud = Cloud()
        run(cloud.world, V1)
        return cloud

    for fate, cloud in killed_everywhere(serving, V2):
        run(cloud.world, V2)
        made = propose(desired(V2), cloud.world, Options()).plan.projects[0]
        assert (made.sync, made.live_version, len(cloud.jobs)) == (Sync.SYNCED, 2, 2), fate


def test_killed_while_it_retires_the_next_run_leaves_nothing():
    def serving():
        cloud = Cloud()
        run(cloud.world, V1)
        return cloud

    for fate, cloud in killed_everywhere(serving):
        run(cloud.world)
        left = [key for key in cloud.stacks if "/projects/" in key]
        assert (left, cloud.endpoints) == ([], {}), fate


def test_a_submission_whose_answer_is_lost_is_found_and_followed():
    cloud = Cloud(lists_late=True, loses_answers=1)
    assert exit_code(run(cloud.world, V1), detailed=False) == 0
    assert (len(cloud.jobs), cloud.runs["churn"][0].job) == (1, "job-1")


def test_train_by_hand_while_the_listing_lags_follows_the_job_that_is_on_its_way():
    cloud = late()
    run(cloud.world, V1, options=Options())
    run(cloud.world, V1, options=replace(WAIT, demands=Demands(train=frozenset({"churn"}))))
    assert len(cloud.jobs) == 1
    assert cloud.runs["churn"][0].status is RunStatus.FINISHED


def test_train_by_hand_starts_a_failed_job_again_although_nobody_closed_its_run():
    cloud = Cloud()
    run(cloud.world, V1, options=Options())
    [(name, job)] = cloud.jobs
    cloud.jobs = [(name, replace(job, status=JobStatus.FAILED, reason="exit code 1"))]
    run(cloud.world, V1, options=replace(WAIT, demands=Demands(train=frozenset({"churn"}))))
    assert [one.status for one in cloud.runs["churn"]] == [RunStatus.FINISHED, RunStatus.FAILED]


def test_a_job_that_batch_forgot_is_told_once_and_its_run_is_closed():
    cloud = Cloud()
    run(cloud.world, V1, options=Options())
    cloud.jobs.clear()
    [*_, (_, report)] = run(cloud.world, V1)
    assert "job job-1 of churn is gone from Batch" in report.failures[0].error.what
    assert propose(desired(V1), cloud.world, Options()).plan.projects[0].problems
    assert cloud.jobs == []


def test_a_job_that_ends_between_the_plan_and_its_turn_is_that_training():
    cloud = Cloud()
    run(cloud.world, V1, options=Options())
    proposal = propose(desired(V1), cloud.world, WAIT)
    [(name, job)] = cloud.jobs
    cloud.jobs = [(name, replace(job, status=JobStatus.SUCCEEDED))]
    carry_out(proposal, cloud.world, WAIT, Recorder())
    assert cloud.jobs == [(name, Job(job.id, "", "", JobStatus.SUCCEEDED, job.created))]
