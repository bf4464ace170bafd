"""Real Terraform against the sandbox: after every apply there is nothing left to do, and after destroy nothing left.

Containers are a small script here; everything else is what production runs.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from reconciler.core.desired import Endpoint, RealtimeEndpoint, ServerlessEndpoint
from reconciler.core.release import Release
from reconciler.sandbox.aws import AwsServer, Command, Timing

pytestmark = pytest.mark.e2e

REGION, BUCKET = "eu-west-1", "states"
HEADER = {"platform": "acme", "environment": "prod"}
LOGIN = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox", "region_name": REGION}
REALTIME, SERVERLESS = RealtimeEndpoint("ml.m5.large"), ServerlessEndpoint(2048, 5)
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
TRAINING = {
    **HEADER,
    "project": "churn",
    "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/acme-prod/churn/training:0123456789ab",
    "vcpu": 0.25,
    "memory": 512,
    "timeout": 3600,
    "attempts": 3,
    "tracking_uri": "http://mlflow.test",
    "model": "churn",
}

MODEL_SERVER = """
import http.server, pathlib, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *details): pass
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

if pathlib.Path("broken").exists(): sys.exit("no module named torch")
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@dataclass(frozen=True, slots=True)
class Scripts:
    """Serves the script above in the place of every model."""

    images: Path

    def job(self, image: Path, argv: Sequence[str], env: Mapping[str, str], say: Callable[[str], None]) -> Command:
        return Command(tuple(argv), image, {"PATH": os.environ["PATH"]})

    def model_server(self, image: Path, port: int, env: Mapping[str, str], say: Callable[[str], None]) -> Command:
        return Command((sys.executable, "-c", MODEL_SERVER, str(port)), image, {"PATH": os.environ["PATH"]})


@dataclass(frozen=True, slots=True)
class Cloud:
    """The sandbox's AWS, with a bucket for states."""

    url: str
    images: Path

    def client(self, service: str) -> Any:
        return boto3.client(service, endpoint_url=self.url, **LOGIN)

    def outputs(self, key: str) -> dict[str, Any]:
        """Outputs in a state, by name."""
        body = self.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return {name: output["value"] for name, output in json.loads(body)["outputs"].items()}

    def push(self, repository: str, tag: str, *files: str) -> None:
        """Put an image that holds empty files into the registry."""
        digest = hashlib.sha256(f"{repository}:{tag}".encode()).hexdigest()
        (self.images / digest).mkdir(parents=True)
        for name in files:
            (self.images / digest / name).touch()
        layers = [{"digest": f"sha256:{digest}", "size": 1}]
        manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "layers": layers})
        self.client("ecr").put_image(repositoryName=repository, imageTag=tag, imageManifest=manifest)

    def serving(self, endpoint: str) -> str:
        """Name of the configuration that really serves."""
        return str(self.client("sagemaker").describe_endpoint(EndpointName=endpoint)["EndpointConfigName"])


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    home = tmp_path_factory.mktemp("cloud")
    server = AwsServer(home, 0, Scripts(home / "images"), Timing(startup=20.0, rollback=0.2, poll=0.05))
    server.start()
    found = Cloud(f"http://127.0.0.1:{server.port}", home / "images")
    found.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield found
    server.stop()


@dataclass(slots=True)
class Applied:
    """A stack on the sandbox, driven as the reconciler drives it."""

    stack: Any
    workspace: Mapping[str, str]

    def apply(self, *, fails: bool = False, **variables: Any) -> list[str]:
        """Apply; returns what Terraform did, such as `aws_sagemaker_endpoint.live[0] update`, in order."""
        ran = self._run("apply", variables)
        assert (ran.code != 0) == fails, ran
        return _done(ran.out)

    def pending(self, **variables: Any) -> list[str]:
        """Addresses of what a plan would change."""
        ran = self._run("plan", variables)
        assert ran.code == 0, ran
        return [event["change"]["resource"]["addr"] for event in _events(ran.out) if event["type"] == "planned_change"]

    def destroy(self, **variables: Any) -> list[str]:
        ran = self._run("destroy", variables)
        assert ran.code == 0, ran
        return _done(ran.out)

    def _run(self, command: str, variables: Mapping[str, Any]) -> Any:
        (self.stack.folder / "run.tfvars.json").write_text(json.dumps(variables))
        approval = () if command == "plan" else ("-auto-approve",)
        return self.stack.terraform(command, *approval, "-json", "-var-file=run.tfvars.json", **self.workspace)


