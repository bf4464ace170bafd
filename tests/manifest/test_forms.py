"""Names that another program has to read as well."""

import re

import pytest

from reconciler.manifest import forms

TAKEN = [
    "churn",
    "Iris Model v2",
    "50% off",
    "%41",
    "größe",
    "gro\u0308ße",
    "a#b",
    "a@b",
    "a\\b",
    ".a",
    "a..",
    "🙂",
    "m" * 200,
]
REFUSED = [
    "", ".", "..", "...", "..a", "a/b", "a:b", "a?b", "?", "a'b", 'a"b', "a`b", " a", "a ", "a  b", "a\tb", "a\nb",
    "m" * 201, "a\u00a0b", "a\u200bb", "a\u202eb", "\ufeffa", "a\u2028b", "\x7f",
]  # fmt: skip


@pytest.mark.parametrize("name", TAKEN)
def test_a_model_may_have_every_name_that_mlflow_can_address(name):
    assert forms.model(name) == name


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_mlflow_cannot_address_or_nobody_can_see_is_refused(name):
    with pytest.raises(ValueError, match=f"^{re.escape(name)}$"):
        forms.model(name)


@pytest.mark.parametrize("name", TAKEN)
def test_mlflow_reads_every_name_that_is_taken_as_a_name(name):
    models = pytest.importorskip("mlflow.store.artifact.utils.models")
    validation = pytest.importorskip("mlflow.utils.validation")
    validation._validate_model_name(name)
    found = models._parse_model_uri(f"models:/{name}/7")
    assert (found.name, found.version) == (name, "7")
