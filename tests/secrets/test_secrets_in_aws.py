"""Secrets in Parameter Store, in whole Terraform states, in tags, and in what Terraform and MLflow say: through the
production adapters, with a plain AWS stand-in, an MLflow server that only complains, and a Terraform that only fails.
"""

import json
import os
import shlex
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest

from reconciler.core.redaction import Redactor
from support import leaky
from support.command_line import HEADER, CommandLine
from support.leaky import LEAK, WORD, leaks
from support.moto_server import moto_server

pytestmark = pytest.mark.servers

COMMANDS = (
    "--dry-run",
    "--dry-run -o json --out plan.json",
    "--dry-run -o markdown",
    "--out plan.json",
    "-o markdown",
    "train churn",
    "retry churn",
    "status",
    "status -o json",
    "invoke churn -d body.json",
    "adopt churn --version 1",
    "drift -o markdown",
    "history",
    "trace churn",
    "unlock",
    "mlflow-server up --dry-run",
    "mlflow-server up",
    "vpn list",
    "vpn add somebody",
    "teardown --yes",
)
TERRAFORM = f'''#!{sys.executable}
"""A Terraform that initialises, and then fails with secrets in everything that it says."""
import json, os, sys

if sys.argv[1] == "init":
    sys.exit(0)
leak = json.loads(os.environ["LEAK_FOR_THE_STAND_IN"])
resource = {{"addr": "aws_batch_job_definition.job", "resource_type": "x", "resource_name": "y"}}
values = {{"id_key": "password", "id_value": leak}}
for event in (
    {{"type": "log", "@message": leak}},
    {{"type": "planned_change", "change": {{"resource": resource, "action": "create", "after": leak}}}},
    {{"type": "apply_start", "hook": {{"resource": resource, "action": "create", **values}}}},
    {{"type": "outputs", "outputs": {{"password": {{"sensitive": False, "value": leak}}}}}},
    {{"type": "diagnostic", "diagnostic": {{"severity": "warning", "summary": "Odd", "detail": leak}}}},
):
    print(json.dumps(event), flush=True)
print(leak, flush=True)
print("panic: it crashed\\n\\ngoroutine 1 [running]:\\n" + leak, file=sys.stderr)
if "training" in os.getcwd() or "mlflow" in os.getcwd():
    error = {{"severity": "error", "summary": "It failed", "detail": leak,
             "snippet": {{"code": leak, "values": [{{"traversal": "var.password", "statement": leak}}]}}}}
    print(json.dumps({{"type": "diagnostic", "diagnostic": error}}), flush=True)
sys.exit(1)
'''


class Complaining(BaseHTTPRequestHandler):
    """An MLflow server that answers some questions, with secrets in tags, and complains of the rest."""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, body = 400, {"error_code": "INVALID_PARAMETER_VALUE", "message": LEAK}
        if "model-versions/search" in self.path:
            tags = [{"key": "password", "value": f"{WORD}-tag"}]
            versions = [{"name": "churn", "version": "1", "status": "READY", "run_id": "r1", "tags": tags}]
            status, body = 200, {"model_versions": versions}
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = answer  # noqa: N815 - the base class's spelling

    def log_message(self, *_arguments: object) -> None:
        pass


def state(spec: dict[str, Any], **outputs: Any) -> bytes:
    """A Terraform state full of secrets."""
    attributes = {"password": f"{WORD}-attribute", "environment": {"TOKEN": f"{WORD}-attribute"}}
    resource = {"mode": "managed", "type": "x", "name": "y", "instances": [{"attributes": attributes}]}
    shown = {name: {"value": value} for name, value in {"spec": {**spec, **leaky.SMUGGLED}, **outputs}.items()}
    secret = {"database_password": {"value": f"{WORD}-output", "sensitive": True}}
    return json.dumps({"version": 4, "outputs": {**shown, **secret}, "resources": [resource]}).encode()


