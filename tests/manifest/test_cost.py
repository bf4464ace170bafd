"""What a file costs to read grows as the file does, whoever wrote it: work is counted, and not timed."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from reconciler.errors import ManifestInvalid
from reconciler.manifest import document as module
from reconciler.manifest import freezes, load
from reconciler.manifest.document import MAX_VALUES, read_document
from reconciler.manifest.policy.json_document import read_json
from reconciler.manifest.policy.ours import ours
from reconciler.manifest.policy.rules import policy_problems
from reconciler.manifest.requirements import RequirementsInvalid, parse_requirements
from support.builders import PLATFORM


def work(call: Callable[[], object]) -> int:
    """Steps of Python's own machine that a call takes."""
    steps = 0

    def count(frame: FrameType, event: str, _: object) -> Any:
        nonlocal steps
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        call()
    finally:
        sys.settrace(before)
    return steps


def keys(count: int) -> str:
    return ", ".join(f"k{number}: 1" for number in range(count))


def read_scalars(monkeypatch: pytest.MonkeyPatch, text: str) -> tuple[int, list[tuple[str, int | None]]]:
    """How many keys and values were read of a text, and what was said of it."""
    seen = 0
    original = module.read_scalar

    def counted(node: Any) -> Any:
        nonlocal seen
        seen += 1
        return original(node)

    monkeypatch.setattr(module, "read_scalar", counted)
    found = read_document(text)
    return seen, [(problem.what, problem.line) for problem in found.problems]


TOO_MANY = f"the aliases of this file unfold to more than {MAX_VALUES} keys and values"


@pytest.mark.parametrize(
    "merges",
    [
        pytest.param("[" + ", ".join(["*a"] * 3000) + "]", id="one-mapping-again-and-again"),
        pytest.param("[" + ", ".join(["{<<: *a}"] * 3000) + "]", id="mappings-that-merge-it"),
        pytest.param("[" + ", ".join(["[*a, *a]"] * 1500) + "]", id="lists-of-lists"),
    ],
)
def test_merges_cost_what_they_walk_and_not_what_they_change(monkeypatch, merges):
    """The first is the file of 41 kB that cost 46 seconds."""
    seen, said = read_scalars(monkeypatch, f"a: &a {{{keys(3000)}}}\nb:\n  <<: {merges}\n")
    assert said == [(TOO_MANY, 1)]
    assert seen <= MAX_VALUES


def test_keys_that_are_written_twice_cost_in_a_merge_what_others_cost(monkeypatch):
    doubled = ", ".join(["k: 1"] * 1000)
    seen, said = read_scalars(monkeypatch, f"a: &a {{{doubled}}}\nb: {{<<: [{', '.join(['*a'] * 1000)}]}}\n")
    assert (TOO_MANY, 1) in said
    assert seen <= MAX_VALUES


def test_a_manifest_of_a_thousand_projects_that_share_their_lines_is_read(monkeypatch):
    projects = "".join(f"  p{number}: {{<<: *shared, k1: 2}}\n" for number in range(1000))
    _, said = read_scalars(monkeypatch, f"shared: &shared {{{keys(40)}}}\nprojects:\n{projects}")
    assert said == []


@pytest.fixture
def checked(tmp_path, header):
    """Reads a manifest whose end is given, and returns what was said of it."""

    def read(rest: str) -> tuple[str, ...]:
        path = tmp_path / "m.yaml"
        path.write_text(f"{header}{rest}")
        try:
            load(path, {})
        except ManifestInvalid as error:
            return error.problems
        return ()

    return read


def repeated(line: str) -> Callable[[int], str]:
    return lambda count: "projects:\n" + "".join(line.format(number) for number in range(count))


