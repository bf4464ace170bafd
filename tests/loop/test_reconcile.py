"""The loop from observation to report, on a cloud in memory."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.apply import Failure, ProjectReport, Report
from reconciler.core import names
from reconciler.core.actions import RestoreGuardrails, RetireTraining, Train
from reconciler.core.desired import Demands
from reconciler.core.freeze import Once
from reconciler.core.observed import Job, JobStatus
from reconciler.core.restraint import Pause, Requires
from reconciler.core.verdict import Health, Plan, ProjectPlan, Sync
from reconciler.errors import BuildFailed, Busy, Interrupted, ReadFailed, ReconcilerError, Refused, TerraformFailed
from reconciler.reconcile import Options, exit_code, propose, reconcile
from support.builders import CODE, NOW, PLATFORM, desired, project
from support.fakes import Cloud, Recorder

WAIT = Options(wait=True)
V1, V2 = project(pin=1), project(pin=2, revision=1)


def run(cloud, *projects, options=WAIT, retire_limit=1):
    return reconcile(desired(*projects, retire_limit=retire_limit), cloud.world, options, Recorder(), lambda _: None)


def verdict(cloud, *projects, name="churn"):
    made = propose(desired(*projects), cloud.world, Options()).plan
    return next(one for one in made.projects if one.name == name)


def code(rounds):
    return exit_code(rounds, detailed=False)


@pytest.fixture
def cloud():
    return Cloud()


def test_one_reconcile_with_wait_brings_a_new_project_to_a_live_endpoint(cloud):
    rounds = run(cloud, V1)
    assert cloud.calls == [
        "apply platform",
        "apply training churn",
        "build training ml-projects/churn",
        "start run churn",
        "submit acme-test-churn-" + V1.source.digest[:12],
        "link churn-run-1 job-1",
        "register churn",
        "apply deployment churn",
        "build model churn 1",
        "apply deployment churn",
    ]
    assert (code(rounds), verdict(cloud, V1).sync, verdict(cloud, V1).health) == (0, Sync.SYNCED, Health.HEALTHY)


def test_a_second_reconcile_changes_nothing(cloud):
    run(cloud, V1)
    cloud.calls.clear()
    assert (code(run(cloud, V1)), cloud.calls) == (0, [])


def test_a_model_that_the_code_logs_and_does_not_register_is_registered(cloud):
    cloud.registers = False
    run(cloud, V1)
    assert verdict(cloud, V1).live_version == 1


def test_without_wait_the_training_is_left_under_way(cloud):
    run(cloud, V1, options=Options())
    assert [pending.what for pending in verdict(cloud, V1).pending] == ["training under way"]
    assert len(cloud.jobs) == 1


def test_a_job_that_is_under_way_is_found_again_and_not_submitted_twice(cloud):
    run(cloud, V1, options=Options())
    run(cloud, V1)
    assert len(cloud.jobs) == 1
    assert verdict(cloud, V1).live_version == 1


def test_a_new_version_rolls_out_and_the_reverted_pin_rolls_back_without_a_build(cloud):
    run(cloud, V1)
    run(cloud, V2)
    assert verdict(cloud, V2).live_version == 2
    cloud.calls.clear()
    run(cloud, project(pin=1, revision=1))
    assert cloud.calls == ["apply deployment churn"]


def test_a_failed_training_stops_its_own_project_only(cloud):
    cloud.fails_to_train = {"churn"}
    rounds = run(cloud, V1, project("ranker"))
    assert code(rounds) == 1
    assert verdict(cloud, V1, project("ranker"), name="ranker").sync is Sync.SYNCED
    assert verdict(cloud, V1, project("ranker")).health is Health.DEGRADED


def test_a_failed_training_is_not_started_again(cloud):
    cloud.fails_to_train = {"churn"}
    run(cloud, V1)
    cloud.fails_to_train = set()
    assert code(run(cloud, V1)) == 1
    assert len(cloud.jobs) == 1


def test_train_starts_a_failed_training_again(cloud):
    cloud.fails_to_train = {"churn"}
    run(cloud, V1)
    cloud.fails_to_train = set()
    assert code(run(cloud, V1, options=replace(WAIT, demands=Demands(train=frozenset({"churn"}))))) == 0
    assert verdict(cloud, V1).live_version == 1


def test_the_run_of_a_failed_job_is_closed(cloud):
    cloud.fails_to_train = {"churn"}
    run(cloud, V1)
    assert "end churn-run-1" in cloud.calls


@pytest.fixture(params=[False, True], ids=["missed", "seen"])
def rolling_back(cloud, request):
    """Whether Terraform sees SageMaker roll back, and fails, or misses it, and ends well."""
    cloud.seen_rolling_back = request.param


def refused(cloud):
    run(cloud, V1)
    cloud.rolls_back = {release_name(cloud, V2)}
    return run(cloud, V2)


def release_name(cloud, wanted):
    """The name that the pin's release will have, learnt from a world where the version exists."""
    from support.builders import release

    return release(wanted.deployment.version).name


