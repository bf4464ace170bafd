"""Whatever SageMaker makes of a release: the project ends in the right state, with AWS's own reason."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reconciler.core import names
from reconciler.core.alarms import Alarm
from reconciler.core.desired import Demands
from reconciler.core.observed import LiveEndpoint
from reconciler.core.verdict import Health, Sync
from reconciler.errors import Interrupted, ReadFailed, TerraformFailed, TimedOut
from reconciler.reconcile import Options, exit_code, propose, reconcile
from support.builders import PLATFORM, desired, project, release
from support.fakes import Cloud, Recorder
from support.standstill import Standstill

WAIT = Options(wait=True)
RETRY = Options(wait=True, demands=Demands(retry=frozenset({"churn"})))
V1, V2, V3 = project(pin=1), project(pin=2, revision=1), project(pin=3, revision=2)
ENDPOINT = names.endpoint(PLATFORM, "churn")
PING = "did not pass the ping health check"
ALARM = f"{ENDPOINT}-5xx"
NOBODY_KNOWS = "Colourless green ideas sleep furiously."
ROLE = "Could not assume role arn:aws:iam::1:role/x. Please ensure that the role exists"
EARLIER, LATER = (datetime(2026, 1, 1, hour, 30, tzinfo=UTC) for hour in (9, 11))
CAPACITY = "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error"
LOG = "Traceback (most recent call last):\nValueError: no such model"


def run(cloud, *projects, options=WAIT):
    return reconcile(desired(*projects), cloud.world, options, Recorder(), lambda _: None)


def verdict(cloud, wanted):
    return propose(desired(wanted), cloud.world, Options()).plan.projects[0]


def code(rounds):
    return exit_code(rounds, detailed=False)


def configuration(version):
    return names.configuration(PLATFORM, "churn", release(version).name)


def refusing(*, seen):
    cloud = Cloud(seen_rolling_back=seen, logs={ENDPOINT: LOG})
    run(cloud, V1)
    cloud.rolls_back = {release(2).name}
    return cloud


@pytest.fixture(params=[False, True], ids=["terraform missed it", "terraform saw it"])
def serving(request):
    """Version 1 serves, and nothing after it does."""
    return refusing(seen=request.param)


@pytest.fixture
def watched(serving):
    """Its endpoint has an alarm, which is quiet."""
    serving.endpoints[ENDPOINT] = replace(serving.endpoints[ENDPOINT], alarms=(ALARM,))
    serving.alarms[ALARM] = Alarm(ALARM, "OK", EARLIER)
    return serving


@pytest.fixture
def unseen():
    """The same, where Terraform always misses it: what it sees it tries again itself."""
    return refusing(seen=False)


def error_of(rounds):
    return rounds[-1][1].failures[0].error


def fire(cloud, since=EARLIER):
    cloud.alarms[ALARM] = Alarm(ALARM, "ALARM", since)


@pytest.mark.parametrize("reason", [PING, f"Alarm {ALARM} is in ALARM state", NOBODY_KNOWS])
def test_a_release_that_sagemaker_rolls_back_is_quarantined_with_the_reason_and_the_log(watched, reason):
    serving = watched
    serving.rollback_reason, serving.trips = reason, () if reason == PING else (ALARM,)
    rounds = run(serving, V2)
    error = error_of(rounds)
    assert (code(rounds), reason in error.what, error.detail) == (1, True, LOG)
    assert (ALARM in error.what) == (reason != PING)
    seen = verdict(serving, V2)
    [problem] = seen.problems
    assert (seen.health, seen.live_version, seen.actions) == (Health.DEGRADED, 1, ())
    assert (reason in problem.what, problem.detail) == (True, LOG)


def test_a_container_that_does_not_come_up_is_quarantined_even_while_an_alarm_fires(watched):
    fire(watched)
    run(watched, V2)
    assert [one.reason for one in watched.refused["churn"]] == [PING]


def test_a_reason_that_nobody_knows_quarantines_nothing_and_is_tried_again(watched):
    watched.rollback_reason = NOBODY_KNOWS
    rounds = run(watched, V2)
    assert (code(rounds), NOBODY_KNOWS in error_of(rounds).what, watched.refused) == (1, True, {})
    assert verdict(watched, V2).actions


def test_alarms_that_cannot_be_read_afterwards_hide_no_reason_and_quarantine_nothing(watched):
    watched.rollback_reason = NOBODY_KNOWS

    class Blind(type(watched.world.endpoints)):
        def alarms(self, names):
            if self.cloud.endpoints[ENDPOINT].failure:
                raise ReadFailed("could not read the alarms: access denied")
            return super().alarms(names)

    world = replace(watched.world, endpoints=Blind(watched))
    rounds = reconcile(desired(V2), world, WAIT, Recorder(), lambda _: None)
    assert (NOBODY_KNOWS in error_of(rounds).what, watched.refused) == (True, {})


class Propagation(Standstill):
    """IAM, which knows a new role everywhere after some pauses."""

    def __init__(self, cloud, pauses):
        super().__init__()
        self._cloud = cloud
        self._pauses = pauses

    def wait(self, timeout=None):
        self._pauses -= 1
        if self._pauses == 0:
            self._cloud.rolls_back = set()
        return super().wait(timeout)


def test_a_release_whose_role_is_not_known_everywhere_yet_is_tried_again_in_the_same_run(unseen):
    unseen.rollback_reason, unseen.cancel = ROLE, Propagation(unseen, 2)
    recorder = Recorder()
    rounds = reconcile(desired(V2), unseen.world, WAIT, recorder, lambda _: None)
    assert (code(rounds), unseen.refused, unseen.cancel.slept) == (0, {}, [15.0, 30.0])
    assert sum("cannot assume the endpoint's role yet" in event for event in recorder.events) == 2
    assert verdict(unseen, V2).live_version == 2


def test_a_role_that_is_never_known_ends_the_run_and_quarantines_nothing(watched):
    watched.rollback_reason, watched.cancel = ROLE, Standstill()
    rounds = run(watched, V2)
    assert (code(rounds), watched.refused) == (1, {})
    assert "look at its trust policy" in error_of(rounds).remedy
    assert watched.cancel.slept == ([] if watched.seen_rolling_back else [15.0, 30.0])


def test_waiting_for_a_role_can_be_interrupted(unseen):
    unseen.rollback_reason = ROLE

    class Impatient(Standstill):
        def wait(self, timeout=None):
            return True

    unseen.cancel = Impatient()
    assert isinstance(error_of(run(unseen, V2)), Interrupted)
    assert unseen.refused == {}


def test_a_log_that_cannot_be_read_hides_no_reason(serving):
    serving.broken["read log"] = ReadFailed("could not read the log: access denied")
    run(serving, V2)
    [refusal] = serving.refused["churn"]
    assert (refusal.reason, "access denied" in refusal.log) == (PING, True)


def test_a_new_pin_clears_a_quarantine_by_itself(serving):
    run(serving, V2)
    assert code(run(serving, V3)) == 0
    assert (verdict(serving, V3).health, serving.refused) == (Health.HEALTHY, {})


def test_the_same_version_served_otherwise_is_another_release(serving):
    run(serving, V2)
    assert verdict(serving, V2).actions == ()
    bigger = replace(V2.deployment, endpoint=replace(V2.deployment.endpoint, instance_type="ml.m5.xlarge"))
    assert verdict(serving, replace(V2, deployment=bigger)).actions


def test_retry_clears_a_quarantine(serving):
    run(serving, V2)
    serving.rolls_back = set()
    assert code(run(serving, V2, options=RETRY)) == 0
    assert (verdict(serving, V2).sync, serving.refused) == (Sync.SYNCED, {})


@pytest.mark.parametrize("reason", [CAPACITY, "Request to service failed. If failure persists, contact support."])
def test_a_release_that_aws_has_no_room_for_is_tried_again_by_every_run(serving, reason):
    serving.rollback_reason = reason
    rounds = run(serving, V2)
    assert (code(rounds), reason in rounds[-1][1].failures[0].error.what, serving.refused) == (1, True, {})
    again = verdict(serving, V2)
    assert (again.health, again.problems) == (Health.DEGRADED, ())
    assert reason in again.actions[-1].reason
    assert code(run(serving, V2)) == 1
    serving.rolls_back = set()
    assert code(run(serving, V2)) == 0
    assert verdict(serving, V2).health is Health.HEALTHY


def test_a_first_deployment_that_aws_has_no_room_for_is_tried_again():
    cloud = Cloud(rolls_back={release(1).name}, rollback_reason=CAPACITY)
    assert code(run(cloud, V1)) == 1
    cloud.rolls_back = set()
    assert code(run(cloud, V1)) == 0
    assert (verdict(cloud, V1).health, cloud.refused) == (Health.HEALTHY, {})


def test_a_rollout_that_outlasts_terraform_is_judged_by_the_endpoint_and_what_comes_after_it_is_applied():
    cloud = Cloud()
    run(cloud, V1)
    cloud.outlasts = {release(2).name}
    cloud.calls.clear()
    assert code(run(cloud, V2)) == 0
    assert cloud.calls.count("apply deployment churn") == 2
    assert (verdict(cloud, V2).health, verdict(cloud, V2).actions, cloud.refused) == (Health.HEALTHY, (), {})


def test_a_first_endpoint_that_outlasts_terraform_is_kept_and_not_made_anew():
    cloud = Cloud(outlasts={release(1).name})
    key = names.project_key(PLATFORM.environment, "churn", "deployment")
    cloud.tainted[key] = ("aws_sagemaker_endpoint.live[0]",)
    assert code(run(cloud, V1)) == 0
    assert cloud.calls[-3:] == ["apply deployment churn", "untaint deployment churn", "apply deployment churn"]


def test_what_outlasts_terraform_and_is_rolled_back_is_quarantined():
    cloud = Cloud()
    run(cloud, V1)
    before = cloud.endpoints[ENDPOINT]
    cloud.outlasts = {release(2).name}
    cloud.settles[ENDPOINT] = replace(before, failure=PING, modified=before.modified + 1)
    assert code(run(cloud, V2)) == 1
    assert [one.reason for one in cloud.refused["churn"]] == [PING]


def test_terraform_that_failed_although_the_endpoint_had_come_to_rest_is_not_run_again():
    cloud = Cloud()
    run(cloud, V1)
    cloud.broken["apply deployment churn"] = TerraformFailed("no permission to make an alarm")
    cloud.endpoints[ENDPOINT] = replace(cloud.endpoints[ENDPOINT], configuration=configuration(2))
    cloud.calls.clear()
    rounds = run(cloud, project(pin=2, revision=1, owner="ml"))
    assert "no permission" in rounds[-1][1].failures[0].error.what
    assert cloud.calls.count("apply deployment churn") == 1


def test_an_update_that_hangs_says_how_long_and_quarantines_nothing(serving):
    serving.broken[f"settle {ENDPOINT}"] = TimedOut("endpoint x has been Updating for more than 64 minutes")
    rounds = run(serving, V2)
    assert "for more than 64 minutes" in rounds[-1][1].failures[0].error.what
    assert (code(rounds), serving.refused) == (1, {})


def test_an_endpoint_that_changes_for_too_long_needs_a_person(serving):
    serving.endpoints[ENDPOINT] = replace(serving.endpoints[ENDPOINT], status="Updating", overdue=True)
    seen = verdict(serving, V1)
    assert (seen.health, seen.actions, seen.pending) == (Health.DEGRADED, (), ())
    assert "has been Updating for more than two hours" in seen.problems[0].what


def test_a_rollback_that_fails_is_left_to_a_person_whatever_is_pinned(serving):
    run(serving, V2)
    mixed = replace(serving.endpoints[ENDPOINT], status="UpdateRollbackFailed", failure=PING)
    serving.endpoints[ENDPOINT] = mixed
    for wanted in (V2, V1):
        seen = verdict(serving, wanted)
        assert (seen.health, seen.actions) == (Health.DEGRADED, ())
        assert "some of its instances run the old release, some the new one" in seen.problems[0].what
        assert PING in seen.problems[0].what


def updating(cloud, version, becomes):
    """An earlier reconciler asked for a version and died; the endpoint is still on the move."""
    now = cloud.endpoints[ENDPOINT]
    cloud.endpoints[ENDPOINT] = replace(now, status="Updating", coming=configuration(version))
    cloud.settles[ENDPOINT] = becomes


def test_a_rollout_that_outlives_its_reconciler_is_progressing_and_awaited_with_wait(serving):
    updating(serving, 2, LiveEndpoint(ENDPOINT, "InService", configuration(2)))
    seen = verdict(serving, V1)
    assert (seen.health, [one.what for one in seen.pending]) == (
        Health.PROGRESSING,
        [f"endpoint {ENDPOINT} is Updating"],
    )
    serving.rolls_back = set()
    assert code(run(serving, V2)) == 0
    assert verdict(serving, V2).live_version == 2


def left(cloud, reason):
    """Somebody else's update to version 2, which ends for a reason; it began at 10:30."""
    cloud.tags["acme-test/churn/model"].add("v2")
    updating(cloud, 2, replace(cloud.endpoints[ENDPOINT], failure=reason, modified=9.0))
    began = datetime(2026, 1, 1, 10, 30, tzinfo=UTC).timestamp()
    cloud.endpoints[ENDPOINT] = replace(cloud.endpoints[ENDPOINT], changing_since=began)
    return replace(V2, source=V1.source, training=V1.training)


