"""What outlives the server, and what does not."""

import json
import os
import pickle
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from moto.batch import models
from moto.sagemaker.responses import SageMakerResponse

from reconciler.sandbox.aws import state
from reconciler.sandbox.aws.batch.job import LocalJob
from reconciler.sandbox.seal import Seal
from support.access import SEAL

CONFTEST = Path(__file__).with_name("conftest.py")
ROLE = "arn:aws:iam::123456789012:role/serving"
EXECUTED = Path(tempfile.gettempdir()) / f"executed-by-a-pickle-{os.getpid()}"


class Evil:
    """Executes what it likes in whoever unpickles it."""

    def __reduce__(self) -> Any:
        return Path.touch, (EXECUTED,)


EVIL = pickle.dumps(Evil())


def sealed(content: bytes, seal: Seal) -> bytes:
    header = json.dumps(state.FORMAT).encode()
    return b"\n".join((header, seal.of(header + content), content))


HOST = f"""
    import importlib.util, sys, threading
    from pathlib import Path
    spec = importlib.util.spec_from_file_location("helpers", {str(CONFTEST)!r})
    helpers = sys.modules["helpers"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(helpers)
    box = helpers.Sandbox(Path(sys.argv[1]))
    box.up()
    print(box.port, flush=True)
    threading.Event().wait()
"""


def deploy(box: Any, eventually: Callable[..., Any], **more: Any) -> None:
    sagemaker = box.client("sagemaker")
    for name in ("one", "two"):
        image = box.push(name, {"says": name})
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": image})
        variant = {"VariantName": "A", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant], **more)
    sagemaker.create_endpoint(EndpointName="kept", EndpointConfigName="one")
    in_service(box, eventually)


def submit(box: Any, name: str, script: str) -> str:
    batch, ec2 = box.client("batch"), box.client("ec2")
    resources = {
        "type": "FARGATE",
        "maxvCpus": 4,
        "subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
        "securityGroupIds": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]],
    }
    batch.create_compute_environment(computeEnvironmentName=name, type="MANAGED", computeResources=resources)
    order = [{"order": 1, "computeEnvironment": name}]
    batch.create_job_queue(jobQueueName=name, state="ENABLED", priority=1, computeEnvironmentOrder=order)
    container = {"image": box.push(name, {"a": name}), "command": ["sh", "-c", script], "vcpus": 1, "memory": 512}
    batch.register_job_definition(jobDefinitionName=name, type="container", containerProperties=container)
    return batch.submit_job(jobName=name, jobQueue=name, jobDefinition=name)["jobId"]


def job(box: Any, job_id: str) -> dict[str, Any]:
    return box.client("batch").describe_jobs(jobs=[job_id])["jobs"][0]


def in_service(box: Any, eventually: Callable[..., Any]) -> dict[str, Any]:
    sagemaker = box.client("sagemaker")
    eventually(lambda: sagemaker.describe_endpoint(EndpointName="kept")["EndpointStatus"] == "InService")
    return sagemaker.describe_endpoint(EndpointName="kept")


def ask(box: Any) -> str:
    runtime = box.client("sagemaker-runtime")
    return runtime.invoke_endpoint(EndpointName="kept", Body=b"1")["Body"].read().decode()


