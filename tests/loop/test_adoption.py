"""An endpoint that somebody else made becomes ours by its tags, and by our own release once git asks for another."""

from dataclasses import replace

import pytest
import yaml

from reconciler.adoption import adopt, look
from reconciler.core import names
from reconciler.core.actions import RestoreGuardrails, Update
from reconciler.core.desired import Run, ServerlessEndpoint
from reconciler.core.homes import Kind, Thing
from reconciler.core.observed import LiveEndpoint, ModelVersion, Serving
from reconciler.errors import ReconcilerError, Refused
from reconciler.reconcile import Options, propose, reconcile
from support.builders import GUARDRAILS, PLATFORM, REALTIME, desired, project, version_of
from support.fakes import OUTPUTS, Cloud, Recorder

NAME, FOREIGN = "acme-test-churn", "their-configuration"
THING = Thing(Kind.ENDPOINT, NAME)
WANTED = project(pin=2, run=Run.MANUAL)


@pytest.fixture
def cloud():
    """Somebody made an endpoint under our name, from a model that MLflow knows."""
    return Cloud(
        endpoints={NAME: LiveEndpoint(NAME, "InService", FOREIGN, guarded=False, instances=1)},
        servings={FOREIGN: Serving(REALTIME, "AllTraffic")},
        versions={"churn": (ModelVersion(1, "r"), ModelVersion(2, "r"), ModelVersion(3, "r"))},
    )


def adopted(cloud, *projects):
    found = look(desired(*projects), cloud.world, "churn", 2, None)
    adopt(found, cloud.world)
    return found


def verdict(cloud, wanted=WANTED):
    return propose(desired(wanted), cloud.world, Options()).plan.projects[0]


def kinds(made):
    return [type(action).__name__ for action in made.actions]


def test_adopting_tags_the_endpoint_and_touches_nothing_else(cloud):
    before = dict(cloud.endpoints)
    found = adopted(cloud)
    assert cloud.calls == [f"tag {NAME}"]
    assert cloud.endpoints == before
    assert cloud.things[THING] == {
        **names.tags(PLATFORM),
        "reconciler:adopted": FOREIGN,
        "reconciler:version": "2",
    }
    assert yaml.safe_load(found.lines)["projects"]["churn"] == {
        "training": {"run": "manual"},
        "deployment": {
            "version": 2,
            "endpoint": {"type": "realtime", "instance_type": "ml.m5.large", "instances": 1},
            "rollout": {"strategy": "all_at_once", "bake": "2m"},
        },
    }


def test_lines_of_a_known_project_are_its_deployments_alone(cloud):
    assert list(yaml.safe_load(adopted(cloud, project(pin=None)).lines)["projects"]["churn"]) == ["deployment"]


def test_after_its_lines_are_written_there_is_nothing_to_deploy(cloud):
    adopted(cloud)
    made = verdict(cloud)
    assert kinds(made) == ["ProvisionTraining"]
    assert (made.health, made.live_version, made.problems) == ("Healthy", 2, ())


@pytest.mark.parametrize(
    "wanted",
    [project(pin=3, run=Run.MANUAL), project(pin=2, run=Run.MANUAL, endpoint=replace(REALTIME, instances=2))],
    ids=["another version", "other settings"],
)
def test_another_pin_or_other_settings_import_it_and_move_it_to_our_own_release(cloud, wanted):
    adopted(cloud)
    update = verdict(cloud, wanted).actions[-1]
    assert isinstance(update, Update)
    assert update.reason == "it was adopted, and moves to a release of ours"
    assert (update.spec["adopt"], update.spec["unguarded"]) == (["aws_sagemaker_endpoint.live[0]"], True)


def test_an_adopted_version_whose_number_is_given_to_another_model_moves_to_that_one(cloud):
    cloud.versions["churn"] = tuple(version_of("old", number) for number in (1, 2))
    adopted(cloud)
    assert cloud.things[THING]["reconciler:identity"] == version_of("old").origin.identity
    assert kinds(verdict(cloud)) == ["ProvisionTraining"]
    cloud.versions["churn"] = ()
    assert kinds(verdict(cloud)) == ["ProvisionTraining"]
    cloud.versions["churn"] = tuple(version_of("new", number) for number in (1, 2))
    made = verdict(cloud)
    assert kinds(made)[-2:] == ["BuildModelImage", "Update"]
    assert made.actions[-1].reason == "version 2 is another model than the one that was adopted"


def test_the_same_run_gives_it_its_guardrails_and_then_all_is_in_sync(cloud, monkeypatch):
    adopted(cloud)
    monkeypatch.setitem(OUTPUTS, "deployment", {"guardrails": GUARDRAILS})
    wanted = desired(project(pin=3, run=Run.MANUAL))
    rounds = reconcile(wanted, cloud.world, Options(), Recorder(), lambda _: None)
    assert [type(step) for step in rounds[1][1].projects[0].done] == [RestoreGuardrails]
    made = propose(wanted, cloud.world, Options()).plan.projects[0]
    assert (made.actions, made.sync, made.live_version) == ((), "Synced", 3)


@pytest.mark.parametrize(
    ("serving", "wanted", "says"),
    [
        (Serving(REALTIME, "blue"), project(pin=3, run=Run.MANUAL), "variant is named blue"),
        (
            Serving(REALTIME, "AllTraffic"),
            project(pin=2, run=Run.MANUAL, endpoint=ServerlessEndpoint(2048, 5)),
            "another kind",
        ),
    ],
)
def test_what_sagemaker_would_refuse_is_said_before(cloud, serving, wanted, says):
    cloud.servings[FOREIGN] = serving
    adopted(cloud)
    made = verdict(cloud, wanted)
    assert "Update" not in kinds(made)
    assert says in made.problems[0].what


def test_without_adopting_it_is_somebody_elses(cloud):
    assert "adopt churn" in verdict(cloud).problems[0].remedy


def test_an_endpoint_that_is_ours_is_refused(cloud):
    adopted(cloud)
    with pytest.raises(Refused, match="is ours already: adopted as version 2"):
        adopted(cloud)


def moved(cloud, **more):
    cloud.endpoints[NAME] = replace(cloud.endpoints[NAME], **more)


@pytest.mark.parametrize(
    ("spoil", "error", "says"),
    [
        (lambda cloud: cloud.endpoints.clear(), ReconcilerError, "there is no endpoint acme-test-churn"),
        (lambda cloud: moved(cloud, status="Updating"), Refused, "is Updating"),
        (lambda cloud: cloud.servings.update({FOREIGN: Serving(None, "a")}), Refused, "no manifest can say"),
        (lambda cloud: cloud.versions.clear(), ReconcilerError, "version 2 of model churn does not exist"),
    ],
    ids=["none", "on the move", "two variants", "no such version"],
)
def test_what_cannot_be_adopted_is_said_and_nothing_is_tagged(cloud, spoil, error, says):
    spoil(cloud)
    with pytest.raises(error, match=says):
        adopted(cloud)
    assert cloud.calls == []
