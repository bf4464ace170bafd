"""What AWS would not make because it is there already: ours is imported in the same run, anybody else's is named."""

import pytest

from reconciler.core import names
from reconciler.core.homes import Kind, Thing
from reconciler.errors import AlreadyThere, Busy, ReadFailed, TerraformFailed
from reconciler.ports import RESOURCES
from reconciler.reconcile import Options, exit_code, reconcile
from reconciler.strays import owner
from support.builders import PLATFORM, desired, live, project, release
from support.fakes import Cloud, FakeTerraform, Recorder

OURS = names.tags(PLATFORM)
ROLE = Thing(Kind.ROLE, "acme-test-churn-serving")
GROUP = Thing(Kind.LOG_GROUP, "/aws/sagemaker/Endpoints/acme-test-churn")
QUEUE = Thing(Kind.QUEUE, "acme-test-fargate")
ENDPOINT = Thing(Kind.ENDPOINT, "acme-test-churn")
ADDRESSES = {
    ROLE: "aws_iam_role.serving",
    GROUP: "aws_cloudwatch_log_group.endpoint",
    QUEUE: 'aws_batch_job_queue.pool["fargate"]',
    ENDPOINT: "aws_sagemaker_endpoint.live[0]",
}
STACKS = {ROLE: "deployment", GROUP: "deployment", QUEUE: "platform", ENDPOINT: "deployment"}


class Losing(FakeTerraform):
    """Makes things, one after the other, whose answers are lost; what is imported is in a state from then on."""

    def __init__(self, cloud, tags, *lost, then=None):
        super().__init__(cloud)
        self.tags, self.lost, self.then = tags, list(lost), then or {}

    def apply(self, kind, project, variables, say):
        adopted = variables.get("adopt", ())
        self.lost = [thing for thing in self.lost if ADDRESSES[thing] not in adopted]
        for thing in self.lost:
            if STACKS[thing] == kind and (thing is not ENDPOINT or variables["live"]):
                self.cloud.things[thing] = self.tags
                if thing is ENDPOINT:
                    self.cloud.endpoints[thing.name] = live(release(1), status="Creating")
                    self.cloud.settles[thing.name] = live(release(1))
                self.cloud.broken.update(self.then)
                raise AlreadyThere(f"creating {thing}: already exists", "see whose it is", (ADDRESSES[thing],))
        if ADDRESSES[ENDPOINT] in adopted:
            assert self.cloud.endpoints[ENDPOINT.name].status == "InService", (
                "what comes after it needs one that serves"
            )
        super().apply(kind, project, variables, say)
        key = names.project_key(PLATFORM.environment, project, kind) if project else names.stack_key("test", kind)
        self.cloud.stacks[key][RESOURCES] = [*self.cloud.stacks[key].get(RESOURCES, ()), *adopted]


def run(cloud, terraform, wanted):
    recorder, world = Recorder(), cloud.world
    world = type(world)(**{**{name: getattr(world, name) for name in world.__slots__}, "terraform": terraform})
    rounds = reconcile(desired(wanted), world, Options(wait=True), recorder, lambda _: None)
    return exit_code(rounds, detailed=False), rounds, recorder.events


@pytest.mark.parametrize(
    "lost", [(ROLE,), (ROLE, GROUP), (QUEUE,), (ENDPOINT,), (QUEUE, ROLE, GROUP, ENDPOINT)], ids=str
)
def test_what_a_lost_answer_made_of_ours_is_taken_in_by_the_same_run(lost):
    cloud = Cloud()
    code, _, events = run(cloud, Losing(cloud, OURS, *lost), project())
    assert code == 0
    assert cloud.endpoints[ENDPOINT.name].configuration == names.configuration(PLATFORM, "churn", release(1).name)
    for thing in lost:
        assert any(f"{thing} exists already under our tags and is in no state: it is taken in" in one for one in events)


def test_somebody_elses_is_named_with_the_tags_of_its_owner_and_nobody_is_told_to_delete_it():
    cloud = Cloud()
    theirs = {"Team": "fraud", "owner": "ann", "password": "hunter2"}
    code, rounds, _ = run(cloud, Losing(cloud, theirs, ROLE), project())
    [failure] = rounds[-1][1].failures
    assert (code, cloud.things[ROLE]) == (1, theirs)
    assert f"{ROLE} has not our tags (its tags say Team=fraud, owner=ann): it is somebody else's" in failure.error.what
    assert "give the project another name, or ask its owner" in failure.error.remedy
    assert "delete" not in failure.error.remedy
    assert "hunter2" not in failure.error.what


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ({}, "it has no tags"),
        ({"password": "hunter2"}, "none of its tags says whose it is"),
        ({"Owner": "ann", "password": "hunter2"}, "its tags say Owner=ann"),
        ({"owner": "a" * 200}, f"its tags say {('owner=' + 'a' * 200)[:80]}"),
    ],
)
def test_of_somebody_elses_tags_only_those_are_told_that_say_whose_it_is(tags, told):
    assert owner(tags) == told


def test_what_cannot_be_looked_at_again_is_a_failure_with_the_reason_of_that():
    cloud = Cloud()
    denied = {"read inventory": ReadFailed("access denied to ListModels", "allow it")}
    code, rounds, _ = run(cloud, Losing(cloud, OURS, ROLE, then=denied), project())
    [failure] = rounds[-1][1].failures
    assert (code, "already exists" in failure.error.what) == (1, True)
    assert "access denied to ListModels" in failure.error.what


def serving():
    cloud = Cloud()
    reconcile(desired(project(pin=1)), cloud.world, Options(wait=True), Recorder(), lambda _: None)
    return cloud


class BusyWith(FakeTerraform):
    """The first update of the endpoint is taken, and its answer lost: repeated, it meets itself."""

    met = 0

    def apply(self, kind, project, variables, say):
        if kind == "deployment" and not self.met:
            self.met += 1
            name = names.endpoint(PLATFORM, project)
            wanted = names.configuration(PLATFORM, project, variables["live"])
            self.cloud.endpoints[name] = live(release(1), status="Updating")
            self.cloud.settles[name] = live(release(2)) if wanted.endswith(release(2).name) else live(release(1))
            raise Busy("somebody else is changing it: Cannot update in-progress endpoint", "the next run goes on")
        super().apply(kind, project, variables, say)


def test_an_update_that_met_itself_ends_well_in_the_same_run():
    cloud = serving()
    code, rounds, _ = run(cloud, BusyWith(cloud), project(pin=2, revision=1))
    assert (code, rounds[-1][1].stops if rounds[-1][1] else ()) == (0, ())
    assert cloud.endpoints[ENDPOINT.name].configuration.endswith(release(2).name)


def test_an_endpoint_that_cannot_be_read_afterwards_does_not_hide_how_terraform_failed():
    cloud = serving()

    class Expiring(FakeTerraform):
        def apply(self, kind, project, variables, say):
            if kind != "deployment":
                super().apply(kind, project, variables, say)
                return
            self.cloud.broken["read endpoints"] = ReadFailed("the AWS credentials have expired", "sign in")
            raise TerraformFailed("terraform apply failed: HeadObject, BadRequest", "")

    code, rounds, _ = run(cloud, Expiring(cloud), project(pin=2, revision=1))
    error = rounds[-1][1].failures[0].error
    assert (code, isinstance(error, TerraformFailed), error.remedy) == (1, True, "sign in")
    assert error.what.splitlines() == [
        "the AWS credentials have expired",
        "  terraform apply failed: HeadObject, BadRequest",
    ]