def test_after_a_stop_nothing_runs_and_after_a_start_everything_is_there(
    box: Any, eventually: Callable[..., Any]
) -> None:
    deploy(box, eventually)
    box.client("s3").create_bucket(Bucket="state", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    box.client("s3").put_object(Bucket="state", Key="a/b.tfstate", Body=b"{}")
    done = submit(box, "done", "echo over")
    eventually(lambda: job(box, done)["status"] == "SUCCEEDED")
    before = job(box, done)

    box.down()
    assert box.children() == []
    box.up()

    assert in_service(box, eventually)["EndpointConfigName"] == "one"
    assert ask(box) == "one:1"
    assert box.client("s3").get_object(Bucket="state", Key="a/b.tfstate")["Body"].read() == b"{}"
    assert job(box, done) == before
    stream = before["container"]["logStreamName"]
    events = box.client("logs").get_log_events(logGroupName="/aws/batch/job", logStreamName=stream)["events"]
    assert [event["message"] for event in events] == ["environment is ready", "over"]


def test_after_a_stop_moto_is_as_it_was(box: Any) -> None:
    assert models.Job is LocalJob
    assert hasattr(SageMakerResponse, "update_endpoint")
    box.down()
    assert models.Job.__module__ == "moto.batch.models"
    assert not hasattr(SageMakerResponse, "update_endpoint")


def test_the_state_is_readable_by_its_owner_only(box: Any) -> None:
    box.down()
    assert stat.S_IMODE((box.home / "aws.pickle").stat().st_mode) == 0o600


def test_a_bucket_asked_for_again_after_a_restart_still_holds_its_objects(box: Any) -> None:
    where = {"LocationConstraint": "eu-west-1"}
    box.client("s3").create_bucket(Bucket="tfstate", CreateBucketConfiguration=where)
    box.client("s3").put_object(Bucket="tfstate", Key="prod/platform.tfstate", Body=b"{}")
    box.down()
    box.up()
    s3 = box.client("s3")
    with pytest.raises(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket="tfstate", CreateBucketConfiguration=where)
    assert [found["Key"] for found in s3.list_objects_v2(Bucket="tfstate")["Contents"]] == ["prod/platform.tfstate"]


@pytest.mark.parametrize("moment", ["running", "waiting"])
def test_a_job_that_was_under_way_has_failed_after_a_restart(
    box: Any, eventually: Callable[..., Any], moment: str
) -> None:
    first = submit(box, "first", "sleep 60")
    eventually(lambda: job(box, first)["status"] == "RUNNING")
    job_id = first
    if moment == "waiting":
        submit(box, "second", "sleep 60")
        job_id = submit(box, "third", "sleep 60")
        eventually(lambda: job(box, job_id)["status"] == "RUNNABLE")
    box.down()
    assert box.children() == []
    box.up()
    after = job(box, job_id)
    assert (after["status"], after["statusReason"]) == (
        "FAILED",
        "Host EC2 terminated: the sandbox was stopped before the job ended",
    )
    second = box.client("batch").submit_job(jobName="next", jobQueue="first", jobDefinition="first")["jobId"]
    eventually(lambda: job(box, second)["status"] == "RUNNING")


def test_an_update_that_was_cut_short_is_made_after_the_restart(box: Any, eventually: Callable[..., Any]) -> None:
    deploy(box, eventually)
    (image,) = [folder for folder in (box.home / "images").iterdir() if (folder / "says").read_text() == "two"]
    (image / "sick").touch()
    box.client("sagemaker").update_endpoint(EndpointName="kept", EndpointConfigName="two")
    eventually(lambda: len(box.children()) == 2)
    box.down()
    assert box.children() == []
    (image / "sick").unlink()
    box.up()
    eventually(lambda: in_service(box, eventually)["EndpointConfigName"] == "two")
    assert ask(box) == "two:1"


def test_what_was_accepted_before_a_stop_is_answered_after_the_next_start(
    box: Any, eventually: Callable[..., Any]
) -> None:
    s3 = box.client("s3")
    s3.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="kept", Key="in", Body=b"1")
    output = {"S3OutputPath": "s3://kept/out", "S3FailurePath": "s3://kept/failed"}
    deploy(box, eventually, AsyncInferenceConfig={"OutputConfig": output})
    (server,) = box.children()
    server.suspend()
    box.client("sagemaker-runtime").invoke_endpoint_async(EndpointName="kept", InputLocation="s3://kept/in")
    box.down()
    box.up()
    eventually(lambda: "Contents" in s3.list_objects_v2(Bucket="kept", Prefix="out/"))
    (written,) = s3.list_objects_v2(Bucket="kept", Prefix="out/")["Contents"]
    assert s3.get_object(Bucket="kept", Key=written["Key"])["Body"].read() == b"one:1"
    assert "Contents" not in s3.list_objects_v2(Bucket="kept", Prefix="failed/")