@pytest.mark.parametrize("reason", [PING, NOBODY_KNOWS])
def test_a_refusal_that_outlives_its_reconciler_is_still_concluded_and_remembered(watched, reason):
    wanted = left(watched, reason)
    fire(watched, since=LATER)
    rounds = run(watched, wanted)
    assert code(rounds) == 1
    assert [one.reason.startswith(reason) for one in watched.refused["churn"]] == [True]
    calls = len(watched.calls)
    assert (code(run(watched, wanted)), len(watched.calls)) == (1, calls)


def test_an_alarm_that_fired_before_an_update_of_an_earlier_reconciler_quarantines_nothing(watched):
    wanted = left(watched, NOBODY_KNOWS)
    fire(watched, since=EARLIER)
    rounds = run(watched, wanted)
    assert (code(rounds), watched.refused) == (1, {})
    assert ALARM in error_of(rounds).remedy


def test_an_apply_that_fails_after_the_endpoint_serves_is_told_as_such(serving):
    serving.broken["apply deployment"] = TerraformFailed("the dashboard is too large")
    rounds = run(serving, V2)
    assert "the dashboard is too large" in rounds[-1][1].failures[0].error.what
    assert serving.refused == {}


def test_a_refusal_that_could_not_be_forgotten_is_forgotten_by_the_next_run(serving):
    run(serving, V2)
    serving.rolls_back = set()
    refused = dict(serving.refused)
    run(serving, V2, options=RETRY)
    serving.refused = refused
    run(serving, V2)
    assert (serving.refused, verdict(serving, V2).sync) == ({}, Sync.SYNCED)