def test_a_rollback_is_noticed_whether_terraform_saw_it_or_ended_well(cloud, rolling_back):
    rounds = refused(cloud)
    failure = rounds[-1][1].failures[0]
    assert "did not pass the ping health check" in failure.error.what
    assert code(rounds) == 1


def test_after_a_rollback_the_old_version_serves_and_the_project_is_degraded(cloud, rolling_back):
    refused(cloud)
    seen = verdict(cloud, V2)
    assert (seen.live_version, seen.health, seen.actions) == (1, Health.DEGRADED, ())


def test_a_refused_pin_is_not_tried_again(cloud, rolling_back):
    refused(cloud)
    cloud.calls.clear()
    assert (code(run(cloud, V2)), cloud.calls) == (1, [])


def test_retry_tries_a_refused_pin_again_and_clears_the_refusal(cloud, rolling_back):
    refused(cloud)
    cloud.rolls_back = set()
    assert code(run(cloud, V2, options=replace(WAIT, demands=Demands(retry=frozenset({"churn"}))))) == 0
    assert (verdict(cloud, V2).live_version, cloud.refused) == (2, {})


def test_reverting_a_refused_pin_heals_by_itself(cloud, rolling_back):
    refused(cloud)
    back = project(pin=1, revision=1)
    assert code(run(cloud, back)) == 0
    assert verdict(cloud, back).health is Health.HEALTHY


def test_an_endpoint_that_fails_at_birth_is_refused_with_sagemakers_reason(cloud):
    cloud.rolls_back = {release_name(cloud, V1)}
    rounds = run(cloud, V1)
    assert "did not pass the ping health check" in rounds[-1][1].failures[0].error.what
    assert cloud.refused["churn"][0].since == "2026-01-01T00:00:00+00:00"


def test_an_apply_that_fails_for_another_reason_refuses_no_release(cloud, rolling_back):
    refused(cloud)
    cloud.broken["apply deployment"] = TerraformFailed("throttled")
    third = project(pin=3, revision=2)
    rounds = run(cloud, third)
    assert "throttled" in rounds[-1][1].failures[0].error.what
    assert [refusal.release for refusal in cloud.refused["churn"]] == [release_name(cloud, V2)]


def test_a_platform_that_fails_begins_no_project(cloud):
    cloud.broken["apply platform"] = ReconcilerError("no network")
    rounds = run(cloud, V1)
    assert cloud.calls == ["apply platform"]
    assert (code(rounds), len(rounds[0][1].projects[0].skipped)) == (1, 3)


def test_what_follows_a_failed_step_is_not_begun(cloud):
    cloud.broken["build training"] = BuildFailed("no docker")
    rounds = run(cloud, V1)
    assert [type(step) for step in rounds[0][1].projects[0].skipped] == [Train]


def test_retiring_stops_jobs_and_leaves_nothing(cloud):
    run(cloud, V1)
    run(cloud, project(pin=1, revision=1), options=Options())
    cloud.calls.clear()
    run(cloud)
    assert cloud.calls == [
        "destroy deployment churn",
        f"forget {names.project_key('test', 'churn', 'deployment')}",
        "terminate job-2",
        "destroy training churn",
        f"forget {names.project_key('test', 'churn', 'training')}",
    ]
    assert (cloud.endpoints, list(cloud.stacks)) == ({}, [names.stack_key("test", "platform")])


