"""The schema that editors read agrees with the one that the program checks."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from reconciler import manifest
from reconciler.manifest import json_schema
from reconciler.manifest.document import read_document

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
    jsonschema.validate(read_document(path.read_text()).value, SCHEMA)


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
        ({"schedule": "rate(7 days)"}, True),
        ({"schedule": "cron(0 3 ? * MON *)"}, True),
        ({"schedule": "weekly"}, False),
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
        ({"type": "realtime"}, True),
        ({"type": "async"}, True),
        ({"resources": {"vcpu": 2, "memory": 4096}, "vpc": True}, True),
        ({"resources": {"vcpu": 2}}, False),
        ({"type": "async", "instances": {"min": 0, "max": 2, "backlog_per_instance": 5}}, True),
        ({"type": "async", "instances": {"min": 0, "max": 2, "invocations_per_instance": 5}}, False),
        ({"type": "realtime", "instances": {"min": 0, "max": 2, "invocations_per_instance": 5}}, False),
        ({"type": "realtime", "instances": {"min": 1, "max": 2, "invocations_per_instance": 5}}, True),
        ({"type": "realtime", "instances": "2"}, False),
        ({"type": "serverless", "vpc": True}, False),
        ({"instances": 2}, True),
        ({}, True),
        ({"type": None}, False),
        ({"memory": 2048}, False),
        ({"type": "serverless", "instance_type": "ml.m5.large"}, False),
    ],
)
def test_an_editor_and_the_program_agree_on_an_endpoint(problems, header, endpoint, accepted):
    body = {"projects": {"a": {"deployment": {"version": 3, "endpoint": endpoint}}}}
    assert accepts({"version": 1, **body}) is accepted
    assert (problems(header + yaml.safe_dump(body)) == ()) is accepted


@pytest.mark.parametrize(
    ("rollout", "accepted"),
    [
        ({}, True),
        ({"strategy": "canary", "size": "25%", "bake": "10m"}, True),
        ({"strategy": "linear", "size": "10%", "bake": 0}, True),
        ({"strategy": "linear", "size": "10%", "bake": "0s"}, True),
        ({"strategy": "canary", "size": 25}, False),
        ({"strategy": "canary", "size": "2.5%"}, False),
        ({"strategy": "canary", "size": "025%"}, False),
        ({"strategy": "canary", "size": "25%", "bake": "10d"}, False),
        ({"strategy": "canary", "size": "25%", "bake": 3601}, False),
    ],
)
def test_an_editor_and_the_program_agree_on_a_rollout(problems, header, rollout, accepted):
    body = {"projects": {"a": {"deployment": {"version": 3, "rollout": rollout}}}}
    assert accepts({"version": 1, **body}) is accepted
    assert (problems(header + yaml.safe_dump(body)) == ()) is accepted


@pytest.mark.parametrize(
    ("monitoring", "accepted"),
    [
        ({}, True),
        ({"alarms": {"errors_5xx": "0.125%", "errors_4xx": "10%", "latency_p99": "400ms"}}, True),
        ({"alarms": {"latency_p99": "2s"}, "capture": {"sample": "100%"}}, True),
        ({"alarms": {"errors_5xx": 1}}, False),
        ({"alarms": {"errors_5xx": "1"}}, False),
        ({"alarms": {"latency_p99": 400}}, False),
        ({"alarms": {"latency_p99": "0ms"}}, False),
        ({"capture": {}}, False),
        ({"capture": {"sample": "0.5%"}}, False),
    ],
)
def test_an_editor_and_the_program_agree_on_monitoring(problems, header, monitoring, accepted):
    body = {"projects": {"a": {"monitoring": monitoring}}}
    assert accepts({"version": 1, **body}) is accepted
    assert (problems(header + yaml.safe_dump(body)) == ()) is accepted


@pytest.mark.parametrize(
    ("keys_of_it", "accepted"),
    [
        ({"network": {"cidr": "10.20.0.0/16", "zones": 3}}, True),
        ({"network": {"vpc_id": "vpc-12345678", "public_ips": True}}, True),
        ({"network": {"cidr": "10.20.0.0/16", "zones": 4}}, False),
        ({"disk": 30}, True),
        ({"disk": 29}, False),
        ({"alerts": {"email": ["ml-team+alerts@acme.example"]}}, True),
        ({"alerts": {"email": ["ml-team"]}}, False),
        ({"github": {"repository": "acme/models", "environment": "prod"}}, True),
        ({"github": {"repository": "acme@123/models@456", "environment": "prod"}}, True),
        ({"github": {"repository": "acme", "environment": "prod"}}, False),
        ({"github": {"repository": "acme/models"}}, False),
    ],
)
def test_an_editor_and_the_program_agree_on_an_environment(problems, header, keys_of_it, accepted):
    body = {**keys_of_it, "projects": {}}
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
