"""A registered model that was deleted and made anew under the same number, on a cloud in memory."""

from dataclasses import replace

import pytest
from rich.console import Console

from reconciler.commands.trace import read_trail
from reconciler.core import names
from reconciler.core.actions import RegisterModel
from reconciler.core.desired import Run
from reconciler.core.observed import RunStatus, TrainingRun
from reconciler.core.trace import chains
from reconciler.reconcile import Options, exit_code, propose, reconcile
from reconciler.render.text import show_proposal
from reconciler.render.trace import show_trace
from support.builders import PLATFORM, desired, digest, project, version_of
from support.command_line import CommandLine
from support.fakes import Cloud, FakeRegistry, Recorder

V1 = project(pin=1, run=Run.MANUAL)
OLD, NEW = version_of("old"), version_of("new")


@pytest.fixture
def cloud() -> Cloud:
    """Version 1 is live, of a run at commit a; a run at commit b made another model."""
    runs = (
        TrainingRun("run-new", digest("new"), 0, RunStatus.FINISHED, 2, ("m-new",), commit="b" * 40),
        TrainingRun("run-old", digest("old"), 0, RunStatus.FINISHED, 1, ("m-old",), commit="a" * 40),
    )
    cloud = Cloud(runs={"churn": runs}, versions={"churn": (OLD,)})
    run(cloud)
    cloud.calls.clear()
    return cloud


def run(cloud, wanted=V1):
    rounds = reconcile(desired(wanted), cloud.world, Options(), Recorder(), lambda _: None)
    return exit_code(rounds, detailed=False)


def verdict(cloud, wanted=V1):
    return propose(desired(wanted), cloud.world, Options()).plan.projects[0]


def touching(made):
    """Kinds of the actions that touch what serves: whether a model is registered again is the training's to say."""
    return [type(one).__name__ for one in made.actions if not isinstance(one, RegisterModel)]


def serves(cloud):
    """The tag of the image behind the endpoint."""
    configuration = cloud.endpoints[names.endpoint(PLATFORM, "churn")].configuration
    stack = cloud.stacks[names.project_key("test", "churn", "deployment")]["spec"]
    [live] = [one for one in stack["releases"] if configuration.endswith(one["name"])]
    return live["image"].rpartition(":")[2]


def tag(version):
    return names.model_tag(version.number, version.origin.identity)


def traced(cloud):
    found = chains(read_trail("churn", desired(V1), cloud.world, []))
    return [(one.version, one.live, one.registered.value, one.commit[:1]) for one in found if one.version]


def test_the_image_of_the_old_model_is_not_served_for_the_new_one(cloud):
    assert serves(cloud) == tag(OLD)
    cloud.versions["churn"] = (NEW,)
    assert traced(cloud) == [(1, False, "registered", "b"), (1, True, "replaced", "a")]
    assert run(cloud) == 0
    assert cloud.calls == ["build model churn 1", "apply deployment churn"]
    assert serves(cloud) == tag(NEW)
    assert traced(cloud) == [(1, True, "registered", "b"), (1, False, "replaced", "a")]
    assert (verdict(cloud).actions, verdict(cloud).sync) == ((), "Synced")


def test_a_server_that_is_restored_as_it_was_changes_nothing(cloud):
    cloud.versions["churn"] = ()
    assert touching(verdict(cloud)) == []
    cloud.versions["churn"] = (OLD,)
    assert (run(cloud), cloud.calls) == (0, [])


def test_a_new_model_that_is_refused_is_quarantined_and_not_its_namesake(cloud):
    cloud.versions["churn"] = (NEW,)
    move = verdict(cloud).actions[-1]
    cloud.rolls_back = {move.after.name}
    assert run(cloud) == 1
    assert serves(cloud) == tag(OLD)
    assert (verdict(cloud).actions, verdict(cloud).health) == ((), "Degraded")
    cloud.versions["churn"] = (OLD,)
    assert verdict(cloud).problems == ()
    assert (run(cloud), serves(cloud)) == (0, tag(OLD))