MANIFESTS = {
    "unknown keys": repeated("  p{0}: {{bogus: 1}}\n"),
    "values that cannot be read": repeated("  p{0}: {{source: 012}}\n"),
    "both": repeated("  p{0}: {{source: 012, bogus: 1}}\n"),
    "rules that are broken beside them": repeated(
        "  p{0}: {{training: {{compute: fargate, resources: {{vcpu: 3, memory: 512}}}}, bogus: 1}}\n"
    ),
    "names that are near to others": repeated("  p{0}: {{renamed_from: p1}}\n"),
    "freezes in no zone": lambda count: (
        "projects: {}\nfreeze:\n" + "- {reason: x, from: 2026-01-01, to: 2026-01-02, time_zone: Europe/Berln}\n" * count
    ),
    "aliases": lambda count: f"a: &a {{{keys(20)}}}\nprojects:\n" + "".join(f"  p{n}: *a\n" for n in range(count)),
    "nothing wrong": repeated("  p{0}: {{}}\n"),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_twice_the_mistakes_of_a_manifest_cost_twice_the_work(checked, name):
    write = MANIFESTS[name]
    assert bool(checked(write(3))) == (name != "nothing wrong")  # what is loaded once is loaded now
    once, twice = (work(lambda count=count: checked(write(count))) for count in (60, 120))
    assert twice < 2.3 * once


OURS = ours(PLATFORM, "churn")


def statements(count: int) -> str:
    lines = ['{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::1:role/a*b*c*"}'] * count
    return '{"Version": "2012-10-17", "Statement": [\n' + ",\n".join(lines) + "]}"


def read_requirements(text: str) -> None:
    with pytest.raises(RequirementsInvalid):
        parse_requirements(text)


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(lambda count: list(policy_problems(read_json(statements(count)).value, OURS)), id="policy"),
        pytest.param(lambda count: read_requirements("[" + '{"type": "X"},\n' * count + "1]"), id="requirements"),
    ],
)
def test_twice_the_lines_of_a_json_file_cost_twice_the_work(read):
    read(1)
    once, twice = (work(lambda count=count: read(count)) for count in (60, 120))
    assert twice < 2.3 * once


def test_a_resource_of_many_wildcards_costs_a_step_for_each_character():
    texts = [statements(1).replace("role/a*b*c*", "role/" + "*a?" * count + "!") for count in (500, 1000)]
    once, twice = (work(lambda text=text: list(policy_problems(read_json(text).value, OURS))) for text in texts)
    assert twice < 2.3 * once


def test_what_is_repeated_by_aliases_is_not_repeated_in_full():
    """A hundred thousand sentences of a megabyte are more than any machine holds."""
    text = f"a: &a {{? {'k' * 50_000}: 0{'1' * 50_000}}}\nb: [{', '.join(['*a'] * 100)}]\n"
    said = read_document(text).problems
    assert len(said) == 101
    assert max(len(problem.what) for problem in said) < 400


def test_the_way_to_a_value_is_told_shortened_where_a_key_is_endless(checked):
    (told,) = checked(f"projects:\n  ? {'k' * 5000}\n  : {{}}\n")
    assert len(told) < 1000


def test_directives_are_not_compared_with_one_another_without_end():
    (problem,) = read_document("".join(f"%TAG !a{n}! x{n}\n" for n in range(1000)) + "---\na: 1\n").problems
    assert (problem.what, problem.line) == ("has more than 100 lines that begin with %; a manifest needs none", 2)


def test_time_zones_are_looked_for_once(checked, monkeypatch):
    import zoneinfo

    asked = []
    monkeypatch.setattr(zoneinfo, "available_timezones", lambda: asked.append(1) or {"Europe/Berlin"})
    freezes._known_zones.cache_clear()
    said = checked(MANIFESTS["freezes in no zone"](50))
    freezes._known_zones.cache_clear()
    assert (len(said), len(asked)) == (50, 1)
    assert "did you mean 'Europe/Berlin'?" in said[0]


def test_more_freezes_than_a_plan_looks_at_are_a_problem(checked):
    one = "- {reason: x, from: 2026-01-01, to: 2026-01-02}\n"
    assert checked("projects: {}\nfreeze:\n" + one * 1000) == ()
    (told,) = checked("projects: {}\nfreeze:\n" + one * 1001)
    assert "freeze: holds 1001 freezes" in told


@pytest.mark.parametrize("number", ["9" * 5000, "-" + "9" * 5000])
def test_a_number_of_thousands_of_digits_is_a_problem_with_its_line_and_no_traceback(number):
    (problem,) = read_json(f'{{"a":\n{number}}}').problems
    assert (problem.line, "too many digits" in problem.what) == (2, True)
    with pytest.raises(RequirementsInvalid, match="too many digits"):
        parse_requirements(f'[{{"type": "VCPU", "value": {number}}}]')


def test_no_more_of_a_requirements_file_is_read_than_such_a_file_can_have(checkout, header):
    from reconciler.manifest import Context, resolve

    checkout.project("churn")
    checkout.write("ml-projects/churn/resource-requirements.json", json.dumps([{}] * 50_000))
    path = checkout.write("manifests/prod.yaml", header + "projects: {churn: {}}\n")
    context = Context(checkout.root, checkout.trees, Path("terraform/stacks"))
    with pytest.raises(ManifestInvalid, match=r"resource-requirements\.json:1: is larger than 100000 bytes"):
        resolve(load(path, {}), context)