def test_more_retirements_than_the_limit_are_refused_and_named(cloud):
    run(cloud, V1, project("ranker"))
    cloud.calls.clear()
    rounds = run(cloud)
    assert (code(rounds), cloud.calls) == (4, [])
    refusals = [refusal.remedy for one in rounds[0][0].plan.projects for refusal in one.refusals]
    assert refusals == ["if it is meant: --allow-retire churn", "if it is meant: --allow-retire ranker"]


def test_retirements_that_are_allowed_by_name_are_done(cloud):
    run(cloud, V1, project("ranker"))
    rounds = run(cloud, options=replace(WAIT, allow_retire=frozenset({"churn", "ranker"})))
    assert (code(rounds), list(cloud.stacks)) == (0, [names.stack_key("test", "platform")])


def test_deleting_the_lines_of_a_protected_project_is_refused(cloud):
    run(cloud, project(protect=True))
    rounds = run(cloud, options=replace(WAIT, allow_retire=frozenset({"churn"})))
    assert (code(rounds), rounds[0][0].plan.projects[0].refusals[0].what) == (
        4,
        "churn is protected and is not retired",
    )


@pytest.mark.parametrize("source", ["read state", "read endpoints", "read jobs"])
def test_a_source_that_cannot_be_read_makes_everything_unknown_and_changes_nothing(cloud, source):
    run(cloud, V1)
    cloud.calls.clear()
    cloud.broken[source] = ReadFailed("throttled")
    rounds = run(cloud)
    assert (code(rounds), cloud.calls) == (1, [])
    assert {one.sync for one in rounds[0][0].plan.projects} <= {Sync.UNKNOWN}


@pytest.mark.parametrize("source", ["read versions churn", "read images acme-test/churn"])
def test_a_project_that_cannot_be_read_does_not_stop_the_others(cloud, source):
    run(cloud, V1)
    cloud.broken[source] = ReadFailed("throttled")
    rounds = run(cloud, V1, project("ranker"))
    assert verdict(cloud, V1, project("ranker"), name="ranker").sync is Sync.SYNCED
    assert (verdict(cloud, V1).sync, code(rounds)) == (Sync.UNKNOWN, 1)


def test_somebody_who_asks_to_stop_gets_nothing_new_begun(cloud):
    cloud.cancel.set()
    rounds = run(cloud, V1)
    assert (cloud.calls, code(rounds)) == ([], Interrupted.exit_code)


def test_only_the_chosen_projects_are_reconciled(cloud):
    run(cloud, V1, project("ranker"), options=replace(WAIT, projects=frozenset({"ranker"})))
    assert list(cloud.versions) == ["ranker"]


def test_an_unknown_project_is_an_error_that_names_the_known(cloud):
    with pytest.raises(ReconcilerError, match="no project named chrun") as caught:
        run(cloud, V1, options=replace(WAIT, projects=frozenset({"chrun"})))
    assert caught.value.remedy == "known are: churn"


def test_jobs_of_a_project_are_told_apart_from_those_of_a_longer_name(cloud):
    run(cloud, V1, options=Options())
    other = project("churn-eu")
    cloud.jobs.append(
        (names.job(PLATFORM, "churn-eu", other.source.digest), Job("x", "", "", JobStatus.FAILED, 1, "exit 1"))
    )
    assert verdict(cloud, V1, other).pending
    assert verdict(cloud, V1, other, name="churn-eu").problems


def test_the_wrong_account_is_refused_before_anything_else(cloud):
    elsewhere = replace(desired(V1), platform=replace(PLATFORM, account="999999999999"))
    with pytest.raises(Refused, match="for account 123456789012, the manifest is for 999999999999"):
        propose(elsewhere, cloud.world, Options())


GONE = RestoreGuardrails("churn", "", "", {})
PLANNED = propose(desired(V1), Cloud().world, Options())
IN_SYNC = propose(desired(), Cloud().world, Options())
LEFT = replace(IN_SYNC, plan=Plan(None, (ProjectPlan("churn", Sync.OUT_OF_SYNC, Health.MISSING, tolerated=(GONE,)),)))


