"""The schema that editors read agrees with the one that the program checks."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from reconciler import manifest
from reconciler.manifest import json_schema

MANIFESTS = Path(__file__).resolve().parents[2] / "manifests"
SCHEMA = json_schema()


def accepts(document: Any) -> bool:
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(document)


def test_the_file_in_the_repository_is_the_generated_one():
    generated = json.dumps(SCHEMA, indent=2) + "\n"
    assert (MANIFESTS / "schema.json").read_text(encoding="utf-8") == generated, "run: make fmt"


def test_it_can_be_asked_for_twice():
    assert json_schema() == SCHEMA
    assert callable(manifest.json_schema)


def test_it_is_a_json_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", sorted(MANIFESTS.glob("*.yaml")), ids=lambda path: path.name)
def test_the_manifests_of_the_repository_satisfy_it(path):
    jsonschema.validate(yaml.safe_load(path.read_text()), SCHEMA)


@pytest.mark.parametrize(
    ("training", "accepted"),
    [
        ({"timeout": "4h"}, True),
        ({"timeout": 90}, True),
        ({"timeout": 30}, False),
        ({"timeout": "4x"}, False),
        ({"attempts": 10}, True),
        ({"attempts": 11}, False),
        ({"attempts": "3"}, False),
        ({"compute": "spot"}, True),
        ({"compute": "spit"}, False),
        ({"run": "manual"}, True),
        ({"resources": {"vcpu": 0.25, "memory": 512}}, True),
        ({"resources": {"vcpu": 0.25}}, False),
        ({"attemps": 3}, False),
    ],
)
def test_an_editor_and_the_program_agree_on_a_training(problems, header, training, accepted):
    body = {"projects": {"a": {"training": training}}}
    assert accepts({"version": 1, **body}) is accepted
    assert (problems(header + yaml.safe_dump(body)) == ()) is accepted


@pytest.mark.parametrize(
    ("endpoint", "accepted"),
    [
        ({"instance_type": "ml.m5.large"}, True),
        ({"type": "realtime", "instance_type": "ml.m5.large", "instances": 2}, True),
        ({"type": "serverless"}, True),
        ({"type": "serverless", "memory": 3072, "max_concurrency": 5}, True),
        ({"type": "serverless", "memory": 3000}, False),
        ({"type": "realtime"}, False),
        ({"type": "async"}, False),
        ({"instances": 2}, False),
        ({"type": "serverless", "instance_type": "ml.m5.large"}, False),
    ],
)
def test_an_editor_and_the_program_agree_on_an_endpoint(problems, header, endpoint, accepted):
    body = {"projects": {"a": {"deployment": {"version": 3, "endpoint": endpoint}}}}
    assert accepts({"version": 1, **body}) is accepted
    assert (problems(header + yaml.safe_dump(body)) == ()) is accepted


def test_every_key_is_explained():
    assert [path for path, schema in keys(SCHEMA) if not schema.get("description")] == []


def keys(schema: Any, path: str = "") -> list[tuple[str, Any]]:
    """Every key that a person may write; of a choice, the keys of each."""
    found: list[tuple[str, Any]] = []
    for name, child in schema.get("properties", {}).items():
        inner = child.get("oneOf", [child])
        found += [(f"{path}.{name}", one) for one in inner if name not in ("type", "projects")]
        found += [pair for one in inner for pair in keys(one, f"{path}.{name}")]
    for child in schema.get("patternProperties", {}).values():
        found += keys(child, f"{path}.*")
    return found
