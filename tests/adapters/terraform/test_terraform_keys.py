"""What a fresh folder's Terraform asks of the state bucket is within what the roles of the workflows may do there."""

from concurrent.futures import ThreadPoolExecutor
from shutil import rmtree

import pytest

from reconciler.core import names
from support.narrow_bucket import NarrowBucket, serving

WORD = {"word": "hello"}


@pytest.fixture
def narrow():
    return NarrowBucket("prod", "states")


@pytest.fixture
def as_a_role(narrow, terraform, s3):
    with serving(narrow) as address:
        yield terraform(AWS_ENDPOINT_URL=address)


@pytest.mark.parametrize(("kind", "project"), [("training", "churn"), ("platform", None)])
def test_a_fresh_runner_applies_plans_and_destroys_with_keys_of_the_environment_alone(
    kind, project, as_a_role, narrow, said, work
):
    as_a_role.apply(kind, project, WORD, said.append)
    rmtree(work)
    assert as_a_role.plan(kind, project, WORD, said.append) == ()
    rmtree(work)
    as_a_role.destroy(kind, project, WORD, said.append)
    assert said.count(f"initialising Terraform for the {kind} stack") == 3
    assert narrow.keys
    assert narrow.refused == []


def test_projects_that_are_new_share_one_folder_side_by_side(as_a_role, narrow, store, said):
    projects = ("churn", "fraud", "wine")
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda project: as_a_role.apply("training", project, WORD, said.append), projects))
    assert narrow.refused == []
    assert said.count("initialising Terraform for the training stack") == 1
    assert {found["workspace"] for found in store.stacks().values()} == set(projects)


def test_a_survey_of_what_stands_writes_nothing(as_a_role, narrow, said, work):
    as_a_role.apply("training", "churn", WORD, said.append)
    rmtree(work)
    narrow.writes.clear()
    as_a_role.plan("training", "churn", {"word": "bye"}, said.append)
    assert narrow.writes == []


def test_another_environments_state_is_never_asked_for(as_a_role, narrow, store, said):
    as_a_role.apply("training", "churn", WORD, said.append)
    state = names.project_key("prod", "churn", "training")
    assert set(narrow.keys) == {"prod/projects/", state, f"{state}.tflock"}
