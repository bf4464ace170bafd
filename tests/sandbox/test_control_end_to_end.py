"""From an MLflow project to an answer, where the sandbox's own environment does not meet the requirements."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from reconciler.sandbox import Sandbox, down, status, up

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

REGION = "eu-west-1"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
TRAIN = """
import mlflow, pandas
from sklearn.linear_model import LinearRegression

data = pandas.DataFrame({"x": [0.0, 1.0, 2.0, 3.0]})
model = LinearRegression().fit(data, [1.0, 3.0, 5.0, 7.0])
with mlflow.start_run():
    mlflow.log_metric("score", model.score(data, [1.0, 3.0, 5.0, 7.0]))
    signature = mlflow.models.infer_signature(data, model.predict(data))
    mlflow.sklearn.log_model(model, name="model", registered_model_name="line", signature=signature)
"""
OWN_ENVIRONMENT = ["iniconfig==1.1.1", "mlflow-skinny==3.17.2", "scikit-learn", "pandas", "skops"]
"""Another iniconfig than the sandbox's own."""
PROJECT = {
    "MLproject": "name: line\npython_env: python_env.yaml\nentry_points:\n  main:\n    command: python train.py\n",
    "python_env.yaml": json.dumps({"dependencies": OWN_ENVIRONMENT}),
    "train.py": TRAIN,
}

SERVICES = ["sagemaker.amazonaws.com", "batch.amazonaws.com", "ecs-tasks.amazonaws.com"]
TAKEN = {"Action": "sts:AssumeRole"}


@dataclass(frozen=True)
class Cloud:
    """What a person with boto3 and an MLflow client does with the sandbox."""

    sandbox: Sandbox

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.sandbox.aws_endpoint,
            aws_access_key_id=self.sandbox.keys.access_key_id,
            aws_secret_access_key=self.sandbox.keys.secret_access_key,
            config=Config(retries={"max_attempts": 1}),
        )

    def mlflow(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = json.dumps(body).encode() if body else None
        login = base64.b64encode(":".join(self.sandbox.keys.mlflow).encode()).decode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {login}"}
        request = urllib.request.Request(f"{self.sandbox.mlflow_url}/api/2.0/mlflow/{path}", data, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def push(self, folder: Path, repository: str) -> str:
        digest = hashlib.sha256("".join(sorted(map(str, folder.rglob("*")))).encode()).hexdigest()
        shutil.copytree(folder, self.sandbox.images / digest)
        ecr = self.client("ecr")
        ecr.create_repository(repositoryName=repository)
        layers = [{"digest": f"sha256:{digest}", "size": 1}]
        manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "layers": layers})
        ecr.put_image(repositoryName=repository, imageManifest=manifest, imageManifestMediaType=MANIFEST, imageTag="v1")
        return f"{self.sandbox.account}.dkr.ecr.{REGION}.amazonaws.com/{repository}:v1"

    def train(self, image: str, run_id: str) -> dict[str, Any]:
        batch, role = self.client("batch"), self.role()
        batch.create_compute_environment(computeEnvironmentName="local", type="UNMANAGED", serviceRole=role)
        order = [{"order": 1, "computeEnvironment": "local"}]
        batch.create_job_queue(jobQueueName="queue", state="ENABLED", priority=1, computeEnvironmentOrder=order)
        batch.register_job_definition(
            jobDefinitionName="line",
            type="container",
            containerProperties={
                "image": image,
                "command": ["mlflow", "run", ".", "--env-manager", "local", "--run-id", "Ref::run_id"],
                "environment": [{"name": "MLFLOW_TRACKING_URI", "value": self.sandbox.mlflow_url}],
                "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}],
            },
        )
        job = batch.submit_job(jobName="line", jobQueue="queue", jobDefinition="line", parameters={"run_id": run_id})[
            "jobId"
        ]
        return until(
            lambda: batch.describe_jobs(jobs=[job])["jobs"][0], lambda job: job["status"], {"SUCCEEDED", "FAILED"}
        )

    def log(self, job: dict[str, Any]) -> str:
        stream = job["container"]["logStreamName"]
        events = self.client("logs").get_log_events(logGroupName="/aws/batch/job", logStreamName=stream)["events"]
        return "\n".join(event["message"] for event in events)

    def deploy(self, image: str) -> dict[str, Any]:
        sagemaker, role = self.client("sagemaker"), self.role()
        sagemaker.create_model(ModelName="line", ExecutionRoleArn=role, PrimaryContainer={"Image": image})
        variant = {
            "VariantName": "primary",
            "ModelName": "line",
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
        }
        sagemaker.create_endpoint_config(EndpointConfigName="line", ProductionVariants=[variant])
        sagemaker.create_endpoint(EndpointName="line", EndpointConfigName="line")
        return self.settled()

    def settled(self) -> dict[str, Any]:
        sagemaker = self.client("sagemaker")
        return until(
            lambda: sagemaker.describe_endpoint(EndpointName="line"),
            lambda endpoint: endpoint["EndpointStatus"],
            {"InService", "Failed"},
        )

    def ask(self, x: float) -> float:
        body = json.dumps({"dataframe_records": [{"x": x}]})
        runtime = self.client("sagemaker-runtime")
        answer = runtime.invoke_endpoint(EndpointName="line", Body=body, ContentType="application/json")
        return json.load(answer["Body"])["predictions"][0]

    def role(self) -> str:
        iam = self.client("iam")
        names = [role["RoleName"] for role in iam.list_roles()["Roles"]]
        if "role" not in names:
            iam.create_role(RoleName="role", AssumeRolePolicyDocument=policy(Principal={"Service": SERVICES}, **TAKEN))
            everything = policy(Action="*", Resource="*")
            iam.put_role_policy(RoleName="role", PolicyName="may", PolicyDocument=everything)
        return iam.get_role(RoleName="role")["Role"]["Arn"]


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def until(look: Callable[[], Any], word: Callable[[Any], str], wanted: set[str], seconds: float = 300) -> Any:
    deadline = time.monotonic() + seconds
    while word(seen := look()) not in wanted:
        assert time.monotonic() < deadline, seen
        time.sleep(0.2)
    return seen


