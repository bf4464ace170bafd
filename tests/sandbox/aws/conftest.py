"""A real AwsServer whose jobs and model servers are scripts of the tests' own."""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config

from reconciler.sandbox.aws import AwsServer, Command, Timing
from support.access import ACCESS, LOGIN
from support.policies import policy

REGION = "eu-west-1"
REPOSITORY = "team/model"
ROLE = "arn:aws:iam::123456789012:role/serving"
SERVICES = ("ecs-tasks.amazonaws.com", "sagemaker.amazonaws.com", "scheduler.amazonaws.com")
MARK = "SANDBOX_TEST_MARK"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"

MODEL_SERVER = """
import http.server, os, pathlib, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *details): pass
    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer(500 if pathlib.Path("sick").exists() else 200, b"")
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if body == b"die": os._exit(9)
        self.answer(400 if body == b"bad" else 200, pathlib.Path("says").read_bytes() + b":" + body)

print("environment says", os.environ.get("GREETING"), flush=True)
if pathlib.Path("broken").exists(): sys.exit("no module named torch")
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@dataclass(frozen=True, slots=True)
class ScriptRuntime:
    """Runs a job's own command, and the script above in the place of a model."""

    images: Path
    mark: str

    def job(self, image: Path, argv: Sequence[str], env: Mapping[str, str], say: Callable[[str], None]) -> Command:
        if (image / "unbuildable").exists():
            raise RuntimeError("requirements.txt asks for a package that does not exist")
        say("environment is ready")
        return Command(tuple(argv), image, self._environ(env))

    def model_server(self, image: Path, port: int, env: Mapping[str, str], say: Callable[[str], None]) -> Command:
        return Command((sys.executable, "-c", MODEL_SERVER, str(port)), image, self._environ(env))

    def _environ(self, env: Mapping[str, str]) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], MARK: self.mark, **env}


@dataclass
class Sandbox:
    """One home, and the server that runs on it."""

    home: Path
    timing: Timing = field(default_factory=lambda: Timing(startup=3.0, grace=2.0, rollback=0.2, poll=0.02))
    server: AwsServer | None = None
    port: int = 0

    @property
    def mark(self) -> str:
        return str(self.home)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def up(self) -> None:
        self.server = AwsServer(
            self.home, self.port, ScriptRuntime(self.home / "images", self.mark), ACCESS, self.timing
        )
        self.server.start()
        self.port = self.server.port
        if ROLE not in {one["Arn"] for one in self.client("iam").list_roles()["Roles"]}:
            self.role("serving", {"Effect": "Allow", "Action": "*", "Resource": "*"})

    def role(self, name: str, *statements: Mapping[str, Any], trusted: Sequence[str] = SERVICES) -> str:
        """A role that services take; returns its ARN."""
        iam = self.client("iam")
        trust = {"Effect": "Allow", "Principal": {"Service": list(trusted)}, "Action": "sts:AssumeRole"}
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=policy(*statements))
        return made["Role"]["Arn"]

    def down(self) -> None:
        if self.server:
            self.server.stop()
            self.server = None

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            **LOGIN,
            config=Config(retries={"max_attempts": 1}, read_timeout=20),
        )

    def push(self, tag: str, files: Mapping[str, str]) -> str:
        """Put an image into the registry; returns its address."""
        digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()
        folder = self.home / "images" / digest
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text)
        layers = [{"digest": f"sha256:{digest}", "size": 1}]
        manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "layers": layers})
        ecr = self.client("ecr")
        if not ecr.describe_repositories()["repositories"]:
            ecr.create_repository(repositoryName=REPOSITORY)
        ecr.put_image(repositoryName=REPOSITORY, imageTag=tag, imageManifest=manifest)
        return f"123456789012.dkr.ecr.{REGION}.amazonaws.com/{REPOSITORY}:{tag}"

    def endpoint_log(self, name: str) -> str:
        """All that was written of an endpoint."""
        logs, group = self.client("logs"), f"/aws/sagemaker/Endpoints/{name}"
        streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
        events = [
            event
            for stream in streams
            for event in logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
        ]
        return "\n".join(event["message"] for event in events)

    def children(self) -> list[psutil.Process]:
        """Processes that carry this sandbox's mark."""
        return [process for process in psutil.process_iter() if _environ(process).get(MARK) == self.mark]

    def greetings(self) -> list[str]:
        """What the model servers that run were told to say, sorted."""
        return sorted(_environ(process).get("GREETING", "") for process in self.children())


