"""Which values of a change a person sees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.actions import Change
from reconciler.render.values import SHOWN, detail

CANARY = "canary-7f3a"

TOLD = [
    (Change("memory", 2048, 4096.0), "memory: 2048 -> 4096.0"),
    (Change("owner", "", "ml"), "owner:  -> ml"),
    (Change("capture", False, True), "capture: false -> true"),
    (Change("image", "1.ecr/a:old", "1.ecr/a:new"), "image: old -> new"),
    (Change("image", None, "1.ecr/a:new"), "image: (none) -> new"),
    (Change("subnet_ids[1]", "subnet-a", "subnet-b"), "subnet_ids[1]: subnet-a -> subnet-b"),
    (Change("subnet_ids", ["subnet-a"], []), "subnet_ids: subnet-a -> "),
    (Change("serverless", None, {"memory": 2048, "max_concurrency": 5}),
     "serverless: (none) -> memory 2048, max_concurrency 5"),
    (Change("metrics.ndcg", "0.41", "0.42"), "metrics.ndcg: 0.41 -> 0.42"),
    (Change("tracking_uri", f"https://u:{CANARY}@mlflow.acme.io:444/x?token={CANARY}#y", "http://mlflow"),
     "tracking_uri: https://mlflow.acme.io:444/x -> http://mlflow"),
    (Change("code_digest", CANARY, "b"), "the Terraform code of this stack changed"),
]  # fmt: skip
HIDDEN = [
    Change("policy", CANARY, ""),
    Change("alert_emails[0]", CANARY, "a@b.c"),
    Change("vpn.server_certificate_arn", "", CANARY),
    Change("database.engine", "mysql", CANARY),
    Change("never_heard_of", CANARY, None),
    Change("serverless", {"memory": 2048, "smuggled": CANARY}, None),
    Change("owner", {"smuggled": CANARY}, "ml"),
    Change("memory", 1, [{"smuggled": CANARY}]),
    Change("image", [CANARY], "1.ecr/a:new"),
    Change("tracking_uri", "http://[" + CANARY, "http://mlflow"),
    Change("metrics.ndcg", CANARY, "0.42"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "told"), TOLD, ids=[row[0].field for row in TOLD])
def test_what_is_on_the_list_is_shown(change, told):
    assert detail(change) == told


@pytest.mark.parametrize("change", HIDDEN, ids=[row.field for row in HIDDEN])
def test_of_everything_else_it_is_said_that_it_changed(change):
    assert detail(change) == f"{change.field}: changed"


def test_what_looks_like_a_secret_is_hidden_wherever_it_stands():
    assert detail(Change("owner", "AKIAIOSFODNN7EXAMPLE", "x" * 90)) == f"owner: *** -> {'x' * 57}..."


VALUES = st.recursive(
    st.just(CANARY) | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("ab"), inner)
)


@given(st.text(min_size=1).filter(lambda field: field not in SHOWN | {"image"}), VALUES, VALUES)
def test_no_field_shows_its_values_by_accident(field, before, after):
    assert CANARY not in detail(Change(field, before, after))
