"""What an environment asks of the commit that it is changed from."""

import json

import pytest

from reconciler.core.restraint import Requires

PROJECTS = "projects: {b: {source: ml-projects/a}, a: {}}"
PATHS = ("manifests/prod.yaml", "ml-projects/a", "policies", "terraform")
VCPU, MEMORY = ({"type": kind, "value": value} for kind, value in (("VCPU", "1"), ("MEMORY", "2048")))
FALLBACK = {"TF_VAR_default_resource_requirements": json.dumps([VCPU, MEMORY])}


@pytest.mark.parametrize(
    ("written", "requires"),
    [
        ("", Requires()),
        ("requires: {clean_tree: true}", Requires(PATHS)),
        ("requires: {signed_commits: true}", Requires(PATHS, signed=True)),
        ("requires: {clean_tree: false}", Requires()),
    ],
)
def test_a_clean_tree_is_all_that_shapes_the_environment_and_a_signature_asks_for_one(
    desired, checkout, written, requires
):
    checkout.project("a")
    body = f"{written}\n{PROJECTS}" if written else PROJECTS
    assert desired(body, FALLBACK).requires == requires
