"""A version's number is no identity: the registered model may have been deleted and made anew under it."""

from dataclasses import replace

import pytest

from reconciler.core import names
from reconciler.core.actions import BuildModelImage, Deploy, Update
from reconciler.core.desired import RealtimeEndpoint, Run
from reconciler.core.freeze import Once
from reconciler.core.guards import guard
from reconciler.core.model_image import SKEW, difference, image_tag
from reconciler.core.observed import ModelVersion, Refusal, StoredImage
from reconciler.core.plan import plan
from reconciler.core.release import Origin, Release
from reconciler.core.verdict import Health
from support.builders import (
    HERE_AND_NOW,
    NOW,
    converged,
    deployment_stack,
    desired,
    live,
    observed,
    project,
    release,
    release_of,
    version_of,
)

CHURN = project(run=Run.MANUAL)
OLD, NEW, FIVE = version_of("old"), version_of("new"), version_of("five", 5)
OLD_TAG, NEW_TAG = release_of(OLD).tag, release_of(NEW).tag
CREATED = OLD.created / 1000
FILES = ModelVersion(1, "", created=OLD.created)


def serving(*releases, versions=(OLD,), images=None, **more):
    """The first release is live; each has its image, unless it is said which there are."""
    tags = images if images is not None else [one.tag for one in releases]
    return converged(
        CHURN,
        deployment=deployment_stack(*releases),
        endpoint=live(releases[0]),
        runs=(),
        versions=versions,
        model_images={tag: StoredImage() for tag in tags},
        **more,
    )


def decide(seen, wanted=CHURN):
    return plan(desired(wanted), observed(seen)).projects[0]


def steps(verdict):
    return [type(action).__name__ for action in verdict.actions]


def image(pushed=0.0):
    return StoredImage("sha256:" + "a" * 64, pushed)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (OLD, OLD, True),
        (OLD, NEW, False),
        # A logged model that is registered again is what it was; a run may log others.
        (OLD, replace(OLD, created=OLD.created + 1, run_id="r"), True),
        (OLD, replace(OLD, model_id="m-other"), False),
        # Before MLflow 3, and from files, the time is all that tells two apart.
        (replace(OLD, model_id=""), replace(OLD, model_id="", created=OLD.created + 1), False),
        (replace(OLD, model_id=""), replace(NEW, model_id=""), False),
        (FILES, replace(FILES, created=OLD.created + 1), False),
        (FILES, FILES, True),
    ],
)
def test_a_model_is_known_by_what_it_was_made_of(one, other, same):
    assert (one.origin.identity == other.origin.identity) is same
    assert len(one.origin.identity) == 12


def test_of_a_version_of_which_nothing_is_known_the_tag_is_its_number():
    assert names.model_tag(3, ModelVersion(3, "run").origin.identity) == "v3"


@pytest.mark.parametrize(
    ("what", "version", "kept", "images", "tag"),
    [
        ("what was never built says what it is of", OLD, (), {}, OLD_TAG),
        ("what was built is found", OLD, (), {OLD_TAG: image()}, OLD_TAG),
        ("another model's image is not taken for it", NEW, (), {OLD_TAG: image()}, NEW_TAG),
        ("what is kept is found although its image is gone", OLD, (release_of(OLD),), {}, OLD_TAG),
        ("an image of before keeps its name", OLD, (), {"v1": image(CREATED + 60)}, "v1"),
        ("also when nobody knows when it was pushed", OLD, (), {"v1": image()}, "v1"),
        ("also when it serves and its image is gone", OLD, (release(1),), {}, "v1"),
        ("also while two clocks differ", OLD, (), {"v1": image(CREATED - SKEW + 1)}, "v1"),
        ("no image is older than its model", OLD, (), {"v1": image(CREATED - SKEW - 1)}, OLD_TAG),
        ("also when it serves", OLD, (release(1),), {"v1": image(CREATED - 86400)}, OLD_TAG),
        ("a remade model's own image comes first", NEW, (release(1),), {"v1": image(), NEW_TAG: image()}, NEW_TAG),
        ("once it was live it is remembered", NEW, (release_of(NEW), release(1)), {"v1": image()}, NEW_TAG),
        ("a deleted version is what was live last", None, (release_of(OLD), release(1)), {}, OLD_TAG),
        ("a deleted version of before as well", None, (release(1), release_of(OLD)), {}, "v1"),
        ("a deleted version is the only image there is", None, (), {OLD_TAG: image(), "v11": image()}, OLD_TAG),
        ("of several nobody knows which", None, (), {OLD_TAG: image(), NEW_TAG: image()}, "v1"),
    ],
)
def test_an_image_is_found_by_the_model_that_is_in_it(what, version, kept, images, tag):
    assert image_tag(1, version, kept, images) == tag, what


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (OLD.origin, NEW.origin, "made from run run-old, now from run run-new"),
        (Origin("r", "m-1"), Origin("r", "m-2"), "made from logged model m-1, now from logged model m-2"),
        (
            Origin("r", "", 1_000),
            Origin("r", "", 2_000),
            (
                "made from what was registered at 1970-01-01T00:00:01+00:00, "
                "now from what was registered at 1970-01-01T00:00:02+00:00"
            ),
        ),
        (None, NEW.origin, "made from a run that nobody noted, now from run run-new"),
        (
            None,
            FILES.origin,
            "made from a run that nobody noted, now from what was registered at 2023-11-14T22:13:20+00:00",
        ),
        (NEW.origin, None, "made from run run-new, now from a run that nobody noted"),
    ],
)
def test_what_two_models_were_made_of_is_told_by_what_tells_them_apart(before, now, words):
    assert difference(before, now) == words


