"""Which saves are looked at, and when."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.pace import pause
from reconciler.core.saves import LONGEST, QUIET, Burst, Scope, joined

ROOT = Path("/team")
MANIFEST = ROOT / "manifests/prod.yaml"
SCOPE = Scope(frozenset({MANIFEST}), frozenset({ROOT / "ml-projects/churn"}))


@pytest.mark.parametrize(
    ("path", "matters"),
    [
        ("manifests/prod.yaml", True),
        ("manifests/schema.json", False),
        ("manifests/.prod.yaml.swp", False),
        ("ml-projects/churn/train.py", True),
        ("ml-projects/churn/deep/down/MLproject", True),
        ("ml-projects/churn", True),
        ("ml-projects/churned/train.py", False),
        ("ml-projects", True),
        ("ml-projects/churn/.train.py.swp", False),
        ("ml-projects/churn/.train.py.swx", False),
        ("ml-projects/churn/train.py~", False),
        ("ml-projects/churn/4913", False),
        ("ml-projects/churn/#train.py#", False),
        ("ml-projects/churn/.#train.py", False),
        ("ml-projects/churn/train.py___jb_tmp___", False),
        ("ml-projects/churn/mlruns/0/meta.yaml", False),
        ("ml-projects/churn/__pycache__/train.cpython-311.pyc", False),
        ("ml-projects/churn/.git/index", False),
        ("ml-projects/churn/.env.example", True),
    ],
)
def test_only_what_git_would_see_of_the_manifest_and_the_projects_is_looked_at(path, matters):
    assert SCOPE.holds(ROOT / path) is matters


def settled(saves: list[tuple[float, str]]) -> list[tuple[float, set[str]]]:
    """When each change settles, and what it holds."""
    found, burst = [], None
    for now, name in saves:
        if burst and burst.due <= now:
            found.append((burst.due, {str(path) for path in burst.paths}))
            burst = None
        burst = joined(burst, Path(name), now)
    if burst:
        found.append((burst.due, {str(path) for path in burst.paths}))
    return found


@pytest.mark.parametrize(
    ("saves", "changes"),
    [
        ([(0, "a")], [(QUIET, {"a"})]),
        ([(0, "a"), (0.1, "a"), (0.2, "b")], [(0.2 + QUIET, {"a", "b"})]),
        ([(0, "a"), (1, "b")], [(QUIET, {"a"}), (1 + QUIET, {"b"})]),
        ([(0, "a"), (QUIET, "b")], [(QUIET, {"a"}), (QUIET + QUIET, {"b"})]),
    ],
)
def test_saves_that_come_close_together_are_one_change(saves, changes):
    assert settled(saves) == changes


def test_a_change_that_never_comes_to_rest_is_looked_at_all_the_same():
    changes = settled([(tick / 10, "log") for tick in range(100)])
    assert [when for when, _ in changes] == pytest.approx([LONGEST, LONGEST * 2])


@given(st.lists(st.floats(0, 100), min_size=1).map(sorted))
def test_every_save_is_in_exactly_one_change_and_none_waits_longer_than_the_limit(times):
    changes = settled([(now, str(number)) for number, now in enumerate(times)])
    assert sorted(name for _, names in changes for name in names) == sorted(str(n) for n in range(len(times)))
    for when, names in changes:
        assert all(0 < when - times[int(name)] <= LONGEST for name in names)


def test_a_burst_is_due_a_quiet_moment_after_its_last_save():
    assert Burst(frozenset(), 1.0, 2.0).due == 2.0 + QUIET


@pytest.mark.parametrize(
    ("failures", "chance", "seconds"),
    [(0, 0.5, 60), (1, 0.5, 120), (2, 0.5, 240), (3, 0.5, 480), (4, 0.5, 600), (99, 0.5, 600), (0, 0, 54), (0, 1, 66)],
)
def test_the_pause_doubles_with_every_failure_up_to_ten_intervals(failures, chance, seconds):
    assert pause(60, failures, chance) == pytest.approx(seconds)
