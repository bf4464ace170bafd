"""Strays are found by names, states and tags; a read that failed never passes for nothing found."""

from dataclasses import replace

import pytest

from reconciler.core import names
from reconciler.core.actions import Deploy, ProvisionTraining
from reconciler.core.homes import Kind, Thing
from reconciler.core.observed import ModelVersion
from reconciler.errors import ReadFailed
from reconciler.observe import observe
from reconciler.ports import RESOURCES
from reconciler.reconcile import Options, propose, reconcile
from support.builders import PLATFORM, desired, live, project, release
from support.fakes import Cloud, Recorder

OURS = names.tags(PLATFORM)
DEPLOYMENT = names.project_key(PLATFORM.environment, "churn", "deployment")
MODEL = Thing(Kind.MODEL, names.configuration(PLATFORM, "churn", release(1).name))
ENDPOINT = Thing(Kind.ENDPOINT, "acme-test-churn")
ROLE = Thing(Kind.ROLE, "acme-test-churn-serving")
ADDRESS = f'aws_sagemaker_model.release["{release(1).name}"]'


def seen(cloud, *wanted):
    return observe(desired(*wanted), cloud.world)


def test_what_a_state_holds_is_no_stray():
    cloud = Cloud(things={MODEL: OURS}, stacks={DEPLOYMENT: {RESOURCES: [ADDRESS]}})
    assert seen(cloud, project()).projects["churn"].strays == ()


def test_what_no_state_holds_is_a_stray_and_its_tags_say_whose():
    cloud = Cloud(things={MODEL: OURS, ROLE: {}}, stacks={DEPLOYMENT: {RESOURCES: ["aws_ecr_repository.model"]}})
    found = seen(cloud, project()).projects["churn"].strays
    assert [(one.thing, one.ours) for one in found] == [(MODEL, True), (ROLE, False)]


def test_strays_of_no_known_project_belong_to_the_environment():
    found = seen(Cloud(things={MODEL: OURS}))
    assert [one.thing for one in found.strays] == [MODEL]


def test_tags_that_cannot_be_read_leave_their_project_unknown():
    cloud = Cloud(endpoints={"acme-test-churn": live(release(1))})
    cloud.broken["read tags of endpoint"] = ReadFailed("throttled")
    found = seen(cloud, project(), project("ranker"))
    assert [one.source for one in found.projects["churn"].unread] == [f"the tags of {ENDPOINT}"]
    assert found.projects["ranker"].unread == ()


def test_a_search_that_failed_is_told_and_keeps_nothing_from_being_done():
    cloud = Cloud(broken={"read inventory": ReadFailed("throttled")})
    found = seen(cloud, project())
    assert (found.unread, [one.reason for one in found.unsearched]) == ((), ["throttled"])


@pytest.mark.parametrize("source", ["read state", "read endpoints"])
def test_without_every_state_nothing_is_a_stray(source):
    cloud = Cloud(things={MODEL: OURS}, broken={source: ReadFailed("throttled")})
    assert seen(cloud).strays == ()


def test_an_endpoint_left_by_a_killed_run_is_taken_in_and_then_all_is_in_sync():
    cloud = Cloud(things={ENDPOINT: OURS})
    wait = Options(wait=True)
    reconcile(desired(project(pin=None)), cloud.world, wait, Recorder(), lambda _: None)
    cloud.endpoints[ENDPOINT.name] = live(release(1))
    [(first, _)] = reconcile(desired(project()), cloud.world, wait, Recorder(), lambda _: None)
    assert first.plan.actions[-1].spec["adopt"] == ["aws_sagemaker_endpoint.live[0]"]
    [(second, _)] = reconcile(desired(project()), cloud.world, wait, Recorder(), lambda _: None)
    assert second.plan.actions == ()


BUCKET = Thing(Kind.BUCKET, "acme-test-churn-123456789012")
SCHEDULE = Thing(Kind.ROLE, "acme-test-churn-schedule")


def test_a_bucket_and_a_schedules_role_are_looked_for_where_the_manifest_asks_for_them():
    cloud = Cloud(things={BUCKET: OURS, SCHEDULE: OURS})
    assert seen(cloud, project()).projects["churn"].strays == ()
    wanted = project(serving={"capture": 20})
    wanted = replace(wanted, training=replace(wanted.training, schedule="rate(1 day)"))
    assert [one.thing for one in seen(cloud, wanted).projects["churn"].strays] == [BUCKET, SCHEDULE]
    cloud.versions["churn"] = (ModelVersion(1, "run-1"),)
    plans = propose(desired(wanted), cloud.world, Options()).plan.projects[0].actions
    taken = [action.spec.get("adopt") for action in plans if isinstance(action, ProvisionTraining | Deploy)]
    assert taken == [["aws_iam_role.schedule[0]"], ["aws_s3_bucket.data[0]"]]


PLATFORMS = names.stack_key(PLATFORM.environment, "platform")


def test_what_a_stopped_run_made_whole_of_the_platform_is_kept_and_the_rest_is_made_anew():
    cloud = Cloud(stacks={PLATFORMS: {RESOURCES: []}})
    cloud.tainted[PLATFORMS] = ("aws_iam_instance_profile.instance", "aws_launch_template.training")
    reconcile(desired(project(pin=None)), cloud.world, Options(), Recorder(), lambda _: None)
    platforms = [call for call in cloud.calls if "platform" in call]
    assert platforms == ["untaint platform", "apply platform"]


def test_tags_of_the_platforms_that_cannot_be_read_leave_the_environment_unknown():
    cloud = Cloud(broken={"read tags of launch template": ReadFailed("throttled")})
    made = propose(desired(project()), cloud.world, Options()).plan
    assert (made.platform, made.actions, made.projects[0].sync) == (None, (), "Unknown")
    assert made.problems[0].what.startswith("the tags of launch template acme-test-training could not be read")