@dataclass(frozen=True)
class Serving:
    """Shorthand for what every test here does."""

    box: Any
    client: Any
    runtime: Any
    eventually: Callable[..., Any]

    def release(self, name: str, files: Mapping[str, str] | None = None, **variant: Any) -> str:
        """A model of its own image, and an endpoint configuration of the same name."""
        image = self.box.push(name, {"says": name, **(files or {})})
        container = {"Image": image, "Environment": {"GREETING": f"this is {name}"}}
        self.client.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
        self.configure(name, name, **variant)
        return name

    def configure(self, name: str, model: str, more: Mapping[str, Any] | None = None, **variant: Any) -> None:
        size = variant or {"InstanceType": "ml.m7i.large", "InitialInstanceCount": 1}
        variants = [{"VariantName": "AllTraffic", "ModelName": model, **size}]
        self.client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants, **(more or {}))

    def serve(self, name: str, more: Mapping[str, Any]) -> dict[str, Any]:
        """An endpoint whose model answers `<name>:<question>`, with more in its configuration."""
        self.release(name)
        self.configure(f"{name}-more", name, more)
        return self.create(name, f"{name}-more")

    def bucket(self, name: str) -> str:
        place = {"LocationConstraint": REGION}
        self.box.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=place)
        return name

    def objects(self, bucket: str, prefix: str = "") -> dict[str, str]:
        """Text of every object, by key."""
        s3 = self.box.client("s3")
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])]
        return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in keys}

    def describe(self, name: str) -> dict[str, Any]:
        return self.client.describe_endpoint(EndpointName=name)

    def settled(self, name: str) -> dict[str, Any]:
        self.eventually(lambda: self.describe(name)["EndpointStatus"] in {"InService", "Failed", "OutOfService"})
        return self.describe(name)

    def create(self, name: str, config: str, **more: Any) -> dict[str, Any]:
        self.client.create_endpoint(EndpointName=name, EndpointConfigName=config, **more)
        return self.settled(name)

    def update(self, name: str, config: str, **more: Any) -> dict[str, Any]:
        self.client.update_endpoint(EndpointName=name, EndpointConfigName=config, **more)
        return self.settled(name)

    def ask(self, name: str, body: bytes = b"1") -> str:
        answer = self.runtime.invoke_endpoint(EndpointName=name, Body=body, ContentType="text/csv")
        return answer["Body"].read().decode()

    def gone(self, name: str) -> bool:
        return name not in [one["EndpointName"] for one in self.client.list_endpoints(NameContains=name)["Endpoints"]]

    def delete(self, name: str) -> None:
        self.client.delete_endpoint(EndpointName=name)
        self.eventually(lambda: self.gone(name))


def _environ(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except psutil.Error:
        return {}


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox of the test's own, up."""
    box = Sandbox(tmp_path)
    box.up()
    yield box
    box.down()


@pytest.fixture(scope="module")
def shared_box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox for a whole module: its tests use names of their own."""
    box = Sandbox(tmp_path_factory.mktemp("sandbox"))
    box.up()
    yield box
    box.down()


@pytest.fixture(scope="module")
def serving(shared_box: Sandbox, eventually: Callable[..., Any]) -> Serving:
    client, runtime = shared_box.client("sagemaker"), shared_box.client("sagemaker-runtime")
    return Serving(shared_box, client, runtime, eventually)


@pytest.fixture(scope="session")
def box_at() -> Callable[[Path], Sandbox]:
    """The sandbox of a folder, whoever runs it."""
    return Sandbox


@pytest.fixture(scope="session")
def eventually() -> Callable[..., Any]:
    """Asks again and again until the answer is true, for at most `timeout` seconds; returns the answer."""

    def ask(question: Callable[[], Any], timeout: float = 15.0) -> Any:
        deadline = time.monotonic() + timeout
        while True:
            answer = question()
            if answer or time.monotonic() > deadline:
                assert answer, "it never came true"
                return answer
            time.sleep(0.02)

    return ask