def test_an_origin_is_no_part_of_a_releases_name_and_those_of_before_keep_theirs():
    assert release(1).name == "v1-9b23fc1"
    assert replace(release(1), origin=OLD.origin).name == release(1).name
    assert release_of(OLD).name != release_of(NEW).name != release(1).name


@pytest.mark.parametrize("one", [release(1), release_of(OLD)], ids=["of before", "with its origin"])
def test_a_release_comes_back_from_its_stack_with_its_origin(one):
    told = one.to_variable()
    if told["origin"]:
        told["origin"]["created"] = float(told["origin"]["created"])  # as Terraform gives numbers
    back = Release.from_variable(told)
    assert (back, back.origin) == (one, one.origin)


def test_a_release_of_a_stack_that_knew_no_origins_is_read():
    told = {key: value for key, value in release(1).to_variable().items() if key != "origin"}
    assert Release.from_variable(told) == release(1)


UNCHANGED = [
    ("a release of before serves, and the version is the one that it was built from", serving(release(1))),
    ("it serves, and MLflow was restored as it was", serving(release_of(OLD))),
    ("the version that serves was deleted", serving(release_of(OLD), versions=())),
    ("the version that serves was deleted, and its image is gone", serving(release_of(OLD), versions=(), images=())),
    ("a release of before serves whose version was deleted", serving(release(1), versions=())),
    (
        "the same logged model was registered again under the same number",
        serving(release_of(OLD), versions=(replace(OLD, created=OLD.created + 86_400_000),)),
    ),
    (
        "a remade model serves, and the release of before is still kept",
        serving(release_of(NEW), release(1), versions=(NEW,)),
    ),
]


@pytest.mark.parametrize(("what", "seen"), UNCHANGED, ids=[row[0] for row in UNCHANGED])
def test_nothing_is_planned_where(what, seen):
    verdict = decide(seen)
    assert (verdict.actions, verdict.problems, verdict.sync, verdict.live_version) == ((), (), "Synced", 1)


def aged(seen, age):
    """The image of before was pushed this many seconds after the version was registered."""
    return replace(seen, model_images={"v1": image(CREATED + age)})


REMADE = [
    (
        "the pinned number was given to another model",
        serving(release_of(OLD), versions=(NEW,)),
        CHURN,
        "version 1 is another model than the one that serves: made from run run-old, now from run run-new",
        f"not built yet: image {OLD_TAG} is of another model",
    ),
    (
        "a release of before serves, and its image is older than the version",
        aged(serving(release(1), versions=(NEW,)), -86400),
        CHURN,
        "version 1 is another model than the one that serves: made from a run that nobody noted, now from run run-new",
        "not built yet: image v1 is of another model",
    ),
    (
        "a later version serves, and the number of an earlier release was given to another model",
        serving(release_of(FIVE), release_of(OLD), versions=(NEW, FIVE)),
        CHURN,
        "version 1 is another model than the one that served before: made from run run-old, now from run run-new",
        f"not built yet: image {OLD_TAG} is of another model",
    ),
    (
        "a later version serves, and of the earlier model an image is left",
        replace(
            serving(release_of(FIVE), versions=(NEW, FIVE)),
            model_images={"v1": image(CREATED - 86400), release_of(FIVE).tag: image()},
        ),
        CHURN,
        (
            "version 1 is another model than the one that image v1 was built from: "
            "made from a run that nobody noted, now from run run-new"
        ),
        "not built yet: image v1 is of another model",
    ),
]


