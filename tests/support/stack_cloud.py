"""The sandbox's AWS with a bucket for states, and stacks that real Terraform applies there.

Containers are a small script here; everything else is what production runs.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from reconciler.sandbox.aws import Command
from support import known_to_aws
from support.access import LOGIN

REGION, BUCKET = "eu-west-1", "states"
HEADER = {"platform": "acme", "environment": "prod"}
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"

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
        return boto3.client(service, endpoint_url=self.url, region_name=REGION, **LOGIN)

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


@dataclass(slots=True)
class Applied:
    """A stack on the sandbox, driven as the reconciler drives it."""

    stack: Any
    variables: Mapping[str, str]
    """Of its environment: which workspace, and which provider process."""

    def apply(self, *, fails: bool = False, **variables: Any) -> list[str]:
        """Apply; returns what Terraform did, such as `aws_sagemaker_endpoint.live[0] update`, in order.

        Whatever was made: its policies speak of what AWS knows.
        """
        ran = self._run("apply", variables)
        assert (ran.code != 0) == fails, ran
        strange = known_to_aws.faults(json.loads(self.stack.terraform("state", "pull", **self.variables).out))
        assert not strange, strange
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
        return self.stack.terraform(command, *approval, "-json", "-var-file=run.tfvars.json", **self.variables)


def _events(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def _done(out: str) -> list[str]:
    done = [event["hook"] for event in _events(out) if event["type"] == "apply_complete"]
    return [f"{hook['resource']['addr']} {hook['action']}" for hook in done if hook["action"] != "read"]
