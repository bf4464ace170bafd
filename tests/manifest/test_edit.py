"""Edits of a manifest's text: the one change is made, and every other byte stays."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import ManifestInvalid
from reconciler.manifest.edit import add, pin, remove, unpin
from support.examples import examples

EXAMPLE = (Path(__file__).resolve().parents[2] / "manifests" / "example.yaml").read_text(encoding="utf-8")


def with_projects(text: str) -> str:
    """A manifest whose projects are the given lines, set in by the usual two spaces."""
    return f"version: 1  # of this format\nprojects:\n{text}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  a:\n    deployment:\n      version: 3   # live\n", "  a:\n    deployment:\n      version: 12   # live\n"),
        ("  a: {deployment: {version: 3}}\n", "  a: {deployment: {version: 12}}\n"),
        ("  a: {deployment: {version: 3, keep_versions: 3}}", "  a: {deployment: {version: 12, keep_versions: 3}}"),
        ('  "a": {"deployment": {"version":3}}\n', '  "a": {"deployment": {"version":12}}\n'),
        ("  a:\n    deployment:\n      version: &v 3\n", "  a:\n    deployment:\n      version: &v 12\n"),
        ("  a:\n    deployment:\n      version: !!int 3\n", "  a:\n    deployment:\n      version: !!int 12\n"),
        ("  a:\n    deployment:\n      version:\n        3\n", "  a:\n    deployment:\n      version:\n        12\n"),
        (
            "  b: &b {keep_versions: 3}\n  a: {deployment: {<<: *b, version: 3}}\n",
            "  b: &b {keep_versions: 3}\n  a: {deployment: {<<: *b, version: 12}}\n",
        ),
        ("  é: {}  # 😀\n  a: {deployment: {version: 3}}\n", "  é: {}  # 😀\n  a: {deployment: {version: 12}}\n"),
    ],
)
def test_pinning_replaces_the_digits_of_the_version(before, after):
    assert pin(with_projects(before), "a", 12) == with_projects(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  a: {}\n", "  a: {deployment: {version: 1}}\n"),
        ("  a: {}  # trains only\n", "  a: {deployment: {version: 1}}  # trains only\n"),
        ("  a: {owner: x}", "  a: {owner: x, deployment: {version: 1}}"),
        ("  a: {owner: x,}\n", "  a: {owner: x, deployment: {version: 1},}\n"),
        ('  "a": {"owner": "x"}\n', '  "a": {"owner": "x", "deployment": {"version": 1}}\n'),
        ("  'a': {}\n", "  'a': {'deployment': {'version': 1}}\n"),
        ("  a: {deployment: {}}\n", "  a: {deployment: {version: 1}}\n"),
        (
            "  a: {\n    owner: x,\n    protect: true  # yes\n  }\n",
            "  a: {\n    owner: x,\n    protect: true,\n    deployment: {version: 1}  # yes\n  }\n",
        ),
        ("  a:\n    owner: x\n", "  a:\n    owner: x\n    deployment:\n      version: 1\n"),
        ("  a:\n    owner: x", "  a:\n    owner: x\n    deployment:\n      version: 1"),
        (
            "  a:\n      owner: x  # who\n\n  b: {}\n",
            "  a:\n      owner: x  # who\n      deployment:\n          version: 1\n\n  b: {}\n",
        ),
        (
            "  a:\n    training:\n      run: manual\n  # the next one\n  b: {}\n",
            "  a:\n    training:\n      run: manual\n    deployment:\n      version: 1\n  # the next one\n  b: {}\n",
        ),
        (
            "  a:\n    deployment:\n      keep_versions: 3\n    protect: true\n",
            "  a:\n    deployment:\n      keep_versions: 3\n      version: 1\n    protect: true\n",
        ),
        (
            "  a:\n    owner: |-\n      x\n\n  b: {}\n",
            "  a:\n    owner: |-\n      x\n    deployment:\n      version: 1\n\n  b: {}\n",
        ),
        (
            "  b: &b {protect: true}\n  a:\n    <<: *b\n",
            "  b: &b {protect: true}\n  a:\n    <<: *b\n    deployment:\n      version: 1\n",
        ),
    ],
)
def test_pinning_a_project_without_a_pin_adds_one_in_the_style_around_it(before, after):
    assert pin(with_projects(before), "a", 1) == with_projects(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "  a:\n    owner: x\n    deployment:  # live\n      version: 3\n      # in\n    # out\n    protect: true\n",
            "  a:\n    owner: x\n    # out\n    protect: true\n",
        ),
        ("  a:\n    deployment: {version: 3}\n    owner: x\n", "  a:\n    owner: x\n"),
        ("  a:\n    owner: x\n\n    deployment: {version: 3}", "  a:\n    owner: x\n\n"),
        ("  a:\n    deployment:\n      version: 3\n  b: {}\n", "  a: {}\n  b: {}\n"),
        ("  a:   # five\n    # lines\n    deployment:\n      version: 3", "  a: {}   # five\n    # lines\n"),
        ("  a: &a\n    deployment: {version: 3}\n", "  a: &a {}\n"),
        ("  a: {deployment: {version: 3}}\n", "  a: {}\n"),
        ("  a: { deployment: {version: 3}, }\n", "  a: {}\n"),
        ("  a: {owner: x, deployment: {version: 3}}\n", "  a: {owner: x}\n"),
        ("  a: {deployment: {version: 3}, owner: x}\n", "  a: {owner: x}\n"),
        ("  a: {owner: x, deployment: {version: 3}, protect: true}\n", "  a: {owner: x, protect: true}\n"),
        (
            "  a: {\n    owner: x,  # who\n    deployment: {version: 3}  # live\n  }\n",
            "  a: {\n    owner: x,  # who\n  }\n",
        ),
        ("  a: {owner: x,  # who\n    deployment: {version: 3}}\n", "  a: {owner: x,  # who\n    }\n"),
        (
            "  b: &d {version: 3}\n  a:\n    owner: x\n    deployment: *d\n",
            "  b: &d {version: 3}\n  a:\n    owner: x\n",
        ),
        ("  a: {owner: x}\n", "  a: {owner: x}\n"),
    ],
)
def test_unpinning_takes_out_the_deployment_and_nothing_else(before, after):
    assert unpin(with_projects(before), "a") == with_projects(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  a: {}\n  b: {}\n", "  b: {}\n"),
        ("  b: {}\n  a:\n    owner: x\n    deployment:\n      version: 3\n", "  b: {}\n"),
        ("  b: {}\n\n  # why\n  a:\n    owner: x  # who\n\n  c: {}\n", "  b: {}\n\n  # why\n\n  c: {}\n"),
        ("  b: &b {owner: x}\n  a: *b\n", "  b: &b {owner: x}\n"),
    ],
)
def test_removing_takes_out_the_lines_of_the_project(before, after):
    assert remove(with_projects(before), "a") == with_projects(after)


def test_removing_the_last_project_leaves_an_empty_mapping():
    text = "version: 1\nprojects:  # all of them\n  a:\n    owner: x\n"
    assert remove(text, "a") == "version: 1\nprojects: {}  # all of them\n"


LIVE = {"deployment": {"version": 1}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  b: {}\n", "  b: {}\n\n  a:\n    deployment:\n      version: 1\n"),
        ("  b: {}\n  c: {}\n", "  b: {}\n  c: {}\n  a:\n    deployment:\n      version: 1\n"),
        (
            "    b: {}\n\n    # why\n    c:\n        owner: x",
            "    b: {}\n\n    # why\n    c:\n        owner: x\n\n    a:\n        deployment:\n            version: 1",
        ),
        (
            "  b:\n    owner: x\n    # deep\n\n# far out\nlimits: {}\n",
            "  b:\n    owner: x\n    # deep\n\n  a:\n    deployment:\n      version: 1\n\n# far out\nlimits: {}\n",
        ),
        ("  'b': {}\n  'c': {}\n", "  'b': {}\n  'c': {}\n  'a':\n    'deployment':\n      'version': 1\n"),
    ],
)
def test_a_project_is_added_behind_the_others_in_the_style_around_it(before, after):
    assert add(with_projects(before), "a", LIVE) == with_projects(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("projects: {}\n", "projects:\n  a:\n    deployment:\n      version: 1\n"),
        (
            "projects: {}  # none\nlimits: {}\n",
            "projects:  # none\n  a:\n    deployment:\n      version: 1\nlimits: {}\n",
        ),
        ("projects: {}\r\n", "projects:\r\n  a:\r\n    deployment:\r\n      version: 1\r\n"),
        ("projects: {b: {}}\n", "projects: {b: {}, a: {deployment: {version: 1}}}\n"),
        ("projects: &all {}\n", "projects: &all {a: {deployment: {version: 1}}}\n"),
        ('{"projects": {}}', '{"projects": {"a": {"deployment": {"version": 1}}}}'),
    ],
)
def test_a_first_project_opens_the_brackets_where_that_leaves_a_block(before, after):
    assert add(before, "a", LIVE) == after


def test_a_project_without_lines_is_an_empty_mapping():
    assert add(EXAMPLE, "novel", {}) == EXAMPLE + "\n  novel: {}\n"


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ("projects:\n  a: {}\n", "a", "2: projects.a: is there already"),
        ("projects: {b: &b {}, <<: {a: *b}}\n", "a", "1: projects.a: comes from an alias or a merge key"),
        ("projects: &p {}\nmore: *p\n", "a", "1: projects.a: cannot be changed alone"),
        ("projects: {}\n", "yes", "1: projects: can hold 'yes' in quotes only"),
        ("projects: {}\n", "a: b", "1: projects: can hold 'a: b' in quotes only"),
        ("projects:\n", "a", "1: projects: nothing is not a mapping"),
        ("version: 1\n", "a", "1: has no 'projects'"),
    ],
)
def test_what_cannot_be_added_is_refused_with_its_line(text, name, told):
    with pytest.raises(ManifestInvalid) as caught:
        add(text, name, LIVE, "m.yaml")
    (problem,) = caught.value.problems
    assert problem.startswith(f"m.yaml:{told}"), problem


def test_a_manifest_written_as_json_stays_one():
    text = '{"version": 1, "projects": {"a": {}, "b": {"deployment": {"version": 2}}}}'
    assert pin(text, "a", 1) == text.replace('"a": {}', '"a": {"deployment": {"version": 1}}')
    assert unpin(text, "b") == text.replace('"deployment": {"version": 2}', "")
    assert remove(text, "a") == text.replace('"a": {}, ', "")


def test_line_ends_of_windows_and_a_byte_order_mark_stay():
    text = "\ufeffversion: 1\r\nprojects:\r\n  a:\r\n    owner: x\r\n  b:\r\n    deployment:\r\n      version: 2\r\n"
    assert pin(text, "b", 3) == text.replace("2", "3")
    assert pin(text, "a", 7) == text.replace("x\r\n", "x\r\n    deployment:\r\n      version: 7\r\n")
    assert unpin(text, "b") == text.replace("  b:\r\n    deployment:\r\n      version: 2\r\n", "  b: {}\r\n")
    assert remove(text, "a") == text.replace("  a:\r\n    owner: x\r\n", "")


def test_pinning_the_example_changes_one_line():
    after = pin(EXAMPLE, "ranker", 13)
    changed = [pair for pair in zip(EXAMPLE.splitlines(), after.splitlines(), strict=True) if pair[0] != pair[1]]
    assert changed == [("      version: 12", "      version: 13")]


@pytest.mark.parametrize(
    ("projects", "told"),
    [
        (
            "  b: &d {version: 3}\n  a: {deployment: *d}\n",
            "4: projects.a.deployment: comes from an alias or a merge key",
        ),
        ("  b: &b {deployment: {version: 3}}\n  a: *b\n", "4: projects.a: comes from an alias or a merge key"),
        ("  b: &b {deployment: {version: 3}}\n  a: {<<: *b}\n", "3: projects.a.deployment: comes from an alias or a"),
        (
            "  b: &d {version: 3}\n  a:\n    deployment:\n      <<: *d\n",
            "3: projects.a.deployment.version: comes from an alias or a merge key",
        ),
        ("  b: &v 3\n  a: {deployment: {version: *v}}\n", "4: projects.a.deployment.version: comes from an alias"),
        (
            "  a:\n    deployment: &d\n      version: 3\n  b: {deployment: *d}\n",
            "5: projects.a.deployment.version: cannot be changed alone, because an anchor ties it to other lines",
        ),
        ("  a: {deployment: {version: latest}}\n", "3: projects.a.deployment.version: 'latest' is not a version"),
        ("  a: {deployment: {version: '3'}}\n", "3: projects.a.deployment.version: '3' is not a version"),
        ("  a: {deployment: {version: -3}}\n", "3: projects.a.deployment.version: -3 is not a version"),
        ("  a: {deployment: {version: [3]}}\n", "3: projects.a.deployment.version: a list is not a version"),
        ("  a: {deployment: {version: }}\n", "3: projects.a.deployment.version: nothing is not a version"),
        ("  a: {deployment: 3}\n", "3: projects.a.deployment: 3 is not a mapping"),
        ("  a:\n", "3: projects.a: nothing is not a mapping"),
        ("  aa: {}\n", "2: projects: no project named a; did you mean aa?; known are: aa"),
        ("  zebra: {}\n", "2: projects: no project named a; known are: zebra"),
        ("  a: {}\n  a: {}\n", "4: projects.a: is written twice; the first time on line 3"),
        ("  a: {\n", "3: is not valid YAML"),
    ],
)
def test_what_cannot_be_pinned_is_refused_with_its_line(projects, told):
    with pytest.raises(ManifestInvalid) as caught:
        pin(with_projects(projects), "a", 12, "m.yaml")
    (problem,) = caught.value.problems
    assert problem.startswith(f"m.yaml:{told}"), problem


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1: the file is empty"),
        ("- a\n", "1: a list is not a manifest"),
        ("version: 1\n", "1: has no 'projects'"),
        ("projects: {}\n", "1: projects: no project named a; known are: none"),
        ("projects:\n  a:\n  ? b\n  : {}\n", None),
        ("projects:\n  ? a\n  : {owner: x}\n  ? b\n  : {}\n", "2: projects.a: is written in a form that is not edited"),
        ("projects:\n  a: &a {}\n  b: *a\n", "2: projects.a: cannot be changed alone"),
        ("projects: &p\n  a: {}\n  b: {}\nmore: *p\n", "2: projects.a: cannot be changed alone"),
        ("p: &p {a: {}}\nprojects: *p\n", "2: projects: comes from an alias or a merge key"),
        ("p: &p {a: {}}\nprojects:\n  <<: *p\n", "1: projects.a: comes from an alias or a merge key"),
    ],
)
def test_what_cannot_be_removed_is_refused_with_its_line(text, told):
    if told is None:
        assert yaml.safe_load(remove(text, "a")) == {"projects": {"b": {}}}
        return
    with pytest.raises(ManifestInvalid) as caught:
        remove(text, "a", "m.yaml")
    (problem,) = caught.value.problems
    assert problem.startswith(f"m.yaml:{told}"), problem


NAMES = ("a", "bb", "long-name")
COMMENTS = st.sampled_from(["", "  # why: {not} [this], 3", " #", "   # é 😀"])
BLANKS = st.sampled_from(["", "", "\n", "    # between\n", "# far out\n\n"])


@st.composite
def project_lines(draw, name, indent, step):
    """The lines of one project, in one of the ways that people write them."""
    quote = draw(st.sampled_from(["", "", "'", '"']))
    version = draw(st.none() | st.integers(1, 300))
    others = draw(st.lists(st.sampled_from(["owner: x", "protect: true", "model: 'm: 3'"]), max_size=2, unique=True))
    nested = draw(st.sampled_from(["flow", "block"]))
    key = f"{indent}{quote}{name}{quote}:"
    entries = list(others)
    if version is not None:
        entries.insert(draw(st.integers(0, len(others))), f"deployment: {{version: {version}}}")
    if draw(st.booleans()) or not entries:
        return f"{key} {{{', '.join(entries)}}}{draw(COMMENTS)}\n"
    margin = indent + step
    lines = [key + draw(COMMENTS) + "\n"]
    for entry in entries:
        lines.append(draw(BLANKS))
        if entry.startswith("deployment") and nested == "block":
            lines.append(f"{margin}deployment:{draw(COMMENTS)}\n{margin}{step}version: {version}{draw(COMMENTS)}\n")
        else:
            lines.append(f"{margin}{entry}{draw(COMMENTS)}\n")
    return "".join(lines)


@st.composite
def manifests(draw):
    """Text of a manifest with up to three projects, and the name of one of them."""
    step = draw(st.sampled_from(["  ", "    ", " "]))
    parts = ["version: 1\n", draw(BLANKS), "projects:", draw(COMMENTS), "\n"]
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    for name in names:
        parts += [draw(BLANKS), draw(project_lines(name, step, step))]
    text = "".join(parts) + draw(st.sampled_from(["", "\n", "limits: {retire: 1}\n"]))
    text = text if draw(st.booleans()) else text.rstrip("\n")
    return (text.replace("\n", "\r\n") if draw(st.booleans()) else text), draw(st.sampled_from(names))


def loaded(text: str) -> dict:
    return yaml.safe_load(text)


def outside(before: str, after: str) -> tuple[str, str]:
    """What is left of the two texts without the beginning and the end that they share."""
    start = next((index for index, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), None)
    start = min(len(before), len(after)) if start is None else start
    before, after = before[start:], after[start:]
    while before and after and before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    return before, after


@examples(150)
@given(manifests(), st.integers(1, 10_000))
def test_a_pin_changes_the_version_and_no_byte_besides(manifest, version):
    text, name = manifest
    value = loaded(text)
    after = pin(text, name, version)
    pinned = value["projects"][name].get("deployment")
    gone, new = outside(text, after)
    if pinned:
        assert gone in str(pinned["version"])
        assert new in str(version)
    else:
        assert gone == ""
    value["projects"][name].setdefault("deployment", {})["version"] = version
    assert loaded(after) == value


@examples(150)
@given(manifests())
def test_unpinning_takes_out_one_stretch_of_text(manifest):
    text, name = manifest
    value = loaded(text)
    after = unpin(text, name)
    value["projects"][name].pop("deployment", None)
    assert loaded(after) == value
    if value["projects"][name]:
        assert outside(text, after)[1] == ""
    else:
        assert after.count("{}") in (text.count("{}"), text.count("{}") + 1)


@examples(150)
@given(manifests(), st.sampled_from([LIVE, {}, {"training": {"revision": 2}, "deployment": {"version": 1}}]))
def test_an_added_project_is_one_stretch_of_text(manifest, lines):
    text, _ = manifest
    value = loaded(text)
    after = add(text, "another", lines)
    value["projects"]["another"] = lines
    assert loaded(after) == value
    assert outside(text, after)[0] == ""


@examples(150)
@given(manifests())
def test_a_pin_that_is_taken_back_leaves_the_text_as_it_was(manifest):
    text, name = manifest
    text = unpin(text.rstrip() + "\n", name)
    assert unpin(pin(text, name, 3), name) == text


@examples(150)
@given(manifests())
def test_removing_keeps_every_line_of_the_others(manifest):
    text, name = manifest
    value = loaded(text)
    after = remove(text, name)
    del value["projects"][name]
    assert loaded(after) == value
    if value["projects"]:
        assert outside(text, after)[1] == ""


MARKS = st.sampled_from(
    [*":-[]{}&*!|>'\"%@`#?,~\t\n\r\0é", "", " ", "<<", "*standard", "&standard ", "- ", "? ", "\n  "]
)


@examples(300)
@given(st.integers(0, len(EXAMPLE)), st.integers(0, 30), MARKS, st.sampled_from([unpin, remove, None]))
def test_whatever_the_text_an_edit_is_made_or_refused_with_a_line(position, length, mark, edit):
    text = EXAMPLE[:position] + mark + EXAMPLE[position + length :]
    try:
        after = edit(text, "ranker", "m.yaml") if edit else pin(text, "ranker", 9_999, "m.yaml")
    except ManifestInvalid as error:
        told = error.problems
    else:
        told = ()
        assert sum(len(part) for part in outside(text, after)) < 3_500
    assert all(re.match(r"m\.yaml:[1-9][0-9]*: \S", problem) for problem in told), told
