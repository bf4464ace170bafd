"""What holds of every plan, whatever is desired and whatever was observed."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reconciler.core import names
from reconciler.core.actions import (
    BuildModelImage,
    BuildTrainingImage,
    Cause,
    Deploy,
    ProvisionTraining,
    Repair,
    RestoreGuardrails,
    RetireDeployment,
    RetireTraining,
    Train,
    Update,
    cause,
)
from reconciler.core.basis import basis
from reconciler.core.desired import (
    Alarms,
    AsyncEndpoint,
    Demands,
    DriftPolicy,
    RealtimeEndpoint,
    Rollout,
    Run,
    Scaling,
    ServerlessEndpoint,
    Strategy,
)
from reconciler.core.guards import Circumstances, guard
from reconciler.core.observed import (
    JobStatus,
    LiveEndpoint,
    ModelVersion,
    ObservedProject,
    Refusal,
    RunStatus,
    StoredImage,
    TrainingStack,
    Unread,
)
from reconciler.core.plan import plan
from reconciler.core.release import Vpc
from reconciler.core.verdict import Sync
from support.builders import (
    NETWORK,
    NOW,
    PLATFORM,
    deployment_stack,
    desired,
    job_of,
    observed,
    project,
    release,
    release_of,
    run_of,
    training_stack,
    version_of,
)
from support.examples import examples
from support.model_world import after

NAMES = ("churn", "churn-eu", "ranker")
ENDPOINTS = (
    RealtimeEndpoint("ml.m5.large", 1),
    RealtimeEndpoint("ml.c5.large", 2),
    ServerlessEndpoint(2048, 5),
    AsyncEndpoint("ml.m5.large", 1, 4),
)
HOMES = (None, Vpc(NETWORK.subnet_ids, NETWORK.security_group_ids), Vpc(("subnet-of-old",), ("sg-of-old",)))
STATUSES = (
    "InService",
    "InService",
    "InService",
    "Failed",
    "Creating",
    "Updating",
    "OutOfService",
    "UpdateRollbackFailed",
)
PUSHED = (0.0, 1_600_000_000.0, 1_800_000_000.0)
"""Nobody knows; before the versions were registered; since."""
REASONS = (
    "",
    "Essential container in task exited; exit code 1",
    "Host EC2 (instance i-0) terminated.",
    "OutOfMemoryError: Container killed due to memory usage",
)
"""Of jobs that failed."""
A_WEEK = 7 * 24 * 3600 * 1000
"""Milliseconds"""
ROUNDS = 5
"""Train, register, deploy, and one to see that nothing is left; one more to be sure."""


@st.composite
def servings(draw):
    return {
        "scaling": draw(st.sampled_from([None, Scaling(1, 3, 100), Scaling(2, 6, 50)])),
        "rollout": draw(st.sampled_from([Rollout(), Rollout(Strategy.CANARY, 25, 600)])),
        "alarms": draw(st.sampled_from([Alarms(), Alarms(1.0, None, 400)])),
        "capture": draw(st.sampled_from([0, 0, 20])),
        "vpc": draw(st.booleans()),
    }


@st.composite
def wanted_projects(draw, name):
    return project(
        serving=draw(servings()),
        name=name,
        pin=draw(st.sampled_from([None, 1, 2, 3])),
        source=draw(st.sampled_from("ab")),
        run=draw(st.sampled_from(Run)),
        revision=draw(st.integers(0, 1)),
        endpoint=draw(st.sampled_from(ENDPOINTS)),
        keep=draw(st.integers(1, 3)),
        memory=draw(st.sampled_from([2048, 4096])),
        owner=draw(st.sampled_from(["", "ml"])),
        protect=draw(st.booleans()),
    )


@st.composite
def kept_releases(draw, name):
    """One of a model that nobody noted, as it was before, or of one of two models that had its number."""
    number, endpoint, home = draw(st.integers(1, 3)), draw(st.sampled_from(ENDPOINTS)), draw(st.sampled_from(HOMES))
    model = draw(st.sampled_from(["", "a", "b"]))
    if not model:
        return release(number, name, endpoint, vpc=home)
    return release_of(version_of(model, number), name, endpoint=endpoint, vpc=home)


@st.composite
def registered_versions(draw):
    """Of a model that nobody noted, or one of two that may have had the number."""
    models = [draw(st.sampled_from(["", "a", "b"])) for _ in range(draw(st.integers(0, 3)))]
    unknown = st.sampled_from(["run-0", "elsewhere"])
    return tuple(version_of(m, n) if m else ModelVersion(n, draw(unknown)) for n, m in enumerate(models, start=1))


@st.composite
def seen_projects(draw, name, *, broken=True):
    past = draw(wanted_projects(name))
    releases = tuple(dict.fromkeys(draw(kept_releases(name)) for _ in range(draw(st.integers(0, 3)))))
    stored = (one.tag for one in (*releases, *(draw(kept_releases(name)) for _ in range(draw(st.integers(0, 2))))))
    has_stack = draw(st.booleans())
    configured = draw(st.sampled_from([*releases, release(9, name)]))
    status = draw(st.sampled_from(STATUSES if broken else STATUSES[:1]))
    failure = draw(st.sampled_from([None, "no ping"])) if broken else None
    endpoint = LiveEndpoint(
        names.endpoint(PLATFORM, name),
        status,
        names.configuration(PLATFORM, name, configured.name),
        failure,
        draw(st.booleans()),
        draw(st.sampled_from([None, 1, 2, 5, 9])),
    )
    runs = tuple(
        run_of(past, draw(st.sampled_from(RunStatus)), run_id=f"run-{n}", models=draw(st.integers(0, 2)))
        for n in range(draw(st.integers(0, 2)))
    )
    jobs = (job_of(past, draw(st.sampled_from(JobStatus)), draw(st.sampled_from(REASONS))),)
    jobs = jobs if draw(st.booleans()) else ()
    refusals = tuple(
        Refusal(r.name, "no ping", "2026-01-01T00:00:00+00:00") for r in releases if broken and draw(st.booleans())
    )
    stack = training_stack(past)
    return ObservedProject(
        name=name,
        training=TrainingStack({**stack.spec, "protect": draw(st.booleans())}) if draw(st.booleans()) else None,
        deployment=deployment_stack(*releases, live=draw(st.sampled_from(releases)) if releases else None)
        if has_stack
        else None,
        endpoint=endpoint if draw(st.booleans()) else None,
        jobs=jobs,
        runs=runs,
        versions=draw(registered_versions()),
        model_images={tag: StoredImage("", draw(st.sampled_from(PUSHED))) for tag in stored},
        refusals=refusals,
    )


@st.composite
def worlds(draw, *, broken=True):
    wanted = [draw(wanted_projects(name)) for name in NAMES if draw(st.booleans())]
    seen = [draw(seen_projects(name, broken=broken)) for name in NAMES if draw(st.booleans())]
    asked = desired(*wanted, retire_limit=draw(st.integers(0, 2)))
    return asked, observed(*seen, platform=draw(st.booleans()))


@given(worlds())
@examples(300)
def test_applying_the_plan_and_planning_again_gives_nothing(world):
    asked, seen = world
    for _ in range(ROUNDS):
        made = plan(asked, seen)
        if not made.actions:
            return
        seen = after(made, seen, asked)
    assert plan(asked, seen).actions == ()


@given(worlds(broken=False))
@examples(200)
def test_what_is_left_without_a_problem_and_nothing_to_wait_for_is_in_sync(world):
    asked, seen = world
    for _ in range(ROUNDS):
        seen = after(plan(asked, seen), seen, asked)
    for verdict in plan(asked, seen).projects:
        assert verdict.sync is Sync.SYNCED or verdict.problems or verdict.pending or verdict.waits


@given(worlds(), st.integers(0, A_WEEK))
@examples(150)
def test_time_alone_does_nothing_but_train_again_what_waited_for_it(world, later):
    asked, seen = world
    before, after_it = plan(asked, seen), plan(asked, replace(seen, at=later))
    for then, now in zip(before.projects, after_it.projects, strict=True):
        if then != now:
            assert any(wait.startswith("train again: ") for wait in then.waits)
            assert [action for action in now.actions if not _trains(action)] == [
                action for action in then.actions if not _trains(action)
            ]
            assert [type(action) for action in now.actions if _trains(action)][-1] is Train


def _trains(action):
    return isinstance(action, ProvisionTraining | BuildTrainingImage | Train)


@given(worlds(), st.integers(0, A_WEEK))
@examples(150)
def test_a_plan_rests_on_no_time(world, later):
    asked, seen = world
    made = plan(asked, seen)
    assert basis(asked, seen, made) == basis(asked, replace(seen, at=later), made)


@given(worlds(), st.randoms(use_true_random=False))
@examples(150)
def test_the_order_of_the_input_is_irrelevant(world, random):
    asked, seen = world
    shuffled = list(asked.projects), list(seen.projects.items())
    random.shuffle(shuffled[0])
    random.shuffle(shuffled[1])
    again = plan(replace(asked, projects=tuple(shuffled[0])), replace(seen, projects=dict(shuffled[1])))
    assert again == plan(asked, seen)


@given(worlds())
@examples(200)
def test_what_is_protected_is_never_retired(world):
    asked, seen = world
    guarded = guard(plan(asked, seen), asked, seen, Circumstances(NOW, allow_retire=frozenset(NAMES)))
    protected = {p.name for p in asked.projects if p.protect}
    protected |= {n for n, s in seen.projects.items() if s.training and s.training.spec["protect"]}
    assert not {a.project for a in retirements(guarded)} & protected


@given(worlds(), st.sets(st.sampled_from(NAMES)))
@examples(200)
def test_no_more_is_retired_than_the_limit_or_what_was_named(world, allowed):
    asked, seen = world
    circumstances = Circumstances(NOW, allow_retire=frozenset(allowed))
    retired = {a.project for a in retirements(guard(plan(asked, seen), asked, seen, circumstances))}
    assert len(retired) <= asked.retire_limit or retired <= allowed


@given(worlds())
@examples(200)
def test_a_foreign_endpoint_is_never_touched(world):
    asked, seen = world
    foreign = {name for name, one in seen.projects.items() if one.endpoint and not one.deployment}
    touching = ("ProvisionDeployment", "BuildModelImage", "Deploy", "Update", "Repair", "RetireDeployment")
    assert not [a for a in plan(asked, seen).actions if type(a).__name__ in touching and a.project in foreign]


@given(worlds(), st.sampled_from(NAMES), st.booleans())
@examples(200)
def test_a_failed_read_changes_and_deletes_nothing(world, name, everywhere):
    asked, seen = world
    unread = (Unread("SageMaker", "throttled"),)
    if everywhere:
        assert plan(asked, replace(seen, unread=unread)).actions == ()
        return
    one = replace(seen.projects.get(name, ObservedProject(name)), unread=unread)
    made = plan(asked, replace(seen, projects={**seen.projects, name: one}))
    assert not [action for action in made.actions if getattr(action, "project", None) == name]
    assert next(p for p in made.projects if p.name == name).sync is Sync.UNKNOWN


@given(worlds(), st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES)))
@examples(150)
def test_demands_reach_only_the_projects_they_name(world, train, retry):
    asked, seen = world
    named = train | retry
    plain = {p.name: p for p in plan(asked, seen).projects}
    demanded = plan(asked, seen, Demands(frozenset(train), frozenset(retry)))
    assert all(p == plain[p.name] for p in demanded.projects if p.name not in named)


@given(worlds())
@examples(300)
def test_what_is_rolled_out_is_the_model_that_mlflow_has_under_the_pinned_number(world):
    asked, seen = world
    for action in plan(asked, seen).actions:
        if isinstance(action, Deploy | Update | Repair):
            project = seen.projects[action.project]
            version = next((one for one in project.versions if one.number == action.after.version), None)
            if version is None or not version.origin.identity:
                continue
            own = names.model_tag(version.number, version.origin.identity)
            if action.after.tag == own:
                assert action.after.origin == version.origin
                continue
            assert action.after.tag == names.model_tag(version.number), "the image of another model"
            assert project.model_images.get(action.after.tag, StoredImage()).pushed != PUSHED[1], "an older model"
        if isinstance(action, BuildModelImage):
            assert action.version in seen.projects[action.project].versions


def retirements(made):
    return [action for action in made.actions if isinstance(action, RetireDeployment | RetireTraining)]


@given(worlds())
@examples(200)
def test_a_rollout_starts_within_the_bounds_of_autoscaling_and_with_the_instances_there_are(world):
    asked, seen = world
    bounds = {one.name: one.deployment.scaling for one in asked.projects if one.deployment}
    for action in plan(asked, seen).actions:
        scaling = bounds.get(getattr(action, "project", None))
        if not isinstance(action, Deploy | Update | Repair) or scaling is None or not action.after.instances:
            continue
        asked_before = (
            {one["name"] for one in seen.projects[action.project].deployment.spec["releases"]}
            if (seen.projects.get(action.project) and seen.projects[action.project].deployment)
            else set()
        )
        assert scaling.min <= action.after.instances <= scaling.max or action.after.name in asked_before


@given(worlds())
@examples(150)
def test_a_policy_takes_away_the_actions_that_mend_drift_and_no_others(world):
    asked, seen = world
    corrected = plan(asked, seen)
    for policy in (DriftPolicy.WARN, DriftPolicy.IGNORE):
        lenient = replace(asked, projects=tuple(replace(one, drift_policy=policy) for one in asked.projects))
        for strict, left in zip(corrected.projects, plan(lenient, seen).projects, strict=True):
            drifted = tuple(action for action in strict.actions if cause(action) is Cause.DRIFTED)
            assert left.actions == tuple(action for action in strict.actions if cause(action) is Cause.CHANGED)
            assert left.tolerated == (drifted if policy is DriftPolicy.WARN else ())
            assert left.health is strict.health
            assert left.sync is strict.sync or (drifted and policy is DriftPolicy.IGNORE and left.sync is Sync.SYNCED)
            assert all(isinstance(action, Repair | RestoreGuardrails | BuildModelImage) for action in drifted)