def failed(error):
    return Report(None, (ProjectReport("churn", failure=Failure(RetireTraining("churn", ""), error)),))


@pytest.mark.parametrize(
    ("rounds", "detailed", "expected"),
    [
        (((IN_SYNC, None),), True, 0),
        (((PLANNED, None),), False, 0),
        (((PLANNED, None),), True, 2),
        (((PLANNED, Report(None, ())),), True, 0),
        (((LEFT, None),), False, 0),
        (((LEFT, None),), True, 2),
        (((PLANNED, failed(ReconcilerError("x"))),), False, 1),
        (((PLANNED, failed(Busy("x"))),), False, 0),
        (((PLANNED, failed(Interrupted("x"))),), False, 130),
    ],
)
def test_every_ending_has_its_exit_code(rounds, detailed, expected):
    assert exit_code(rounds, detailed=detailed) == expected


def test_what_somebody_else_is_changing_is_left_to_the_next_run(cloud):
    cloud.broken["apply training churn"] = Busy("somebody else is changing it")
    rounds = run(cloud, V1, project("ranker"))
    [stop] = rounds[0][1].stops
    assert (code(rounds), stop.busy, rounds[0][1].failures) == (0, True, ())
    assert verdict(cloud, V1, project("ranker"), name="ranker").sync is Sync.SYNCED
    cloud.broken.clear()
    run(cloud, V1)
    assert verdict(cloud, V1).sync is Sync.SYNCED


def test_the_terraform_code_of_a_stack_is_part_of_what_is_applied(cloud):
    run(cloud, V1)
    newer = replace(desired(V1), code=replace(CODE, training="x" * 12))
    made = propose(newer, cloud.world, Options()).plan
    assert [type(action).__name__ for action in made.actions] == ["ProvisionTraining"]


def test_a_job_that_a_schedule_submitted_is_no_training_of_the_source_and_ends_with_its_project(cloud):
    run(cloud, V1)
    scheduled = Job("job-9", "", "", JobStatus.ACTIVE, 9)
    cloud.jobs.insert(0, ("acme-test-churn-scheduled", scheduled))
    assert verdict(cloud, V1).sync is Sync.SYNCED
    run(cloud, options=Options(allow_retire=frozenset({"churn"})))
    assert "terminate job-9" in cloud.calls


RENAMED = project(pin=1, renamed="fraud")


def test_a_rename_calls_nothing_and_is_reconciled_under_its_new_name(cloud):
    run(cloud, V1)
    cloud.calls.clear()
    rounds = run(cloud, RENAMED, options=replace(WAIT, projects=frozenset({"fraud"})), retire_limit=0)
    assert (code(rounds), cloud.calls, rounds[0][0].plan.projects[0].name) == (0, [], "fraud")


def test_whoever_asks_for_its_first_name_is_told_the_new_one(cloud):
    run(cloud, V1)
    with pytest.raises(ReconcilerError, match="no project named churn") as caught:
        run(cloud, RENAMED, options=Options(projects=frozenset({"churn"})))
    assert caught.value.remedy == "churn is called fraud now; known are: fraud"


def test_a_renamed_project_is_trained_and_deployed_under_its_first_name(cloud):
    run(cloud, V1)
    cloud.calls.clear()
    rounds = run(cloud, replace(V2, renamed="fraud"))
    assert (code(rounds), rounds[-1][1].projects[0].name) == (0, "fraud")
    assert "register churn" in cloud.calls
    assert "apply deployment churn" in cloud.calls
    assert not [call for call in cloud.calls if "fraud" in call]


def test_what_goes_wrong_with_a_renamed_project_is_told_under_its_new_name(cloud):
    cloud.fails_to_train = {"churn"}
    error = run(cloud, RENAMED)[-1][1].failures[0].error
    assert error.what.startswith("training of fraud failed")
    assert error.remedy.endswith("reconcile train fraud")


