"""The quick cloud: the sandbox's AWS with trivial jobs and models, a small MLflow, Terraform's stand-in, and a gate."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from moto.backends import get_backend

from reconciler.sandbox.aws import AwsServer, Command, Timing
from reconciler.sandbox.aws import images as sandbox_images
from reconciler.sandbox.aws import state as sandbox_state
from reconciler.sandbox.aws.sagemaker import fleet
from reconciler.sandbox.child_environ import MARK
from reconciler.sandbox.faults import Faults
from reconciler.sandbox.processes import mark_of
from reconciler.sandbox.record import Sandbox, publish
from support.access import ACCESS, KEYS, LOGIN, SEAL
from support.chaos.gate import Gate, listen
from support.chaos.mlflow import MlflowServer, Registry
from support.chaos.resources import ACCOUNT, REGION
from support.chaos.terraform import Terraform
from support.policies import policy

PROGRAMS = Path(__file__).parent / "programs"
TIMING = Timing(startup=5.0, grace=1.0, rollback=0.02, poll=0.02)
JOB = """
import json, os, socket, sys
host, port = os.environ["MLFLOW_TRACKING_URI"].removeprefix("http://").split(":")
model = os.environ["RECONCILER_MODEL"]
body = json.dumps({"run_id": sys.argv[1], "model": model, "registers": model != "ranker"}).encode()
with socket.create_connection((host, int(port))) as server:
    server.sendall(b"POST /train HTTP/1.0\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body)
    sys.exit(b" 200 " not in server.makefile("rb").readline())
"""
"""A training that is over at once. The ranker's does not register what it logs: the reconciler does."""


@dataclass(frozen=True)
class Trivial:
    """Runs the script above in the place of every job; models are not run at all."""

    images: Path

    def job(self, image: Path, argv: Sequence[str], env: Mapping[str, str], say: Callable[[str], None]) -> Command:
        return Command((sys.executable, "-S", "-E", "-c", JOB, argv[-1]), image, {"PATH": os.environ["PATH"], **env})

    def model_server(self, image: Path, port: int, env: Mapping[str, str], say: Callable[[str], None]) -> Command:
        raise RuntimeError("nothing serves in the quick cloud")


@dataclass(frozen=True)
class Snapshot:
    """All that the cloud held at one moment."""

    aws: bytes
    mlflow: Registry


class QuickCloud:
    """One in a process: moto keeps its state there once."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "images").mkdir(parents=True)
        fleet.start = _no_fleet
        self.aws = AwsServer(home, 0, Trivial(home / "images"), ACCESS, TIMING)
        self.aws.start()
        _serving_role(self.client("iam"))
        self.mlflow = MlflowServer()
        self.gate = Gate()
        self.terraform = Terraform(self.gate, self.client)
        self.mlflow_url = f"http://127.0.0.1:{listen(self.gate, self.mlflow.port)}"
        self.programs = _programs(home / "bin")
        self._keepers: list[subprocess.Popen[bytes]] = []

    def door(self, name: str, gate: Gate | None = None) -> dict[str, str]:
        """Variables that lead a reconciler into this cloud, through a gate of its own if one is given."""
        home = (self.home / name).resolve()
        home.mkdir(mode=0o700)
        gate = gate or self.gate
        port = listen(gate, self.aws.port, replace(self.terraform, gate=gate).run)
        mark = mark_of(home)
        # The record of a sandbox counts for as long as the process that it names lives and carries its mark.
        keeper = subprocess.Popen(("sleep", "86400"), env={"PATH": os.environ["PATH"], MARK: mark})
        self._keepers.append(keeper)
        address = f"http://127.0.0.1:{port}"
        record = Sandbox(mark, keeper.pid, address, self.mlflow_url, ACCOUNT, self.home / "images", home, KEYS)
        publish(record, "2026-01-01T00:00:00+00:00")
        return {
            "RECONCILE_SANDBOX_HOME": str(home),
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "PYTHONPATH": str(PROGRAMS),
            "HOME": str(self.home),
            "CI": "true",
            "COLUMNS": "120",
        }

    @property
    def control(self) -> Faults:
        """The control API, past the gate."""
        return Faults(f"http://127.0.0.1:{self.aws.port}", KEYS.access_key_id)

    def endpoint(self, name: str) -> str:
        """Address of AWS behind a door."""
        return str(json.loads((self.home / name / "sandbox.json").read_text())["aws_endpoint"])

    def close(self) -> None:
        """End everything."""
        for keeper in self._keepers:
            keeper.kill()
            keeper.wait()
        self.aws.stop()

    def client(self, service: str) -> Any:
        """A client that goes past the gate."""
        return _client(service, self.aws.port)

    def save(self) -> Snapshot:
        """Everything that there is."""
        with self.aws._cloud.lock:
            return Snapshot(sandbox_state.dump(), self.mlflow.save())

    def restore(self, snapshot: Snapshot) -> None:
        """Everything as it was; what still runs of a trial is ended first."""
        for job in backend("batch").running_jobs():
            job.terminate("the trial is over")
            job.join(5)
        path = self.home / "snapshot"
        sandbox_state.write(path, snapshot.aws, SEAL)
        with self.aws._cloud.lock:
            sandbox_state.load(path, SEAL)
        self.mlflow.restore(snapshot.mlflow)


def backend(service: str) -> Any:
    """moto's own object."""
    regional = get_backend(service)[ACCOUNT]
    return regional["global"] if service == "iam" else regional["aws"] if service == "s3" else regional[REGION]


def _serving_role(iam: Any) -> None:
    """What the stand-in for Terraform gives to every model."""
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="serving", AssumeRolePolicyDocument=policy(trust))
    may = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.put_role_policy(RoleName="serving", PolicyName="may", PolicyDocument=policy(may))


@cache
def _client(service: str, port: int) -> Any:
    session = boto3.Session(region_name=REGION, **LOGIN)
    return session.client(service, endpoint_url=f"http://127.0.0.1:{port}")


def _no_fleet(cloud: Any, region: str, endpoint: str, containers: Any) -> fleet.Fleet:
    """Nothing runs; the image has to be there, and is broken if a file in it says so."""
    for container in containers:
        with cloud.lock:
            image = sandbox_images.locate(container.image, cloud.runtime.images)
        if (image.folder / "broken").exists():
            raise RuntimeError("the container did not pass the ping health check")
    return fleet.Fleet({})


def _programs(folder: Path) -> Path:
    folder.mkdir()
    script = (PROGRAMS / "terraform").read_text().replace("PYTHON", sys.executable, 1)
    (folder / "terraform").write_text(script)
    (folder / "terraform").chmod(0o755)
    return folder