def plant(aws: str) -> None:
    """Parameters, states, tags, and a note of a release that was refused."""

    def client(service: str) -> Any:
        return boto3.client(
            service, endpoint_url=aws, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
        )

    tags = [{"Key": "password", "Value": f"{WORD}-tag"}]
    client("ssm").put_parameter(Name="/acme/test/password", Value=f"{WORD}-parameter", Type="SecureString", Tags=tags)
    client("secretsmanager").create_secret(Name="acme-test-vpn", SecretString=f"{WORD}-secret")
    s3 = client("s3")
    s3.create_bucket(Bucket=HEADER["state_bucket"], CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    spec = {"policy": f"{WORD}-policy", "owner": "ml", "tracking_uri": f"http://u:{WORD}@mlflow.test/?token={WORD}"}
    network = {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1"]}
    note = {"release": "v1-0a1b2c3", "reason": LEAK, "since": "2026-01-01T00:00:00+00:00"}
    for key, body in {
        "platform.tfstate": state({"disk": 50}, network=network, security_group_id="sg-1"),
        "mlflow-server.tfstate": state({"database": {"password": f"{WORD}-database"}}, network=network),
        "projects/churn/training.tfstate": state(spec),
        "projects/churn/deployment.tfstate": state({"live": ""}, releases=[]),
        "projects/churn/refused/v1-0a1b2c3.json": json.dumps(note).encode(),
        "projects/gone/training.tfstate": state(spec),
    }.items():
        s3.put_object(Bucket=HEADER["state_bucket"], Key=f"test/{key}", Body=body)
    sagemaker = client("sagemaker")
    container = {"Image": "x", "Environment": {"TOKEN": f"{WORD}-container"}}
    role = "arn:aws:iam::123456789012:role/x"
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=role, PrimaryContainer=container)
    variants = [{"VariantName": "live", "ModelName": "m", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}]
    sagemaker.create_endpoint_config(EndpointConfigName="acme-test-other", ProductionVariants=variants, Tags=tags)
    sagemaker.create_endpoint(EndpointName="acme-test-churn", EndpointConfigName="acme-test-other", Tags=tags)


@pytest.fixture(scope="module")
def mlflow() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Complaining)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory, mlflow: str) -> Iterator[CommandLine]:
    folder = tmp_path_factory.mktemp("team")
    (folder / "terraform").write_text(TERRAFORM)
    (folder / "terraform").chmod(0o755)
    with moto_server() as aws, pytest.MonkeyPatch.context() as patch:
        plant(aws)
        line = CommandLine(folder / "repo", patch, cloud=None)
        variables = {
            **leaky.ENVIRONMENT,
            **leaky.UNHEARD,
            "AWS_ENDPOINT_URL": aws,
            "AWS_EC2_METADATA_DISABLED": "true",
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
            "LEAK_FOR_THE_STAND_IN": json.dumps(LEAK),
        }
        for name, value in variables.items():
            patch.setenv(name, value)
        line.header["mlflow"] = {"tracking_uri": mlflow}
        line.want("churn", owner="search", deployment={"version": 1})
        (line.root / "body.json").write_text("{}")
        yield line


def told(line: CommandLine, command: str) -> str:
    """Everything that a command leaves behind for anybody to read."""
    ran = line.run(*shlex.split(command))
    return "\n".join([f"{ran}", *(path.read_text() for path in line.root.glob("*.json"))])


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_shows_a_secret(team, command):
    text = told(team, command)
    assert leaks(text) == ""
    assert "Traceback" not in text


@pytest.mark.parametrize("command", ["--dry-run", "status", "--out plan.json"])
def test_they_would_be_seen_if_nothing_hid_them(team, command, monkeypatch):
    monkeypatch.setattr(Redactor, "__call__", lambda _self, text: text)
    monkeypatch.setattr(Redactor, "output", lambda _self, text: text)
    assert leaks(told(team, command))