def test_a_release_of_a_renamed_project_that_is_refused_is_retried_under_its_new_name(cloud):
    run(cloud, V1)
    cloud.rolls_back = {release_name(cloud, V2)}
    error = run(cloud, replace(V2, renamed="fraud"))[-1][1].failures[0].error
    assert "refused version 2 of fraud" in error.what
    assert error.remedy.endswith("reconcile retry fraud")


def test_a_rename_that_nobody_wrote_down_destroys_nothing(cloud):
    run(cloud, V1)
    cloud.calls.clear()
    rounds = run(cloud, replace(project("fraud"), source=V1.source))
    assert (code(rounds), cloud.calls) == (4, [])


FREEZE = Once("year-end sales", NOW, NOW + timedelta(days=2))


def in_freeze(cloud, *projects, options=WAIT):
    state = replace(desired(*projects), freeze=(FREEZE,))
    return reconcile(state, cloud.world, options, Recorder(), lambda _: None)


def test_a_freeze_changes_nothing_and_a_rollback_passes(cloud):
    run(cloud, V1)
    run(cloud, V2)
    cloud.calls.clear()
    assert (code(in_freeze(cloud, project(pin=3, revision=2))), cloud.calls) == (0, [])
    assert (code(in_freeze(cloud, project(pin=1, revision=1))), cloud.calls) == (0, ["apply deployment churn"])


@pytest.mark.parametrize(
    "named",
    [
        Options(projects=frozenset({"churn"})),
        Options(demands=Demands(train=frozenset({"churn"}))),
    ],
)
def test_who_asks_for_a_project_by_name_in_a_freeze_is_refused(cloud, named):
    run(cloud, V1)
    assert code(in_freeze(cloud, project(pin=3, revision=2), options=named)) == 4


def test_what_a_run_goes_on_with_by_itself_in_a_freeze_is_named_by_nobody(cloud):
    run(cloud, V1)
    run(cloud, V2, options=Options())
    rounds = in_freeze(cloud, V2)
    assert (len(rounds), code(rounds)) == (2, 0)


def test_nothing_is_changed_from_a_dirty_tree_or_an_unsigned_commit_where_that_is_asked_for(cloud):
    asked = replace(desired(V1), requires=Requires(("manifests/prod.yaml",), signed=True))
    cloud.uncommitted, cloud.signature_fault = ("manifests/prod.yaml", "notes.txt"), "it is not signed"
    rounds = reconcile(asked, cloud.world, WAIT, Recorder(), lambda _: None)
    refusals = [refusal.what for refusal in rounds[0][0].plan.projects[0].refusals]
    assert (code(rounds), cloud.calls) == (4, [])
    assert refusals == [
        "uncommitted, and this environment is changed from commits alone: manifests/prod.yaml",
        "HEAD is refused, because this environment asks for signed commits: it is not signed",
    ]
    assert code(run(cloud, V1)) == 0


def test_a_paused_project_is_left_alone_while_the_others_go_on(cloud):
    paused = replace(V2, paused=Pause("incident 42", NOW + timedelta(days=1)))
    run(cloud, V1)
    cloud.calls.clear()
    rounds = run(cloud, paused, project("ranker"))
    assert (code(rounds), [call for call in cloud.calls if "churn" in call]) == (0, [])
    assert verdict(cloud, paused).health is Health.SUSPENDED
    assert verdict(cloud, paused, project("ranker"), name="ranker").sync is Sync.SYNCED


def test_an_endpoint_whose_making_was_interrupted_is_kept_if_it_serves_and_made_anew_if_not(cloud):
    run(cloud, V1)
    key = names.project_key(PLATFORM.environment, "churn", "deployment")
    name = names.endpoint(PLATFORM, "churn")
    cloud.tainted[key] = ("aws_sagemaker_endpoint.live[0]",)
    run(cloud, V2)
    assert [call for call in cloud.calls if "deployment" in call][-2:] == [
        "untaint deployment churn",
        "apply deployment churn",
    ]
    cloud.tainted[key] = ("aws_sagemaker_endpoint.live[0]",)
    cloud.endpoints[name] = replace(
        cloud.endpoints[name], status="Failed", failure="did not pass the ping health check"
    )
    run(cloud, project(pin=1, revision=1))
    assert "untaint deployment churn" not in cloud.calls[-2:]