def download(cloud: Cloud, model: str, target: Path) -> Path:
    argv = (sys.executable, "-m", "mlflow", "artifacts", "download", "--artifact-uri", model, "--dst-path", str(target))
    environ = {**os.environ, "MLFLOW_TRACKING_URI": cloud.sandbox.mlflow_url, "MLFLOW_DISABLE_TELEMETRY": "true"}
    environ |= cloud.sandbox.keys.for_mlflow()
    subprocess.run(argv, env=environ, timeout=120, check=True)
    return target


def test_a_project_that_needs_an_environment_of_its_own_is_trained_and_answers_there(home, folder, tmp_path):
    cloud = Cloud(up(home, lambda line: None))
    image = cloud.push(folder(PROJECT), "training/line")
    experiment = cloud.mlflow("experiments/create", {"name": "line"})["experiment_id"]
    run_id = cloud.mlflow("runs/create", {"experiment_id": experiment})["run"]["info"]["run_id"]

    job = cloud.train(image, run_id)
    assert job["status"] == "SUCCEEDED", cloud.log(job)
    assert "created the environment" in cloud.log(job)
    assert cloud.mlflow(f"runs/get?run_id={run_id}")["run"]["info"]["status"] == "FINISHED"
    (version,) = cloud.mlflow(f"model-versions/search?filter=run_id%3D%27{run_id}%27")["model_versions"]
    assert (version["name"], version["status"]) == ("line", "READY")

    model = download(cloud, f"models:/line/{version['version']}", tmp_path / "model")
    endpoint = cloud.deploy(cloud.push(model, "model/line"))
    assert endpoint["EndpointStatus"] == "InService", endpoint.get("FailureReason")
    assert cloud.ask(10.0) == pytest.approx(21.0)
    assert [one.role for one in status(home)] == ["supervisor", "mlflow", "model server"]

    down(home, lambda line: None)
    assert status(home) == ()
    again = Cloud(up(home, lambda line: None))
    assert again.settled()["EndpointStatus"] == "InService"
    assert again.ask(0.0) == pytest.approx(1.0)
