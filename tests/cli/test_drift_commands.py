"""`reconcile drift` and `reconcile adopt` as a person runs them."""

import json
from pathlib import Path

import pytest
import yaml

from reconciler.core import names
from reconciler.core.drift import ResourceDrift
from reconciler.core.homes import Kind, Thing
from reconciler.core.observed import LiveEndpoint, ModelVersion, Serving
from reconciler.errors import TerraformFailed
from support.builders import PLATFORM, REALTIME
from support.command_line import CommandLine

MOVED = ResourceDrift("aws_sagemaker_endpoint.live[0]", "update", ("endpoint_config_name",))
DEPLOYMENT = names.project_key("test", "churn", "deployment")
ENDPOINT = "acme-test-churn"
HOSTED = {"type": "realtime", "instance_type": "ml.m5.large", "instances": 1}


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    return CommandLine(tmp_path / "team", monkeypatch)


def test_drift_is_told_by_exit_code_only_where_it_is_asked_for(line):
    line.want("churn", deployment={"version": 1, "endpoint": HOSTED})
    assert line.run("--wait").code == 0
    assert line.run("drift", "--detailed-exitcode").code == 0
    line.cloud.drifted[DEPLOYMENT] = (MOVED,)
    assert line.run("drift").code == 0
    ran = line.run("drift", "--project", "churn", "-o", "json", "--detailed-exitcode")
    assert ran.code == 2
    assert json.loads(ran.out)["summary"] == "Drift: 1 resource in 1 of 2 stacks."
    assert "## Drift of `acme-test`" in line.run("drift", "-o", "markdown").out
    line.cloud.broken["plan training"] = TerraformFailed("terraform plan failed")
    assert line.run("drift").code == 1


def test_an_adopted_endpoint_is_in_sync_once_its_lines_are_written(line):
    line.cloud.endpoints[ENDPOINT] = LiveEndpoint(ENDPOINT, "InService", "theirs", guarded=False, instances=1)
    line.cloud.servings["theirs"] = Serving(REALTIME, "AllTraffic")
    line.cloud.versions["churn"] = (ModelVersion(7, "run"),)
    line.save()
    dry = line.run("adopt", "churn", "--version", "7", "--dry-run")
    assert (dry.code, line.cloud.calls) == (0, [])
    adopted = line.run("adopt", "churn", "--version", "7")
    assert adopted.code == 0
    assert line.cloud.things[Thing(Kind.ENDPOINT, ENDPOINT)].items() >= names.tags(PLATFORM).items()
    line.want("churn", **yaml.safe_load(dry.out)["projects"]["churn"])
    status = json.loads(line.run("status", "-o", "json").out)["projects"][0]
    assert (status["live_version"], status["health"]) == (7, "Healthy")
    plan = json.loads(line.run("--dry-run", "-o", "json").out)["projects"][0]
    assert [action["action"] for action in plan["actions"]] == ["ProvisionTraining"]
    assert line.run("adopt", "churn", "--version", "7").code == 4
