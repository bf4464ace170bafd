"""A real plan for every stack with what it was last applied with: what is told of it, and how it ends."""

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from reconciler.core import names
from reconciler.core.desired import DriftPolicy
from reconciler.core.drift import ResourceDrift
from reconciler.core.homes import Kind, Thing
from reconciler.drift import exit_code, survey
from reconciler.errors import Interrupted, ReadFailed, ReconcilerError, TerraformFailed
from reconciler.reconcile import Options, reconcile
from reconciler.render.drift import drift_document, drift_markdown, show_drift
from support.builders import CODE, PLATFORM, desired, project
from support.fakes import Cloud, Recorder

MOVED = ResourceDrift("aws_sagemaker_endpoint.live[0]", "update", ("endpoint_config_name",))
DEPLOYMENT = names.project_key(PLATFORM.environment, "churn", "deployment")
TRAINING = names.project_key(PLATFORM.environment, "churn", "training")
CHURN, RANKER = project(), project("ranker", pin=None)


@pytest.fixture
def cloud():
    """Everything was applied."""
    made = Cloud()
    reconcile(desired(CHURN, RANKER), made.world, Options(wait=True), Recorder(), lambda _: None)
    return made


def look(cloud, *projects, wanted=(CHURN, RANKER), code=CODE):
    return survey(replace(desired(*wanted), code=code), cloud.world, projects, 2, lambda _: None)


def codes(found):
    return exit_code(found, detailed=False), exit_code(found, detailed=True)


def printed(found):
    console = Console(file=io.StringIO(), width=80, highlight=False)
    show_drift(found, console)
    return console.file.getvalue()


def test_every_stack_is_looked_at_those_of_the_environment_first(cloud):
    found = look(cloud)
    assert [(one.project, one.kind) for one in found.stacks] == [
        (None, "platform"),
        ("churn", "deployment"),
        ("churn", "training"),
        ("ranker", "training"),
    ]
    assert codes(found) == (0, 0)
    assert printed(found).endswith("No drift in 4 stacks.\n")


def test_what_drifted_is_told_by_address_action_and_attributes_in_every_format(cloud):
    cloud.drifted[DEPLOYMENT] = (MOVED,)
    found = look(cloud)
    assert codes(found) == (0, 2)
    assert "  ~ aws_sagemaker_endpoint.live[0]  update: endpoint_config_name\n" in printed(found)
    assert printed(found).endswith("Drift: 1 resource in 1 of 4 stacks.\n")
    assert "- aws\\_sagemaker\\_endpoint.live\\[0\\] (update: endpoint\\_config\\_name)" in drift_markdown(found)
    [stack] = [one for one in drift_document(found)["stacks"] if one["status"] == "Drifted"]
    assert stack["resources"] == [{"address": MOVED.address, "action": "update", "fields": ["endpoint_config_name"]}]


def test_what_git_asks_for_and_nobody_applied_is_no_drift(cloud):
    assert look(cloud, wanted=(project(pin=2, owner="ml", memory=4096),)).drifted == ()


def test_a_stack_that_cannot_be_looked_at_is_unknown_and_keeps_no_other_from_it(cloud):
    cloud.drifted[DEPLOYMENT] = (MOVED,)
    cloud.broken["plan training churn"] = TerraformFailed("terraform plan failed", "look at it")
    found = look(cloud)
    assert codes(found) == (1, 1)
    assert [one.kind for one in found.unknown] == ["training"]
    assert printed(found).endswith("Drift: 1 resource in 1 of 3 stacks, 1 could not be looked at.\n")
    assert "  ! terraform plan failed\n    look at it\n" in printed(found)
    assert json.loads(json.dumps(drift_document(found)))["stacks"][2]["problem"]["what"] == "terraform plan failed"
    assert "terraform plan failed" in drift_markdown(found)


def test_a_stack_whose_first_apply_failed_is_unknown(cloud):
    cloud.stacks[TRAINING] = {}
    assert [one.unknown.remedy for one in look(cloud).unknown] == ["run reconcile"]


@pytest.mark.parametrize("action", ["create", "replace"])
def test_a_state_bucket_that_is_taken_for_gone_although_it_was_read_tells_nothing_of_its_stack(cloud, action):
    bucket = ResourceDrift("aws_s3_bucket.state[0]", action)
    versioning = ResourceDrift("aws_s3_bucket_versioning.state[0]", "replace", ("bucket",))
    key = names.stack_key(PLATFORM.environment, "bootstrap")
    cloud.stacks[key] = {"spec": {"own_bucket": True}}
    cloud.drifted[key] = (bucket, versioning)
    found = look(cloud)
    assert ([one.kind for one in found.unknown], [one.kind for one in found.drifted]) == (
        (["bootstrap"], []) if action == "create" else ([], ["bootstrap"])
    )
    assert codes(found) == ((1, 1) if action == "create" else (0, 2))
    assert ("s3:ListBucket" in printed(found)) == (action == "create")


def test_drift_that_is_ignored_is_shown_and_counts_for_nothing(cloud):
    cloud.drifted[DEPLOYMENT] = (MOVED,)
    found = look(cloud, wanted=(replace(CHURN, drift_policy=DriftPolicy.IGNORE),))
    assert codes(found) == (0, 0)
    assert "1 resource drifted, ignored by its drift policy" in printed(found)


def test_a_stack_with_other_terraform_code_says_that_its_drift_may_be_that(cloud):
    cloud.drifted[DEPLOYMENT] = (MOVED,)
    found = look(cloud, code=replace(CODE, deployment="n" * 12))
    assert printed(found).count("this may be that change") == 1


def test_only_the_chosen_projects_are_looked_at(cloud):
    assert {one.project for one in look(cloud, "churn").stacks} == {"churn"}
    with pytest.raises(ReconcilerError, match=r"no project named chrun; did you mean churn\?"):
        look(cloud, "churn", "chrun")


def test_a_project_that_is_new_in_the_manifest_has_nothing_to_be_looked_at(cloud):
    with pytest.raises(ReconcilerError, match="nothing was ever applied for fraud"):
        look(cloud, "fraud", wanted=(CHURN, project("fraud")))


def test_an_interrupted_look_ends_as_interrupted(cloud):
    cloud.broken["plan training churn"] = Interrupted("stopped")
    with pytest.raises(Interrupted):
        look(cloud)


def test_what_no_state_holds_is_told_with_whose_it_is_in_every_format(cloud):
    by_hand = Thing(Kind.MODEL, "acme-test-by-hand")
    left = Thing(Kind.REPOSITORY, "acme-test/old/model")
    cloud.things = {by_hand: {}, left: names.tags(PLATFORM)}
    found = look(cloud)
    assert codes(found) == (0, 0)
    assert [(one["kind"], one["name"], one["ours"]) for one in drift_document(found)["strays"]] == [
        ("image repository", left.name, True),
        ("model", by_hand.name, False),
    ]
    for text in (printed(found), drift_markdown(found)):
        assert "model acme-test-by-hand is under our names and has not our tags" in text
    assert [one.thing for one in look(cloud, "churn").strays] == []


def test_strays_that_cannot_be_found_are_told_and_hide_nothing_else(cloud):
    cloud.broken["read inventory"] = ReadFailed("throttled")
    found = look(cloud)
    assert codes(found) == (0, 0)
    assert "note: what else there is in AWS could not be read: throttled" in printed(found)