def test_a_model_that_is_replaced_between_plan_and_build_is_not_built(cloud):
    proposal = propose(desired(project(pin=1, run=Run.MANUAL)), cloud.world, Options())
    assert proposal.plan.actions == ()
    cloud.versions["churn"] = (NEW,)

    class Replaced(FakeRegistry):
        def version(self, model, number):
            return replace(NEW, model_id="m-third")

    world = replace(cloud.world, registry=Replaced(cloud))
    rounds = reconcile(desired(V1), world, Options(), Recorder(), lambda _: None)
    [failure] = rounds[0][1].failures
    assert failure.error.what == (
        "version 1 of churn is another model than was planned: made from logged model m-new, now from logged model "
        "m-third"
    )
    assert failure.error.remedy == "nothing was pushed; run again: it is planned anew"
    assert (cloud.calls, serves(cloud)) == ([], tag(OLD))


def test_a_release_of_before_keeps_its_image_until_its_number_is_given_to_a_younger_model(cloud):
    before = Cloud(runs=cloud.runs, versions={"churn": (replace(OLD, model_id="", created=0),)})
    run(before)
    before.calls.clear()
    before.pushed["v1"] = OLD.created / 1000 + 30
    before.versions["churn"] = (OLD,)
    assert (serves(before), run(before), before.calls) == ("v1", 0, [])
    assert traced(before) == [(1, True, "registered", "a")]
    before.versions["churn"] = (replace(NEW, created=OLD.created + 86_400_000),)
    assert (run(before), serves(before)) == (0, tag(NEW))
    assert traced(before) == [(1, True, "registered", "b"), (1, False, "replaced", "")]


def test_metrics_of_a_version_that_was_deleted_stay_on_its_dashboard(cloud):
    cloud.metrics = {"run-old": {"loss": 0.5}}
    assert touching(verdict(cloud)) == ["Update"]
    run(cloud)
    cloud.versions["churn"] = ()
    assert touching(verdict(cloud)) == []


def test_the_plan_says_that_it_is_another_model(cloud):
    cloud.versions["churn"] = (NEW,)
    console = Console(width=200, record=True)
    show_proposal(propose(desired(V1), cloud.world, Options()), console)
    text = console.export_text()
    assert f"not built yet: image {tag(OLD)} is of another model" in text
    why = "version 1 is another model than the one that serves: made from run run-old, now from run run-new"
    assert f"CHANGED: {why}" in text


def test_the_trace_says_that_the_number_stands_for_another_model_now(cloud):
    cloud.versions["churn"] = (NEW,)
    console = Console(width=120, record=True)
    seen = read_trail("churn", desired(V1), cloud.world, [])
    show_trace(seen, chains(seen), console)
    assert "version 1, live, another model than the one that has this number in MLflow now\n" in console.export_text()


def test_a_plan_file_is_refused_once_its_version_became_another_model_and_the_history_tells_which_was_brought(
    tmp_path, monkeypatch
):
    line = CommandLine(tmp_path / "repo", monkeypatch)
    line.want("churn", deployment={"version": 1})
    assert line.run("--wait").code == 0
    [made] = line.cloud.versions["churn"]
    line.cloud.versions["churn"] = (made, replace(version_of("old", 2), run_id=made.run_id))
    line.want("churn", deployment={"version": 2})
    assert line.run("--dry-run", "--out", "plan.json").code == 0
    new = replace(version_of("new", 2), run_id=made.run_id)
    line.cloud.versions["churn"] = (made, new)
    line.cloud.calls.clear()
    ran = line.run("--plan", "plan.json")
    assert (ran.code, line.cloud.calls) == (4, [])
    assert "churn: its versions moved" in ran.out
    assert line.run().code == 0
    images = [one.image for record in line.cloud.records for one in record.projects if one.project == "churn"]
    assert images == ["v1", tag(new)]
