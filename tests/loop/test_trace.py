"""`reconcile trace` on a cloud in memory that a model was trained and deployed in."""

import json

import pytest
from rich.console import Console

from reconciler.commands.trace import asked_for, read_trail
from reconciler.core import names
from reconciler.core.trace import chains
from reconciler.errors import ReadFailed, ReconcilerError
from reconciler.reconcile import Options, reconcile
from reconciler.render.trace import show_trace, trace_document
from support.builders import PLATFORM, desired, project
from support.fakes import Cloud, Recorder

V2 = project(pin=2, revision=1)


@pytest.fixture(scope="module")
def cloud() -> Cloud:
    """Version 1 was live, version 2 is."""
    cloud = Cloud()
    for wanted in (project(pin=1), V2):
        reconcile(desired(wanted), cloud.world, Options(wait=True), Recorder(), lambda _: None)
    return cloud


def trail(cloud: Cloud, *projects, name: str = "churn"):
    return read_trail(name, desired(*projects), cloud.world, [])


def test_a_version_is_traced_through_everything_that_really_happened(cloud):
    second, first = chains(trail(cloud, V2))
    assert (second.version, second.live, first.version, first.live) == (2, True, 1, False)
    assert (second.commit, second.digest, second.run) == ("c" * 40, V2.source.digest, "churn-run-2")
    assert second.job in {job.id for _, job in cloud.jobs}
    assert second.training_image.uri.endswith(f"churn/training:{V2.source.digest[:12]}")
    assert second.model_image.uri.endswith("churn/model:v2")
    assert second.configurations[0].name == cloud.endpoints[names.endpoint(PLATFORM, "churn")].configuration


def test_a_project_that_left_the_manifest_is_traced_by_its_state(cloud):
    assert [chain.version for chain in chains(trail(cloud))] == [2, 1]


def test_there_is_a_way_back_from_every_identifier(cloud):
    found = chains(trail(cloud, V2))
    for chain in found:
        for word in chain.identifiers:
            assert chain in asked_for(found, word, "churn")


def test_a_project_that_nobody_knows_is_an_error(cloud):
    with pytest.raises(ReconcilerError, match="no project named ranker"):
        trail(cloud, V2, name="ranker")


def test_a_word_that_nothing_holds_is_an_error(cloud):
    with pytest.raises(ReconcilerError, match="nothing of churn holds v9"):
        asked_for(chains(trail(cloud, V2)), "v9", "churn")


def test_a_word_that_may_mean_several_things_is_an_error_that_names_them(cloud):
    with pytest.raises(ReconcilerError, match="churn-run may mean 2 things: churn-run-1, churn-run-2"):
        asked_for(chains(trail(cloud, V2)), "churn-run", "churn")


def test_what_cannot_be_read_is_never_an_empty_past(cloud):
    cloud.broken = {"read images": ReadFailed("could not read ECR")}
    try:
        with pytest.raises(ReadFailed):
            trail(cloud, V2)
    finally:
        cloud.broken = {}


def test_the_text_is_one_block_for_each_version(cloud):
    console = Console(width=80, record=True)
    seen = trail(cloud, V2)
    show_trace(seen, chains(seen), console)
    text = console.export_text()
    assert text.startswith(f"version 2, live\n  commit   {'c' * 40}\n  source   {V2.source.digest}\n")
    assert "\n\nversion 1\n" in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_document_is_json_and_says_the_same(cloud):
    seen = trail(cloud, V2)
    document = json.loads(json.dumps(trace_document(seen, chains(seen), [])))
    assert document["format"] == 1
    assert [(one["version"], one["live"], one["commit"]) for one in document["chains"]] == [
        (2, True, "c" * 40),
        (1, False, "c" * 40),
    ]


def test_a_project_that_was_renamed_is_traced_by_what_people_call_it_now(cloud):
    renamed = project(pin=2, revision=1, renamed="fraud")
    found = trail(cloud, renamed, name="fraud")
    assert [chain.version for chain in chains(found)] == [2, 1]
    assert trace_document(found, (), ())["project"] == "fraud"


def test_a_training_that_made_no_version_says_how_it_ended():
    cloud, console = Cloud(fails_to_train={"churn"}), Console(width=80, record=True)
    reconcile(desired(project()), cloud.world, Options(wait=True), Recorder(), lambda _: None)
    seen = trail(cloud, project())
    show_trace(seen, chains(seen), console)
    assert console.export_text().startswith("no version, run failed\n  commit   ccc")