def test_what_was_captured_last_is_written_when_the_sandbox_stops(box: Any, eventually: Callable[..., Any]) -> None:
    s3 = box.client("s3")
    s3.create_bucket(Bucket="last", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    capture = {
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": "s3://last/capture",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    deploy(box, eventually, DataCaptureConfig=capture)
    ask(box)
    box.down()
    box.up()
    assert len(s3.list_objects_v2(Bucket="last", Prefix="capture/kept/A/")["Contents"]) == 1


def test_an_endpoint_whose_image_is_gone_is_out_of_service(box: Any, eventually: Callable[..., Any]) -> None:
    deploy(box, eventually)
    box.down()
    (box.home / "images").rename(box.home / "elsewhere")
    box.up()
    sagemaker = box.client("sagemaker")
    eventually(lambda: sagemaker.describe_endpoint(EndpointName="kept")["EndpointStatus"] == "OutOfService")
    assert "make sure all images included" in sagemaker.describe_endpoint(EndpointName="kept")["FailureReason"]
    assert "is gone from the sandbox's images" in box.endpoint_log("kept")


@pytest.mark.parametrize(
    ("content", "kept_as", "why"),
    [
        (
            b'{"sandbox": 1, "moto": "4.0.0", "python": "3.11"}\n...',
            "aws.pickle.other-version",
            "another version wrote it",
        ),
        (
            json.dumps({**state.FORMAT, "sandbox": 2}).encode() + b"\n" + EVIL,
            "aws.pickle.other-version",
            "another version wrote it",
        ),
        (json.dumps(state.FORMAT).encode() + b"\n" + EVIL, "aws.pickle.not-ours", "your sandbox did not write it"),
        (sealed(EVIL, Seal(b"of another user")), "aws.pickle.not-ours", "your sandbox did not write it"),
        (sealed(b"nothing that pickle knows", SEAL), "aws.pickle.unreadable", "cannot be used"),
        (None, "aws.pickle.not-ours", "your sandbox did not write it"),
    ],
)
def test_a_state_that_cannot_be_used_is_kept_aside_and_said(
    box: Any, caplog: pytest.LogCaptureFixture, content: bytes | None, kept_as: str, why: str
) -> None:
    box.client("iam").create_role(RoleName="mine", AssumeRolePolicyDocument="{}")
    box.down()
    saved = box.home / "aws.pickle"
    saved.write_bytes(content if content is not None else saved.read_bytes()[:-1000])
    box.up()
    assert "mine" not in {role["RoleName"] for role in box.client("iam").list_roles()["Roles"]}
    assert (box.home / kept_as).exists()
    (message,) = [record.getMessage() for record in caplog.records if "starts empty" in record.getMessage()]
    assert why in message
    assert "\n" not in message
    assert not EXECUTED.exists()


def test_databases_with_their_secrets_and_keys_outlive_the_server(box: Any, caplog: pytest.LogCaptureFixture) -> None:
    box.client("rds").create_db_instance(
        DBInstanceIdentifier="kept",
        DBInstanceClass="db.t4g.micro",
        Engine="mysql",
        MasterUsername="mlflow",
        ManageMasterUserPassword=True,
        AllocatedStorage=20,
    )
    (made,) = box.client("rds").describe_db_instances()["DBInstances"]
    arn = made["MasterUserSecret"]["SecretArn"]
    password = box.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    box.down()
    box.up()
    (kept,) = box.client("rds").describe_db_instances()["DBInstances"]
    assert kept["MasterUserSecret"]["SecretArn"] == arn
    assert box.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"] == password
    assert "cannot be saved" not in caplog.text


@pytest.fixture
def host(tmp_path: Path, box_at: Callable[[Path], Any]) -> Iterator[Callable[[], tuple[subprocess.Popen[str], int]]]:
    """Starts a sandbox in a process of its own; returns the process and the port."""
    started: list[subprocess.Popen[str]] = []

    def start() -> tuple[subprocess.Popen[str], int]:
        argv = [sys.executable, "-c", textwrap.dedent(HOST), str(tmp_path)]
        process = subprocess.Popen(
            argv,
            stdout=subprocess.PIPE,
            text=True,
            cwd=CONFTEST.parents[3],
            env={**os.environ, "PYTHONPATH": str(CONFTEST.parents[2])},
        )
        started.append(process)
        assert process.stdout
        return process, int(process.stdout.readline())

    yield start
    for process in started:
        process.kill()
        process.wait()
    end(box_at(tmp_path).children())


def end(orphans: list[psutil.Process]) -> None:
    for orphan in orphans:
        orphan.kill()
    _, alive = psutil.wait_procs(orphans, timeout=5)
    assert alive == []


def test_a_killed_sandbox_has_everything_that_it_had_saved(
    host: Callable[[], tuple[subprocess.Popen[str], int]],
    tmp_path: Path,
    eventually: Callable[..., Any],
    box_at: Callable[[Path], Any],
) -> None:
    box = box_at(tmp_path)
    process, box.port = host()
    deploy(box, eventually)
    running = submit(box, "running", "sleep 60")
    eventually(lambda: job(box, running)["status"] == "RUNNING")
    eventually(lambda: running.encode() in (tmp_path / "aws.pickle").read_bytes())

    process.send_signal(signal.SIGKILL)
    process.wait()
    orphans = box.children()
    assert len(orphans) >= 2  # the model server and the job carry the mark by which the supervisor ends them
    end(orphans)

    _, box.port = host()
    assert in_service(box, eventually)["EndpointConfigName"] == "one"
    assert ask(box) == "one:1"
    assert job(box, running)["status"] == "FAILED"
