"""`reconcile doctor`: from a situation to the lines that a person reads."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler import wiring
from reconciler.core.desired import Platform
from reconciler.core.doctor.cloud import Bucket, Identity
from reconciler.core.doctor.quotas import Quota
from reconciler.core.doctor.tools import Provider
from reconciler.core.lease import Holder, Lease, Seen
from reconciler.core.statelock import StateLock
from reconciler.errors import ReadFailed, SettingsMissing, SourceUnusable, TimedOut
from reconciler.ports.doctor import Practice
from reconciler.sandbox import Sandbox
from support.access import KEYS
from support.builders import NOW
from support.command_line import CommandLine
from support.practice import Patient

NOBODY = ReadFailed("could not read the AWS account: no usable AWS credentials were found", "sign in (`aws sso login`)")
HELD = Seen(Lease("run-1", 3, Holder("bob", "ci", "0", 7, "1", "push"), NOW, NOW + timedelta(seconds=9)), "v", 3.0)
SANDBOX = {"version": 1, "platform": "demo", "environment": "sandbox", "sandbox": True}
SERVER = {"server": {"vpn": {}}}


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A repository with an environment on AWS that has one project, which is served."""
    line = CommandLine(tmp_path / "repo", monkeypatch)
    line.want("churn", deployment={"version": 1, "endpoint": {"instance_type": "ml.m5.large"}})
    return line


def examined(line: CommandLine, patient: Patient, *words: str) -> Any:
    seen: list[Platform | None] = []

    def build(platform: Platform | None, *_rest: Any) -> Practice:
        seen.append(platform)
        return patient.practice

    line.patch.setattr(wiring, "build_practice", build)
    ran = line.run("doctor", *words)
    assert len(seen) == 1, ran
    return ran


def findings(line: CommandLine, patient: Patient) -> dict[str, tuple[str, str, str | None]]:
    """Verdict, what was found, and what to do, by check; of several lines the last, which is what is not well."""
    document = json.loads(examined(line, patient, "-o", "json").out)
    return {one["check"]: (one["verdict"], one["found"], one["fix"]) for one in document["findings"]}


def test_where_all_is_well_every_line_says_so(line):
    ran = examined(line, Patient())
    assert ran.code == 0, ran
    assert ran.out.endswith("18 ok, 0 warnings, 0 failed, 0 skipped.\n")
    assert "ok       permissions     SageMaker, Batch, ECR, IAM, CloudWatch, Logs," in ran.out
    assert "ok       quotas          ml.m5.large for endpoint usage: 1000, Fargate" in ran.out


