"""How a release is served: scaling, networks, and what changes without another release."""

from dataclasses import replace

import pytest

from reconciler.core.actions import Deploy, ProvisionPlatform, Update
from reconciler.core.desired import Alarms, AsyncEndpoint, RealtimeEndpoint, Rollout, Scaling, Strategy
from reconciler.core.observed import ModelVersion, ObservedProject, Refusal, ServerStack
from reconciler.core.plan import plan
from reconciler.core.release import Release, Vpc
from reconciler.core.server import Server
from reconciler.core.verdict import Health, Sync
from support.builders import NETWORK, converged, deployment_stack, desired, live, observed, project, release

SCALING = Scaling(2, 6, 200)
SCALED = project(serving={"scaling": SCALING}, endpoint=RealtimeEndpoint("ml.m5.large", 2))
TO_2 = project(pin=2, serving={"scaling": SCALING}, endpoint=RealtimeEndpoint("ml.m5.large", 2))
SERVER = Server()
HOME = Vpc(NETWORK.subnet_ids, NETWORK.security_group_ids)


def decide(wanted, seen, **more):
    return plan(desired(wanted), observed(seen, **more)).projects[0]


def sized(version: int, count: int) -> Release:
    return release(version, endpoint=RealtimeEndpoint("ml.m5.large", count))


def serving(version: int, count: int, *, instances: int, **more) -> ObservedProject:
    """A project that serves a version whose configuration started with `count`, and has `instances` now."""
    one = sized(version, count)
    state = {"deployment": deployment_stack(one, wanted=SCALED), "endpoint": live(one, instances=instances), **more}
    return replace(converged(SCALED), **state)


@pytest.mark.parametrize("instances", [1, 2, 4, 6, 9])
def test_instances_that_autoscaling_chose_are_no_drift(instances):
    assert decide(SCALED, serving(1, 2, instances=instances)).sync is Sync.SYNCED


@pytest.mark.parametrize(("now", "begins"), [(1, 2), (2, 2), (5, 5), (9, 6)])
def test_a_rollout_begins_with_as_many_instances_as_there_are(now, begins):
    seen = serving(1, 2, instances=now, versions=(ModelVersion(1, "run-1"), ModelVersion(2, "run-2")))
    [update] = [action for action in decide(TO_2, seen).actions if isinstance(action, Update)]
    assert update.after.instances == begins


def test_a_rollback_begins_with_as_many_instances_as_there_are_too():
    two, one = sized(2, 5), sized(1, 2)
    seen = replace(
        converged(SCALED), deployment=deployment_stack(two, one, wanted=SCALED), endpoint=live(two, instances=4)
    )
    [update] = [action for action in decide(SCALED, seen).actions if isinstance(action, Update)]
    assert (update.rollback, update.after.instances) == (True, 4)


def test_a_first_deployment_begins_with_the_least():
    seen = replace(converged(SCALED), deployment=None, endpoint=None)
    [deploy] = [action for action in decide(SCALED, seen).actions if isinstance(action, Deploy)]
    assert deploy.after.instances == 2


def test_an_asynchronous_endpoint_that_may_sleep_begins_with_one_instance():
    wanted = project(serving={"scaling": Scaling(0, 4, 5)}, endpoint=AsyncEndpoint("ml.m5.large", 1))
    seen = replace(converged(wanted), deployment=None, endpoint=None)
    [deploy] = [action for action in decide(wanted, seen).actions if isinstance(action, Deploy)]
    assert deploy.after.instances == 1


def test_a_refused_release_stays_refused_whatever_autoscaling_chose_since():
    refused = Refusal(replace(sized(2, 3), elastic=True).identity, "no ping", "2026-01-01T00:00:00+00:00")
    versions = (ModelVersion(1, "run-1"), ModelVersion(2, "run-2"))
    verdict = decide(TO_2, serving(1, 2, instances=5, versions=versions, refusals=(refused,)))
    assert (verdict.actions, verdict.health) == ((), Health.DEGRADED)


def test_another_number_of_fixed_instances_is_another_release():
    wanted = project(endpoint=RealtimeEndpoint("ml.m5.large", 3))
    [update] = decide(wanted, converged(project())).actions
    assert (update.reason, update.after.instances) == ("serving configuration changed", 3)


@pytest.mark.parametrize(
    ("serving_", "field"),
    [
        ({"scaling": SCALING}, "scaling.max"),
        ({"rollout": Rollout(Strategy.CANARY, 25, 600)}, "rollout.strategy"),
        ({"alarms": Alarms(latency_p99=400)}, "alarms.latency_p99"),
    ],
)
def test_what_is_no_part_of_a_release_changes_in_place(serving_, field):
    [update] = decide(project(serving=serving_), converged(project())).actions
    assert (update.before, field in {change.field for change in update.changes}) == (update.after, True)


def test_new_metrics_of_the_live_version_reach_its_dashboard():
    [update] = decide(project(), replace(converged(project()), metrics={"accuracy": 0.9666666, "n": 150.0})).actions
    assert update.spec["metrics"] == {"accuracy": "0.966667", "n": "150"}


def test_captured_requests_need_another_release():
    [update] = decide(project(serving={"capture": 20}), converged(project())).actions
    assert (update.before == update.after, update.after.capture) == (False, 20)


def test_a_model_in_the_network_is_deployed_once_the_network_stands():
    wanted = project(serving={"vpc": True})
    seen = replace(converged(project()), deployment=None, endpoint=None)
    waiting = decide(wanted, seen, platform=False)
    assert (waiting.actions, len(waiting.waits)) == ((), 1)
    deploy = next(action for action in decide(wanted, seen).actions if isinstance(action, Deploy))
    assert deploy.after.vpc == HOME
    assert deploy.spec["releases"][0]["vpc"] == {
        "subnet_ids": list(NETWORK.subnet_ids),
        "security_group_ids": list(NETWORK.security_group_ids),
    }


def test_a_network_that_is_about_to_move_is_waited_for():
    wanted, asked = project(serving={"vpc": True}), desired(project(serving={"vpc": True}))
    moved = replace(asked, platform=replace(asked.platform, cidr="10.20.0.0/16"))
    made = plan(moved, observed(converged(wanted)))
    assert isinstance(made.platform, ProvisionPlatform)
    assert (made.projects[0].actions, len(made.projects[0].waits)) == ((), 1)


@pytest.mark.parametrize("more", [{}, {"capture": 20}, {"vpc": HOME}])
@pytest.mark.parametrize("kind", [RealtimeEndpoint("ml.m5.large", 3), AsyncEndpoint("ml.m5.large", 1, 7)])
def test_a_release_survives_the_way_through_terraform(kind, more):
    one = release(3, endpoint=kind, **more)
    assert Release.from_variable(one.to_variable()) == one


def test_a_server_without_a_network_stops_everything_that_would_need_it():
    asked = desired(project())
    sharing = replace(asked, platform=replace(asked.platform, server=SERVER))
    made = plan(sharing, observed(converged(project())))
    assert (made.actions, [problem.what for problem in made.problems]) == (
        (),
        ["the network of the MLflow server could not be read: it does not stand yet: make mlflow-server"],
    )


def test_jobs_share_the_network_of_the_mlflow_server():
    asked = desired(project())
    sharing = replace(asked, platform=replace(asked.platform, server=SERVER))
    made = plan(sharing, observed(converged(project()), server=ServerStack({}, NETWORK)))
    assert made.platform
    assert (made.platform.spec["vpc_id"], made.platform.spec["subnet_ids"]) == (
        NETWORK.vpc_id,
        list(NETWORK.subnet_ids),
    )
    assert made.notes
