"""What exists under our names and is in no state: ours is taken in, somebody else's is left alone and reported."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core import names
from reconciler.core.homes import Home, Kind, Thing, home, unlisted_of_platform
from reconciler.core.observed import DeploymentStack, ObservedProject, PlatformStack, StoredImage, Stray, Unread
from reconciler.core.plan import plan
from support.builders import PLATFORM, converged, deployment_stack, desired, live, observed, project, release
from support.examples import examples

CHURN = project()
ONE = release(1)
ENDPOINT = Thing(Kind.ENDPOINT, "acme-test-churn")
MODEL = Thing(Kind.MODEL, names.configuration(PLATFORM, "churn", ONE.name))
CONFIGURATION = Thing(Kind.CONFIGURATION, names.configuration(PLATFORM, "churn", ONE.name))
REPOSITORY = Thing(Kind.REPOSITORY, "acme-test/churn/model")
TRAINED = {key: getattr(converged(CHURN), key) for key in ("training", "runs", "versions", "training_images")}


def stray(thing, *, ours=True):
    return Stray(thing, home(PLATFORM, thing), ours)


def decide(seen, wanted=CHURN, **world):
    return plan(desired(*([wanted] if wanted else [])), observed(seen, **world))


@pytest.mark.parametrize(
    ("thing", "place"),
    [
        (ENDPOINT, Home("deployment", "churn", "aws_sagemaker_endpoint.live[0]")),
        (
            Thing(Kind.MODEL, "acme-test-churn-eu-v12-0a1b2c3"),
            Home("deployment", "churn-eu", 'aws_sagemaker_model.release["v12-0a1b2c3"]'),
        ),
        (
            Thing(Kind.CONFIGURATION, "acme-test-churn-v1-0a1b2c3"),
            Home("deployment", "churn", 'aws_sagemaker_endpoint_configuration.release["v1-0a1b2c3"]'),
        ),
        (REPOSITORY, Home("deployment", "churn", "aws_ecr_repository.model")),
        (
            Thing(Kind.REPOSITORY, "acme-test/churn/training"),
            Home("training", "churn", "aws_ecr_repository.training"),
        ),
        (Thing(Kind.REPOSITORY, "acme-test/mlflow-server"), Home("mlflow-server", None, "aws_ecr_repository.server")),
        (Thing(Kind.MODEL, "acme-test-by-hand"), None),
        (Thing(Kind.REPOSITORY, "acme-test/churn"), None),
    ],
    ids=str,
)
def test_a_name_says_where_a_thing_belongs(thing, place):
    assert home(PLATFORM, thing) == place


LEFT = {
    "before a first state": ObservedProject("churn", **TRAINED),
    "after the repository was made": ObservedProject(
        "churn", **TRAINED, deployment=replace(deployment_stack(), live=None), model_images={"v1": StoredImage()}
    ),
}


@pytest.mark.parametrize("seen", LEFT.values(), ids=LEFT)
def test_an_endpoint_that_a_killed_run_left_is_taken_in_with_its_release(seen):
    strays = tuple(stray(one) for one in (ENDPOINT, MODEL, CONFIGURATION))
    [verdict] = decide(replace(seen, endpoint=live(ONE), strays=strays)).projects
    move = verdict.actions[-1]
    assert move.reason == "it exists already under our tags and is in no state: it is taken in"
    assert move.spec["adopt"] == [
        "aws_sagemaker_endpoint.live[0]",
        f'aws_sagemaker_endpoint_configuration.release["{ONE.name}"]',
        f'aws_sagemaker_model.release["{ONE.name}"]',
    ]
    assert verdict.notes[0] == f"{ENDPOINT} exists already under our tags and is in no state: it is taken in"


def test_a_repository_that_a_killed_run_left_is_taken_in_by_the_first_apply():
    [verdict] = decide(ObservedProject("churn", **TRAINED, strays=(stray(REPOSITORY),))).projects
    assert [action.spec.get("adopt") for action in verdict.actions if hasattr(action, "spec")] == [
        ["aws_ecr_repository.model"],
        ["aws_ecr_repository.model"],
    ]


def test_a_release_that_nothing_serves_or_keeps_is_not_taken_in():
    other = Thing(Kind.MODEL, "acme-test-churn-v7-0a1b2c3")
    [verdict] = decide(converged(CHURN, strays=(stray(other),))).projects
    assert (verdict.actions, verdict.sync) == ((), "Synced")
    assert verdict.notes == (f"{other} has our tags and is in no Terraform state: nothing needs it, delete it",)


@pytest.mark.parametrize("stack", [None, DeploymentStack({}), deployment_stack(ONE)])
def test_an_endpoint_without_our_tags_is_left_alone_whatever_stack_there_is(stack):
    seen = ObservedProject("churn", **TRAINED, deployment=stack, endpoint=live(ONE))
    [verdict] = decide(replace(seen, strays=(stray(ENDPOINT, ours=False),))).projects
    assert (verdict.actions, verdict.health) == ((), "Degraded")
    assert verdict.problems[0].remedy.startswith("take it over: reconcile adopt churn")


def test_what_is_not_ours_is_never_imported():
    [verdict] = decide(ObservedProject("churn", **TRAINED, strays=(stray(REPOSITORY, ours=False),))).projects
    assert not [action for action in verdict.actions if "adopt" in getattr(action, "spec", {})]
    assert verdict.notes == (f"{REPOSITORY} has not our tags: it is somebody else's and left alone",)


def test_strays_of_nobody_are_reported_with_what_to_do_and_touched_by_nothing():
    strays = (stray(ENDPOINT), stray(Thing(Kind.MODEL, "acme-test-by-hand"), ours=False))
    made = decide(ObservedProject("ranker"), None, strays=strays, unsearched=(Unread("ECR", "throttled"),))
    assert made.actions == ()
    assert made.notes == (
        (
            "endpoint acme-test-churn has our tags, and no Terraform state and no project of the manifest knows it: "
            "give its project back to the manifest, or delete it"
        ),
        "model acme-test-by-hand is under our names and has not our tags: it is somebody else's and left alone",
        "ECR could not be read: throttled",
    )


THINGS = (ENDPOINT, MODEL, CONFIGURATION, REPOSITORY, Thing(Kind.ROLE, "acme-test-churn-serving"))


@given(st.dictionaries(st.sampled_from(THINGS), st.booleans()), st.sampled_from([*LEFT.values(), converged(CHURN)]))
@examples(100)
def test_nothing_is_imported_but_what_is_ours_and_a_foreign_endpoint_stops_the_deployment(found, seen):
    strays = tuple(stray(thing, ours=ours) for thing, ours in found.items())
    endpoint = live(ONE) if ENDPOINT in found else seen.endpoint
    [verdict] = decide(replace(seen, endpoint=endpoint, strays=strays)).projects
    ours = {one.home.address for one in strays if one.ours and one.home}
    imported = {address for action in verdict.actions for address in getattr(action, "spec", {}).get("adopt", ())}
    assert imported <= ours
    if found.get(ENDPOINT) is False:
        assert (verdict.actions, verdict.health) == ((), "Degraded")


QUEUE = Thing(Kind.QUEUE, "acme-test-fargate")
POOL = Home("platform", None, 'aws_batch_job_queue.pool["fargate"]')


def test_what_a_killed_run_left_of_the_platform_is_taken_in_by_the_next_apply():
    assert (QUEUE, POOL) in tuple(unlisted_of_platform(PLATFORM))
    strays = (Stray(QUEUE, POOL, ours=True), Stray(Thing(Kind.ROLE, "acme-test-batch-instance"), POOL, ours=False))
    made = plan(desired(CHURN), observed(platform=False, strays=strays))
    assert made.platform.spec["adopt"] == [POOL.address]
    assert made.notes[0].endswith("is in no Terraform state: the platform takes it in")
    half = replace(observed(strays=strays), platform=PlatformStack({}, None))
    again = plan(desired(CHURN), half).platform
    assert (again.reason, again.spec["adopt"]) == ("its last apply did not come to its end", [POOL.address])
