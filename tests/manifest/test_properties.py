"""Whatever is done to a manifest, it is read or refused with lines: never a traceback."""

import re
from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.errors import ManifestInvalid
from reconciler.manifest import load

EXAMPLE = (Path(__file__).resolve().parents[2] / "manifests" / "example.yaml").read_text(encoding="utf-8")
LINES = EXAMPLE.splitlines()
TREE = yaml.safe_load(EXAMPLE)
PROBLEM = re.compile(r"m\.yaml:([1-9][0-9]*): \S.*")
MARKS = (
    ":",
    "-",
    "[",
    "]",
    "{",
    "}",
    "&",
    "*",
    "!",
    "|",
    ">",
    "'",
    '"',
    "%",
    "@",
    "`",
    "#",
    "~",
    "0",
    "\t",
    "\n",
    "\0",
    "é",
)
SNIPPETS = st.sampled_from([*MARKS, "", " ", "<<", "yes", "4:30", "0o7", "*standard", "&standard", "- ", "? "])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["latest", "{}"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6) | SCALARS, inner, max_size=3),
    max_leaves=6,
)


def outcome(path: Path, text: str) -> tuple[str, ...]:
    """The problems of a manifest; anything but a manifest or ManifestInvalid passes through."""
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    return refused(path)


def refused(path: Path) -> tuple[str, ...]:
    try:
        load(path, {})
    except ManifestInvalid as error:
        return tuple(problem.removeprefix(f"{path.parent}/") for problem in error.problems) or ("no problem told",)
    return ()


def paths(tree: object, above: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [path for key, child in items for path in ((*above, key), *paths(child, (*above, key)))]


def replaced(tree: object, path: tuple[str | int, ...], value: object) -> object:
    if not path:
        return value
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)  # type: ignore[arg-type]
    changed = {key: replaced(child, path[1:], value) if key == path[0] else child for key, child in items}
    return changed if isinstance(tree, dict) else list(changed.values())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(EXAMPLE)), st.integers(0, 30), SNIPPETS)
def test_text_cut_or_inserted_anywhere_is_read_or_refused_with_a_line(tmp_path, position, length, snippet):
    text = EXAMPLE[:position] + snippet + EXAMPLE[position + length :]
    for problem in outcome(tmp_path / "m.yaml", text):
        found = PROBLEM.fullmatch(problem)
        assert found, problem
        assert int(found[1]) <= text.count("\n") + 1


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(paths(TREE)), VALUES)
def test_any_value_anywhere_is_read_or_refused_with_a_line(tmp_path, path, value):
    text = yaml.safe_dump(replaced(TREE, path, value), allow_unicode=True)
    for problem in outcome(tmp_path / "m.yaml", text):
        assert PROBLEM.fullmatch(problem), problem
        assert "pydantic" not in problem


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(range(len(LINES))), min_size=1, max_size=5, unique=True))
def test_lines_left_out_are_a_valid_manifest_or_problems_with_lines(tmp_path, left_out):
    text = "\n".join(line for number, line in enumerate(LINES) if number not in left_out)
    for problem in outcome(tmp_path / "m.yaml", text):
        assert PROBLEM.fullmatch(problem), problem


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_line(tmp_path, raw):
    path = tmp_path / "m.yaml"
    path.write_bytes(raw)
    found = refused(path)
    assert found
    assert all(PROBLEM.fullmatch(problem) for problem in found), found