SITUATIONS = [
    (Patient(git="2.20.1"), "git", "failed", "2.20.1, and 2.30 or later is needed", "https://git-scm.com/downloads"),
    (
        Patient(broken={"terraform": SettingsMissing("terraform is not installed", "install terraform")}),
        "Terraform", "failed", "terraform is not installed", "install terraform",
    ),
    (
        Patient(provider=Provider("registry.terraform.io", "ProxyError")),
        "provider", "warning", "registry.terraform.io cannot be reached (ProxyError)", "terraform providers mirror",
    ),
    (
        Patient(broken={"docker": SettingsMissing("docker is not installed, or not on PATH", "install docker")}),
        "Docker", "warning", "docker is not installed, or not on PATH (planning needs none)", "docs.docker.com",
    ),
    (
        Patient(broken={"docker": TimedOut("docker version did not end within 8 s", "try again")}),
        "Docker", "warning", "docker version did not end within 8 s (planning needs none)", "start it",
    ),
    (Patient(uncommitted=("manifests/prod.yaml",)), "repository", "warning", "not committed: manifests/", "git add"),
    (
        Patient(broken={"commit": SourceUnusable("/x is not inside a git repository", "git init && git add --all")}),
        "repository", "failed", "/x is not inside a git repository", "git init",
    ),
    (Patient(broken={"identity": NOBODY}), "credentials", "failed", "no usable AWS credentials", "aws sso login"),
    (Patient(broken={"region": NOBODY}), "region", "skipped", "no usable AWS credentials were found", ""),
    (Patient(region="not-opted-in"), "region", "failed", "eu-west-1 is not enabled", "aws account enable-region"),
    (Patient(denied={"ECR": "access denied to X"}), "permissions", "failed", "access denied to X", "make bootstrap"),
    (Patient(bucket=None), "state bucket", "failed", "there is no bucket acme-test-tfstate", "make bootstrap"),
    (
        Patient(bucket=Bucket(versioned=False, encrypted=True, private=True)),
        "state bucket", "warning", "acme-test-tfstate is not versioned", "-m manifests/prod.yaml bootstrap",
    ),
    (Patient(lease=HELD), "lease", "warning", "held by bob on ci", "-m manifests/prod.yaml unlock --id run-1"),
    (Patient(lease=HELD, gone=True), "lease", "warning", "left by a run that died: bob on ci", "the next run takes it"),
    (Patient(lease=replace(HELD, age=600.0)), "lease", "warning", "left by a run that died: bob on ci", "--id run-1"),
    (
        Patient(locks={"test/platform.tfstate": StateLock("7", "bob@ci", "", None)}),
        "locks", "warning", "test/platform.tfstate by bob@ci", "reconcile unlock",
    ),
    (
        Patient(broken={"version": ReadFailed("http://mlflow.test does not answer (timed out)")}),
        "MLflow", "failed", "http://mlflow.test does not answer", "is mlflow.tracking_uri right?",
    ),
    (Patient(version="2.22.1"), "MLflow", "failed", "2.22.1 at http://mlflow.test, and 3.0", "update the server"),
    (
        Patient(broken={"signed_in": ReadFailed("the server does not let us in (HTTP 401)", "set MLFLOW")}),
        "MLflow sign-in", "failed", "the server does not let us in (HTTP 401)", "set MLFLOW",
    ),
    (
        Patient(quotas={"ml.m5.large for endpoint usage": Quota("L-7", 1.0)}),
        "quotas", "warning", "AWS does not tell what 'Fargate On-Demand vCPU", "Service Quotas, fargate",
    ),
    (
        Patient(broken={"quotas": ReadFailed("access denied to ListServiceQuotas", "allow it")}),
        "quotas", "warning", "access denied to ListServiceQuotas", "allow it",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("patient", "check", "verdict", "found", "fix"), SITUATIONS, ids=[f"{one[1]}: {one[3]}" for one in SITUATIONS]
)
def test_what_is_not_well_is_told_with_what_to_do(line, patient, check, verdict, found, fix):
    told = findings(line, patient)[check]
    assert told[0] == verdict
    assert found in told[1]
    assert fix in (told[2] or "")


@pytest.mark.parametrize(
    ("patient", "waiting"),
    [
        (Patient(broken={"identity": NOBODY}), ["account", "permissions", "state bucket", "lease", "locks", "quotas"]),
        (Patient(bucket=None), ["lease", "locks"]),
        (Patient(broken={"version": NOBODY}), ["MLflow sign-in"]),
        (Patient(terraform="1.5.7"), ["provider"]),
        (Patient(git="1.8.3"), ["repository", "projects", "quotas"]),
    ],
)
def test_what_needs_something_that_failed_is_skipped_and_the_rest_is_told(line, patient, waiting):
    told = findings(line, patient)
    assert [check for check, (verdict, *_) in told.items() if verdict == "skipped"] == waiting
    assert {told[check][1].partition(" ")[0] for check in waiting} == {"needs"}


def test_a_wrong_account_is_not_looked_into(line):
    line.header["account"] = "222222222222"
    line.save()
    patient = Patient(identity=Identity("111111111111", "arn:aws:iam::111111111111:user/alice"))
    told = findings(line, patient)
    assert told["account"][:2] == ("failed", "111111111111, and the manifest says 222222222222")
    assert told["state bucket"][0] == "skipped"
    assert not {"bucket", "lease", "quotas", "SageMaker"} & set(patient.asked)


@pytest.mark.parametrize(
    ("patient", "code"),
    [
        (Patient(lease=HELD, uncommitted=("x",)), 0),
        (Patient(bucket=None), 1),
        (Patient(broken={"region": NOBODY}), 0),
    ],
)
def test_it_exits_1_when_something_failed_and_a_warning_is_no_failure(line, patient, code):
    assert examined(line, patient).code == code


def test_a_manifest_that_is_not_valid_hides_nothing_about_the_machine(line):
    Path("manifests/prod.yaml").write_text("version: 1\nplatfrom: acme\nprojects: {}\n")
    ran = examined(line, Patient(git="2.20.1"))
    assert ran.code == 3, ran
    assert "failed   git             2.20.1" in ran.out
    assert "failed   manifest        manifests/prod.yaml:" in ran.out
    assert "reconcile -m manifests/prod.yaml validate" in ran.out
    assert "skipped  credentials     needs manifest" in ran.out


def test_a_folder_that_cannot_be_trained_hides_nothing_about_the_environment(line):
    line.git("rm", "--quiet", "-r", "--cached", "ml-projects")
    line.git("commit", "--quiet", "-m", "gone")
    told = findings(line, Patient(bucket=None))
    assert told["projects"][0] == "failed"
    assert "git does not track it" in told["projects"][1]
    assert (told["manifest"][0], told["state bucket"][0], told["quotas"][0]) == ("ok", "failed", "skipped")
    assert examined(line, Patient()).code == 3


def test_a_manifest_that_is_not_there_is_told_with_how_to_begin_one(line):
    Path("manifests/prod.yaml").rename("manifests/other.yaml")
    told = findings(line, Patient())
    assert "does not exist" in told["manifest"][1]
    assert "cp manifests/example.yaml manifests/prod.yaml" in told["manifest"][2]


def test_a_private_server_is_asked_for_over_the_vpn(line):
    line.header["mlflow"] = SERVER
    line.save()
    patient = Patient(broken={"version": ReadFailed("http://mlflow.acme-test.internal does not answer (timed out)")})
    assert "make vpn-client name=YOU" in findings(line, patient)["MLflow"][2]
    assert {"ECS", "RDS", "Load Balancing"} <= set(patient.asked)


def test_a_manifest_for_the_sandbox_reaches_nothing_while_none_runs(line):
    line.header = SANDBOX
    line.save()
    patient = Patient()
    told = findings(line, patient)
    assert told["sandbox"] == ("failed", "no sandbox is running", "start it: make sandbox-up")
    assert told["quotas"][:2] == ("skipped", "not in the sandbox")
    assert told["Docker"][:2] == ("skipped", "the sandbox needs none")
    assert set(patient.asked) == {"python", "git", "terraform", "provider", "commit", "uncommitted"}
    ran = examined(line, patient)
    assert ran.code == 1, ran


def test_in_a_sandbox_that_nothing_ran_in_nothing_is_wrong(line, monkeypatch, tmp_path):
    line.header = SANDBOX
    line.save()
    running = Sandbox("s", 1, "http://127.0.0.1:1", "http://127.0.0.1:2", "123456789012", tmp_path, tmp_path, KEYS)
    monkeypatch.setattr("reconciler.commands.doctor.running_sandbox", lambda *_: running)
    patient = Patient(bucket=None)
    told = findings(line, patient)
    assert told["state bucket"][:2] == ("skipped", "demo-sandbox-tfstate is made by the first run")
    assert told["lease"][:2] == ("skipped", "needs state bucket")
    assert told["MLflow"][1] == "3.17.2 at http://127.0.0.1:2"
    assert examined(line, patient).code == 0


def test_lines_fit_the_terminal_and_only_a_person_sees_colours(line, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    patient = Patient(lease=HELD, denied={"ECR": "access denied to DescribeRepositories " * 5})
    ran = examined(line, patient)
    assert max(len(row) for row in ran.out.splitlines()) <= 80
    assert "\x1b" not in ran.out


def test_what_others_say_is_redacted(line, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "hunter2-and-more")
    patient = Patient(broken={"version": ReadFailed("it said hunter2-and-more", "use hunter2-and-more")})
    for output in ("text", "json"):
        assert "hunter2" not in examined(line, patient, "-o", output).out


def test_a_real_one_is_stopped_at_once_although_aws_does_not_answer(line):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        line.header["mlflow"] = {"tracking_uri": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        line.save()
        nowhere = {"AWS_ENDPOINT_URL": line.header["mlflow"]["tracking_uri"], "AWS_EC2_METADATA_DISABLED": "true"}
        keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
        doctor = subprocess.Popen(
            [sys.executable, "-m", "reconciler", "doctor"],
            env={**os.environ, **nowhere, **keys},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        silent.accept()
        began = time.monotonic()
        doctor.send_signal(signal.SIGINT)
        told, _ = doctor.communicate(timeout=60)
    assert (doctor.returncode, "the examination was stopped" in told) == (130, True), told
    assert time.monotonic() - began < 5