def _events(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def _done(out: str) -> list[str]:
    done = [event["hook"] for event in _events(out) if event["type"] == "apply_complete"]
    return [f"{hook['resource']['addr']} {hook['action']}" for hook in done if hook["action"] != "read"]


@pytest.fixture
def on_cloud(cloud: Cloud, make_stack: Callable[..., Any]) -> Callable[..., Applied]:
    def make(kind: str, project: str | None = None) -> Applied:
        key = f"{kind}.tfstate" if project else f"prod/{kind}.tfstate"
        prefix = ("workspace_key_prefix=prod/projects",) if project else ()
        login = {
            "AWS_ACCESS_KEY_ID": "sandbox",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        settings = (f"bucket={BUCKET}", f"region={REGION}", f"key={key}", *prefix)
        stack = make_stack(kind, *settings, AWS_ENDPOINT_URL=cloud.url, **login)
        return Applied(stack, {"TF_WORKSPACE": project} if project else {})

    return make


def releases(*wanted: Release) -> dict[str, Any]:
    """Variables with these releases retained, the first one live."""
    values = [one.to_variable() for one in wanted]
    return {**HEADER, "project": "churn", "releases": values, "live": values[0]["name"] if values else ""}


def release(version: int, endpoint: Endpoint = REALTIME) -> Release:
    return Release(version, f"123456789012.dkr.ecr.{REGION}.amazonaws.com/acme-prod/churn/model:v{version}", endpoint)


def test_a_training_stack_converges_after_every_change_and_leaves_nothing(
    cloud: Cloud, on_cloud: Callable[..., Applied]
) -> None:
    stack = on_cloud("training", "churn")
    for change in ({}, {"owner": "search-ml", "vcpu": 1, "memory": 2048}, {"compute": "spot", "gpu": 1, "vcpu": 4}):
        variables = {**TRAINING, **change}
        stack.apply(**variables)
        assert stack.pending(**variables) == []
        spec = cloud.outputs("prod/projects/churn/training.tfstate")["spec"]
        assert {name: spec[name] for name in change} == change
    stack.destroy(**TRAINING)
    assert cloud.client("ecr").describe_repositories()["repositories"] == []
    assert cloud.client("logs").describe_log_groups(logGroupNamePrefix="/acme")["logGroups"] == []
    active = cloud.client("batch").describe_job_definitions(status="ACTIVE")["jobDefinitions"]
    assert active == []


def test_a_deployment_is_updated_rolled_back_pruned_and_retired(cloud: Cloud, on_cloud: Callable[..., Applied]) -> None:
    stack = on_cloud("deployment", "churn")
    stack.apply(**releases())
    for version in (1, 2, 3):
        cloud.push("acme-prod/churn/model", f"v{version}")

    def roll_out(*wanted: Release) -> list[str]:
        done = stack.apply(**releases(*wanted))
        assert stack.pending(**releases(*wanted)) == []
        assert cloud.serving("acme-prod-churn") == f"acme-prod-churn-{wanted[0].name}"
        return [line for line in done if "sagemaker" in line]

    one, two, three = release(1), release(2), release(3)
    roll_out(one)
    roll_out(two, one)
    assert roll_out(one, two) == ["aws_sagemaker_endpoint.live[0] update"], "a rollback is one change"
    pruned = roll_out(three, one)
    moved = pruned.index("aws_sagemaker_endpoint.live[0] update")
    assert all(line.endswith("create") for line in pruned[:moved]), (
        "what is served next exists before the endpoint moves"
    )
    assert all(line.endswith("delete") for line in pruned[moved + 1 :]), "what served before goes after it has moved"
    assert len(pruned) == 5
    anew = roll_out(release(3, SERVERLESS), three)
    assert [line for line in anew if "endpoint.live" in line] == [
        "aws_sagemaker_endpoint.live[0] delete",
        "aws_sagemaker_endpoint.live[0] create",
    ], "SageMaker cannot turn one into the other"

    stack.destroy(**releases())
    sagemaker = cloud.client("sagemaker")
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_models()["Models"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert cloud.client("cloudwatch").describe_alarms()["MetricAlarms"] == []


def test_an_apply_that_failed_never_passes_for_a_whole_one(cloud: Cloud, on_cloud: Callable[..., Applied]) -> None:
    stack = on_cloud("deployment", "torn")
    before = {**releases(), "project": "torn"}
    stack.apply(**before)
    broken = Release(1, f"123456789012.dkr.ecr.{REGION}.amazonaws.com/acme-prod/torn/model:v1", REALTIME)
    cloud.push("acme-prod/torn/model", "v1", "broken")
    stack.apply(fails=True, **{**releases(broken), "project": "torn", "owner": "search-ml"})
    outputs = cloud.outputs("prod/projects/torn/deployment.tfstate")
    assert outputs["spec"]["live"] == ""
    assert outputs["spec"]["owner"] == ""
    assert [one["name"] for one in outputs["releases"]] == [broken.name], "but what may exist is known"
    stack.destroy(**before)


def test_a_platform_converges_and_its_pools_are_changed_in_place(on_cloud: Callable[..., Applied]) -> None:
    stack = on_cloud("platform")
    stack.apply(**HEADER)
    assert stack.pending(**HEADER) == []
    done = stack.apply(**HEADER, max_vcpus=8)
    assert len(done) == 7, "six pools, and what the stack says of itself"
    assert all(line.endswith("update") for line in done)
    assert stack.pending(**HEADER, max_vcpus=8) == []
