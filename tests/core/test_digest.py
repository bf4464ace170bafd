"""Two values have one digest exactly when they are one value."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.actions import RetireDeployment, RetireTraining
from reconciler.core.desired import AsyncEndpoint, RealtimeEndpoint, Run
from reconciler.core.digest import digest
from support.builders import converged, desired, live, observed, project, release

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1), inner, max_size=4),
    max_leaves=12,
)


@dataclass(frozen=True)
class Noted:
    name: str
    at: float = field(default=0.0, compare=False)


ALIKE = [
    ({"a": 1, "b": [1.0, 2.5]}, {"b": (1, 2.5), "a": 1.0}),
    (frozenset({"x", "y", "z"}), frozenset({"z", "y", "x"})),
    ({Run.MANUAL: Run.ON_CHANGE}, {"manual": "on_change"}),
    (Noted("a", 1.0), Noted("a", 2.0)),
    (-0.0, 0),
    (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))),
]
UNLIKE = [
    (RetireDeployment("churn", "why"), RetireTraining("churn", "why")),
    (RealtimeEndpoint("ml.m5.large"), AsyncEndpoint("ml.m5.large")),
    (["a", "b"], ["b", "a"]),
    (True, 1),
    (None, ""),
    (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)),
    (time(18), time(18, 30)),
    (ZoneInfo("Europe/Berlin"), UTC),
    ("1", 1),
    ({"a": {}}, {"a": []}),
    (live(release(1)), live(release(1), status="Updating")),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_one_value_has_one_digest_however_it_is_written(one, other):
    assert digest(one) == digest(other)


@pytest.mark.parametrize(("one", "other"), UNLIKE)
def test_two_values_have_two_digests(one, other):
    assert digest(one) != digest(other)


def test_a_digest_is_the_sha256_of_canonical_json():
    assert digest({"b": (1, 2.0), "a": None}) == hashlib.sha256(b'{"a":null,"b":[1,2]}').hexdigest()


def test_whole_states_have_digests_that_move_with_them():
    wanted, seen = desired(project()), observed(converged(project()))
    assert digest(wanted) == digest(desired(project()))
    assert digest(wanted) != digest(desired(project(memory=4096)))
    assert digest(seen) != digest(replace(seen, account="999999999999"))


@given(JSON, JSON)
def test_digests_are_equal_exactly_when_values_are(one, other):
    assert (digest(one) == digest(other)) == (repr(_exact(one)) == repr(_exact(other)))


def _exact(value):
    """True is not 1, and 1.0 is."""
    match value:
        case float():
            return int(value) if value.is_integer() else value
        case list():
            return [_exact(item) for item in value]
        case dict():
            return {key: _exact(value[key]) for key in sorted(value)}
        case _:
            return value


@pytest.mark.parametrize(
    ("value", "error"), [(object(), TypeError), ({"a": b""}, TypeError), (float("nan"), ValueError)]
)
def test_what_has_no_canonical_form_is_refused(value, error):
    with pytest.raises(error):
        digest(value)
