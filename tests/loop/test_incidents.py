"""An endpoint whose alarm fires: what is rolled back, what waits, and what is held against nobody."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reconciler.core import names
from reconciler.core.alarms import Alarm
from reconciler.core.desired import Demands, GitHub
from reconciler.core.observed import LiveEndpoint
from reconciler.core.verdict import Health
from reconciler.drift import survey
from reconciler.errors import ReadFailed, Refused
from reconciler.reconcile import Options, exit_code, propose, reconcile
from support.builders import NOW, PLATFORM, desired, project, release
from support.fakes import Cloud, Recorder

BACK, V2, V3 = (project(pin=number, revision=2) for number in (1, 2, 3))
ENDPOINT = names.endpoint(PLATFORM, "churn")
ALARM, OTHER = f"{ENDPOINT}-5xx", f"{ENDPOINT}-latency"
BEFORE, AFTER = (datetime(year, 6, 1, 9, 30, tzinfo=UTC) for year in (2025, 2026))
"""Before and after the release that serves came into service."""
SINCE = f"its alarm {ALARM}, which fires since 2026-06-01 09:30 UTC"
WAIT = Options(wait=True)
DESPITE = Options(wait=True, demands=Demands(despite_alarm=frozenset({"churn"})))
RETRY = Options(wait=True, demands=Demands(retry=frozenset({"churn"})))


@pytest.fixture
def cloud():
    """Version 2 serves, after version 1 did; version 3 is trained."""
    made = Cloud(guarding=(ALARM, OTHER))
    run(made, project(pin=1))
    made.alarms = {name: Alarm(name, "OK", BEFORE) for name in (ALARM, OTHER)}
    run(made, project(pin=2, revision=1))
    run(made, V2)
    assert serving(made) == 2
    return made


def run(cloud, *projects, options=WAIT, recorder=None):
    return reconcile(desired(*projects), cloud.world, options, recorder or Recorder(), lambda _: None)


def verdict(cloud, wanted, options=WAIT):
    return propose(desired(wanted), cloud.world, options).plan.projects[0]


def code(rounds):
    return exit_code(rounds, detailed=False)


def serving(cloud):
    shown = cloud.endpoints[ENDPOINT].configuration
    return next(n for n in (1, 2, 3) if shown == names.configuration(PLATFORM, "churn", release(n).name))


def fire(cloud, since=AFTER, name=ALARM, state="ALARM"):
    cloud.alarms[name] = Alarm(name, state, since)


def updates(cloud):
    return [call for call in cloud.calls if call == "apply deployment churn"]


@pytest.mark.parametrize("since", [BEFORE, AFTER])
def test_a_rollback_goes_without_the_alarm_that_fires_whenever_that_began(cloud, since):
    fire(cloud, since)
    seen = verdict(cloud, BACK)
    [note] = [note for note in seen.notes if ALARM in note]
    assert note.endswith(": the update goes without it, for SageMaker would roll it back")
    assert (seen.health, seen.refusals) == (Health.DEGRADED, ())
    recorder = Recorder()
    rounds = run(cloud, BACK, recorder=recorder)
    assert (code(rounds), serving(cloud), cloud.refused) == (0, 1, {})
    assert any("the update goes without it" in event for event in recorder.events), recorder.events
    assert cloud.endpoints[ENDPOINT].alarms == (OTHER,)


def test_what_an_update_went_without_is_no_drift(cloud):
    fire(cloud)
    run(cloud, BACK)
    assert survey(desired(BACK), cloud.world, (), 1, lambda _: None).drifted == ()


def test_the_fix_forward_of_a_release_that_set_its_alarm_off_goes_without_that_alarm(cloud):
    fire(cloud)
    assert (code(run(cloud, V3)), serving(cloud), cloud.refused) == (0, 3, {})


def test_a_fix_that_failed_keeps_neither_the_next_fix_nor_the_way_back_waiting(cloud):
    fire(cloud)
    cloud.rolls_back = {release(3).name}
    run(cloud, V3)
    back = run(cloud, V2)
    assert (code(back), serving(cloud), back[-1][0].plan.refused) == (0, 2, False)
    cloud.rolls_back = set()
    assert (code(run(cloud, V3)), serving(cloud)) == (0, 3)


def test_a_retry_of_what_nobody_refused_waits_for_the_alarm_like_any_update(cloud):
    fire(cloud, BEFORE)
    assert (code(run(cloud, V3, options=RETRY)), serving(cloud)) == (Refused.exit_code, 2)


def test_a_name_that_nobody_has_is_noted(cloud):
    options = replace(WAIT, demands=Demands(despite_alarm=frozenset({"chrun"})), allow_retire=frozenset({"old"}))
    notes = propose(desired(V2), cloud.world, options).plan.notes
    assert notes == (
        "--allow-retire old: no project named old",
        "--despite-alarm chrun: no project named chrun; did you mean churn?",
    )


def test_after_a_rollback_the_fix_forward_waits_while_the_alarm_still_fires_and_goes_on_by_itself(cloud):
    fire(cloud, BEFORE)
    run(cloud, BACK)
    done = updates(cloud)
    rounds = run(cloud, V3)
    [refusal] = rounds[-1][0].plan.projects[0].refusals
    assert (code(rounds), serving(cloud), updates(cloud), cloud.refused) == (Refused.exit_code, 1, done, {})
    assert f"{ALARM}, which fires since 2025-06-01 09:30 UTC" in refusal.what
    assert "--despite-alarm churn" in refusal.remedy
    assert verdict(cloud, V3).held, "what waits is shown"
    fire(cloud, AFTER, state="OK")
    assert (code(run(cloud, V3)), serving(cloud)) == (0, 3)


def test_a_forward_update_goes_despite_an_alarm_when_somebody_says_so(cloud):
    fire(cloud, BEFORE)
    assert (code(run(cloud, V3, options=DESPITE)), serving(cloud), cloud.refused) == (0, 3, {})


def test_on_github_the_remedy_is_an_input_of_the_workflow(cloud):
    fire(cloud, BEFORE)
    asked = desired(V3)
    asked = replace(asked, platform=replace(asked.platform, github=GitHub("acme/models", "apply")))
    [refusal] = propose(asked, cloud.world, WAIT).plan.projects[0].refusals
    assert refusal.remedy.endswith("on GitHub: run the workflow apply with despite_alarm: churn")


def test_a_retry_goes_without_the_alarm_that_fires(cloud):
    cloud.rolls_back, cloud.trips = {release(3).name}, (OTHER,)
    run(cloud, V3)
    assert [one.release for one in cloud.refused["churn"]] == [release(3).name]
    cloud.rolls_back, cloud.trips = set(), ()
    fire(cloud, BEFORE)
    fire(cloud, BEFORE, name=OTHER)
    assert (code(run(cloud, V3, options=RETRY)), serving(cloud), cloud.refused) == (0, 3, {})


def test_a_release_that_sets_another_alarm_off_is_still_blamed(cloud):
    fire(cloud)
    cloud.rolls_back, cloud.trips, cloud.rollback_reason = {release(3).name}, (OTHER,), "nobody knows why"
    run(cloud, V3)
    assert [OTHER in one.reason for one in cloud.refused["churn"]] == [True]


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA"])
def test_an_alarm_that_does_not_fire_blocks_nothing_and_guards_the_update(cloud, state):
    fire(cloud, BEFORE, state=state)
    assert (code(run(cloud, V3)), serving(cloud)) == (0, 3)
    assert cloud.endpoints[ENDPOINT].alarms == (ALARM, OTHER)


def test_a_good_release_whose_rollback_failed_stays_ready_and_is_not_pruned(cloud):
    cloud.rolls_back = {release(1).name}
    run(cloud, BACK)
    assert [one.served_before for one in cloud.refused["churn"]] == [True]
    cloud.rolls_back = set()
    run(cloud, V3)
    kept = cloud.stacks[names.project_key("test", "churn", "deployment")]["spec"]["releases"]
    assert [one["version"] for one in kept] == [3, 2, 1]


def test_an_alarm_that_goes_off_between_plan_and_apply_stops_a_forward_update_before_sagemaker_is_asked(cloud):
    done = updates(cloud)

    class Late(type(cloud.world.endpoints)):
        """Reads the alarms as they are from the second time on."""

        asked = 0

        def alarms(self, names):
            type(self).asked += 1
            if type(self).asked > 1:
                fire(self.cloud, BEFORE)
            return super().alarms(names)

    world = replace(cloud.world, endpoints=Late(cloud))
    rounds = reconcile(desired(V3), world, WAIT, Recorder(), lambda _: None)
    error = rounds[-1][1].failures[0].error
    assert (code(rounds), updates(cloud), cloud.refused, serving(cloud)) == (1, done, {}, 2)
    assert ALARM in error.what
    assert "--despite-alarm" in error.remedy


def test_alarms_that_cannot_be_read_leave_the_project_unknown_and_unchanged(cloud):
    cloud.broken["read alarms"] = ReadFailed("could not read the alarms: access denied")
    seen = verdict(cloud, V3)
    assert (seen.health, seen.actions) == (Health.DEGRADED, ())
    assert "CloudWatch could not be read" in seen.problems[0].what


def test_the_alarms_of_all_endpoints_are_asked_for_at_once(cloud):
    asked = []

    class Counting(type(cloud.world.endpoints)):
        def alarms(self, names):
            asked.append(tuple(names))
            return super().alarms(names)

    other = LiveEndpoint(names.endpoint(PLATFORM, "wine"), "InService", "theirs", alarms=("wine-5xx",))
    cloud.endpoints[other.name] = other
    world = replace(cloud.world, endpoints=Counting(cloud))
    propose(desired(V2, project("wine")), world, Options())
    assert asked == [tuple(sorted((ALARM, OTHER, "wine-5xx")))]


def test_settings_that_change_while_an_alarm_fires_leave_the_endpoint_as_it_is(cloud):
    fire(cloud)
    louder = project(pin=2, revision=1, serving={"alarms": replace(V2.deployment.alarms, errors_5xx=20)})
    assert (code(run(cloud, louder)), cloud.endpoints[ENDPOINT].alarms) == (0, (ALARM, OTHER))


def test_guardrails_that_somebody_took_away_are_restored_once_the_alarm_is_quiet_and_stop_no_rollback(cloud):
    fire(cloud)
    cloud.endpoints[ENDPOINT] = replace(cloud.endpoints[ENDPOINT], guarded=False)
    seen = verdict(cloud, V2)
    assert [type(action).__name__ for action in seen.held] == ["RestoreGuardrails"]
    assert seen.refusals[0].remedy == "it goes on once the alarm is quiet"
    run(cloud, BACK)
    assert (serving(cloud), cloud.endpoints[ENDPOINT].guarded, cloud.refused) == (1, False, {})
    fire(cloud, state="OK")
    assert (code(run(cloud, BACK)), serving(cloud), cloud.endpoints[ENDPOINT].guarded) == (0, 1, True)


def test_what_serves_since_is_after_now_in_these_tests():
    assert BEFORE < NOW < AFTER