@pytest.mark.parametrize(("what", "seen", "wanted", "why", "build"), REMADE, ids=[row[0] for row in REMADE])
def test_another_model_under_the_same_number_is_built_anew_and_said_where(what, seen, wanted, why, build):
    verdict = decide(seen, wanted)
    made, move = verdict.actions
    assert isinstance(made, BuildModelImage)
    assert isinstance(move, Update)
    assert (made.version, made.image, made.reason) == (NEW, release_of(NEW).image, build)
    assert (move.after, move.after.origin, move.reason, move.rollback) == (release_of(NEW), NEW.origin, why, False)
    assert move.spec["live"] == move.spec["releases"][0]["name"] == release_of(NEW).name
    assert move.spec["releases"][0]["origin"] == {"run_id": "run-new", "model_id": "m-new", "created": NEW.created}
    # What serves is kept, as itself: an update that is rolled back needs it.
    assert seen.deployment.live in {one["name"] for one in move.spec["releases"][1:]}


def test_an_endpoint_that_is_gone_is_made_of_the_model_that_the_number_means_now():
    built, deploy = decide(replace(serving(release_of(OLD), versions=(NEW,)), endpoint=None)).actions
    assert isinstance(deploy, Deploy)
    assert (built.version, deploy.after) == (NEW, release_of(NEW))
    assert deploy.reason.startswith("version 1 is another model than the one that served before: ")


def test_a_rollback_to_a_kept_release_whose_version_was_deleted_needs_no_registry():
    verdict = decide(serving(release_of(FIVE), release_of(OLD), versions=(FIVE,)))
    [move] = verdict.actions
    assert (move.after, move.after.origin, move.rollback, move.reason) == (
        release_of(OLD),
        OLD.origin,
        True,
        "the pin went back",
    )


def test_a_registry_that_is_restored_goes_back_to_the_first_model_without_a_build():
    verdict = decide(serving(release_of(NEW), release_of(OLD), versions=(OLD,)))
    [move] = verdict.actions
    assert (move.after, move.rollback) == (release_of(OLD), False)
    assert move.reason.endswith("made from run run-new, now from run run-old")


def test_new_settings_of_a_deleted_version_are_served_from_the_image_that_serves():
    bigger = project(run=Run.MANUAL, endpoint=RealtimeEndpoint("ml.m5.xlarge", 1))
    [move] = decide(serving(release_of(OLD), versions=()), bigger).actions
    assert (move.after.image, move.after.origin) == (release_of(OLD).image, OLD.origin)


def test_of_several_images_of_a_number_that_mlflow_knows_no_more_none_is_deployed():
    seen = serving(release_of(FIVE), versions=(FIVE,), images=(OLD_TAG, NEW_TAG, "v1", release_of(FIVE).tag))
    verdict = decide(seen)
    assert (verdict.actions, verdict.health) == ((), Health.DEGRADED)
    tags = ", ".join(sorted((OLD_TAG, NEW_TAG, "v1")))
    assert verdict.problems[0].what == (
        f"version 1 of model churn does not exist; the newest is 5, and of the images {tags} nothing tells which model "
        "is meant"
    )


@pytest.mark.parametrize("refused", [release_of(OLD), release(1)], ids=["known by its origin", "of before"])
def test_a_remade_version_is_not_quarantined_for_its_namesake(refused):
    refusal = Refusal(refused.identity, "no ping", "2026-01-01T00:00:00+00:00")
    seen = serving(release_of(FIVE), versions=(NEW, FIVE), refusals=(refusal,))
    assert steps(decide(seen)) == ["BuildModelImage", "Update"]
    assert steps(decide(replace(seen, versions=(FIVE,), model_images={refused.tag: image()}))) == []


def test_what_was_live_is_kept_beside_its_namesake_and_as_many_as_are_asked_for():
    seen = serving(release_of(OLD), release_of(FIVE), release(2), versions=(NEW, FIVE))
    kept = decide(seen, project(run=Run.MANUAL, keep=2)).actions[-1].spec["releases"]
    assert [one["name"] for one in kept] == [release_of(one).name for one in (NEW, OLD, FIVE)]


def test_a_remade_model_is_no_rollback_and_a_freeze_withholds_it():
    frozen = replace(desired(CHURN), freeze=(Once("sales", NOW, NOW.replace(year=NOW.year + 1)),))
    seen = observed(serving(release_of(FIVE), release_of(OLD), versions=(NEW, FIVE)))
    made = guard(plan(frozen, seen), frozen, seen, HERE_AND_NOW).projects[0]
    assert (made.actions, steps(replace(made, actions=made.held))) == ((), ["BuildModelImage", "Update"])
