"""Whatever is done to a manifest, it is read or refused with lines: never a traceback."""

import re
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from reconciler.errors import ManifestInvalid
from reconciler.manifest import json_schema, load
from reconciler.manifest.aws_tables import INSTANCE_TYPES
from reconciler.manifest.document import read_document
from support.examples import examples

EXAMPLE = (Path(__file__).resolve().parents[2] / "manifests" / "example.yaml").read_text(encoding="utf-8")
LINES = EXAMPLE.splitlines()
TREE: dict[str, Any] = read_document(EXAMPLE).value
GIVEN = {
    "mlflow": {"tracking_uri": "https://mlflow.acme.example", "artifact_bucket": "acme-models"},
    "network": {"vpc_id": "vpc-12345678", "subnet_ids": ["subnet-12345678"], "public_ips": True},
}
"""What the example holds as comments: the other ways to say the same."""
TREES = (TREE, {**TREE, **GIVEN}, {**TREE, **GIVEN, "network": {"cidr": "10.20.0.0/16", "zones": 3}})
EDITOR = jsonschema.Draft202012Validator(json_schema())
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
WORDS = ["", " ", "<<", "yes", "4:30", "0o7", "*standard", "&standard", "- ", "? ", "25%", "400ms", "cron(", "/16"]
SNIPPETS = st.sampled_from([*MARKS, *WORDS])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["latest", "{}", "25%", "5%", "0%", "400ms", "2s", "10m", "0s", "canary", "rolling", "async"]),
    st.sampled_from(["10.20.0.0/16", "10.30.0.0/22", "172.16.0.0/12", "cron(0 3 ? * MON *)", "rate(1 day)", "rate()"]),
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


@examples(150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(EXAMPLE)), st.integers(0, 30), SNIPPETS)
def test_text_cut_or_inserted_anywhere_is_read_or_refused_with_a_line(tmp_path, position, length, snippet):
    text = EXAMPLE[:position] + snippet + EXAMPLE[position + length :]
    for problem in outcome(tmp_path / "m.yaml", text):
        found = PROBLEM.fullmatch(problem)
        assert found, problem
        assert int(found[1]) <= text.count("\n") + 1


@examples(150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([(tree, path) for tree in TREES for path in paths(tree)]), VALUES)
def test_any_value_anywhere_is_read_and_an_editor_agrees_or_is_refused_with_a_line(tmp_path, place, value):
    changed = replaced(*place, value)
    found = outcome(tmp_path / "m.yaml", yaml.safe_dump(changed, allow_unicode=True))
    assert found or EDITOR.is_valid(changed), list(EDITOR.iter_errors(changed))
    for problem in found:
        assert PROBLEM.fullmatch(problem), problem
        assert "pydantic" not in problem


ELASTIC_TYPES = sorted(name for name in INSTANCE_TYPES if not name.startswith("ml.t2."))
HARDWARE = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"instance_type": st.sampled_from(ELASTIC_TYPES)}),
    st.fixed_dictionaries(
        {"resources": st.fixed_dictionaries({"vcpu": st.integers(1, 8), "memory": st.integers(1, 16384)})}
    ),
)


@st.composite
def scaled(draw: st.DrawFn, least: int, target: str) -> Any:
    """A number of instances, or the mapping by which they are scaled."""
    low, high = sorted((draw(st.integers(least, 9)), draw(st.integers(1, 9))))
    return draw(st.sampled_from([max(low, 1), {"min": low, "max": high, target: draw(st.integers(1, 1000))}]))


@st.composite
def hosted(draw: st.DrawFn) -> dict[str, Any]:
    """An endpoint with instances, and a rollout that SageMaker takes."""
    kind, least, target = draw(
        st.sampled_from([("realtime", 1, "invocations_per_instance"), ("async", 0, "backlog_per_instance")])
    )
    endpoint = {"type": kind, **draw(HARDWARE), "instances": draw(scaled(least, target)), "vpc": draw(st.booleans())}
    strategy, least, longest = draw(st.sampled_from([("canary", 1, 1350), ("linear", 10, 270), ("rolling", 5, 135)]))
    if "inf1" in endpoint.get("instance_type", ""):
        return {"endpoint": endpoint, "rollout": {"strategy": "all_at_once"}}
    rollout = {"strategy": strategy, "size": f"{draw(st.integers(least, 50))}%", "bake": draw(st.integers(0, longest))}
    return {"endpoint": endpoint, "rollout": rollout}


ON_REQUEST = st.fixed_dictionaries(
    {
        "endpoint": st.fixed_dictionaries(
            {
                "type": st.just("serverless"),
                "memory": st.sampled_from(range(1024, 6145, 1024)),
                "max_concurrency": st.integers(1, 200),
            }
        )
    }
)
RATES = st.integers(1, 99_999).map(lambda thousandths: f"{thousandths / 1000:.3f}%")
ALARMS = st.fixed_dictionaries(
    {},
    optional={"errors_5xx": RATES, "errors_4xx": RATES, "latency_p99": st.integers(1, 60_000).map("{}ms".format)},
)


@examples(150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(hosted(), ON_REQUEST), ALARMS, st.integers(1, 100))
def test_whatever_sagemaker_serves_is_taken_and_what_it_refuses_is_not(tmp_path, serving, alarms, sample):
    hosts = serving["endpoint"]["type"] != "serverless"
    monitoring = {"alarms": alarms, **({"capture": {"sample": f"{sample}%"}} if hosts else {})}
    project = {"deployment": {"version": 1, **serving}, "monitoring": monitoring}
    valid = {**TREE, "defaults": {}, "projects": {"a": project}}
    assert outcome(tmp_path / "m.yaml", yaml.safe_dump(valid)) == ()
    assert EDITOR.is_valid(valid), list(EDITOR.iter_errors(valid))
    beyond = {**serving, "endpoint": {"type": "serverless"}, "rollout": {"strategy": "canary", "size": f"{sample}%"}}
    refused_one = {**valid, "projects": {"a": {"deployment": {"version": 1, **beyond}}}}
    assert len(outcome(tmp_path / "m.yaml", yaml.safe_dump(refused_one))) == 1


@examples(100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(range(len(LINES))), min_size=1, max_size=5, unique=True))
def test_lines_left_out_are_a_valid_manifest_or_problems_with_lines(tmp_path, left_out):
    text = "\n".join(line for number, line in enumerate(LINES) if number not in left_out)
    for problem in outcome(tmp_path / "m.yaml", text):
        assert PROBLEM.fullmatch(problem), problem


@examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_line(tmp_path, raw):
    path = tmp_path / "m.yaml"
    path.write_bytes(raw)
    found = refused(path)
    assert found
    assert all(PROBLEM.fullmatch(problem) for problem in found), found
