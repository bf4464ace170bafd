"""What was found, and what it means."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.core.desired import (
    AsyncEndpoint,
    Compute,
    RealtimeEndpoint,
    Resources,
    Scaling,
    ServerlessEndpoint,
)
from reconciler.core.doctor import cloud, quotas, tools, tracking
from reconciler.core.doctor.cloud import Bucket, Identity
from reconciler.core.doctor.finding import Verdict
from reconciler.core.doctor.quotas import Quota, Want
from reconciler.core.doctor.tools import Provider
from reconciler.core.lease import Holder, Lease, Seen
from reconciler.core.reasons import MOVE
from reconciler.core.server import Server
from reconciler.core.statelock import StateLock
from support.builders import ACCOUNT, NOW, PLATFORM, desired, project
from support.checkout import REPOSITORY

HOLDER = Holder("alice", "laptop", "0" * 16, 7, "1", "by hand")
HERE = "eu-west-1"
LEASE = Lease("20260101T000000Z-0a1b2c3d", 3, HOLDER, NOW, NOW + timedelta(seconds=12))


def said(finding) -> str:
    return f"{finding.verdict.value}: {finding.found}" + (f" | {finding.fix}" if finding.fix else "")


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        (tools.judge_python("3.11.4"), "ok: 3.11.4"),
        (tools.judge_python("3.12.0rc1"), "ok: 3.12.0rc1"),
        (tools.judge_python("3.11.3"), "failed: 3.11.3, and 3.11.4 or later is needed | https://www.python.org"),
        (tools.judge_git("2.39.5 (Apple Git-154)"), "ok: 2.39.5 (Apple Git-154)"),
        (tools.judge_git("2.9.0"), "failed: 2.9.0, and 2.30 or later is needed | https://git-scm.com/downloads"),
        (tools.judge_git(""), "failed: no version, and 2.30 or later is needed | https://git-scm.com/downloads"),
        (tools.judge_terraform("1.11.0"), "ok: 1.11.0"),
        (tools.judge_terraform("1.9.8"), "failed: 1.9.8, and 1.11 or later is needed | https://developer.hashicorp"),
        (tools.judge_provider(Provider("/opt/mirror")), "ok: from /opt/mirror"),
        (
            tools.judge_provider(Provider("registry.terraform.io", "ConnectionError")),
            "warning: registry.terraform.io cannot be reached (ConnectionError) | open the way to it",
        ),
        (tools.judge_docker("28.1.1", mlflow=True), "ok: 28.1.1"),
        (
            tools.judge_docker("28.1.1", mlflow=False),
            'warning: 28.1.1, but building images needs MLflow as well | pip install ".[images]"',
        ),
        (tools.judge_repository("c" * 40, ()), f"ok: {'c' * 12}, everything is committed"),
        (
            tools.judge_repository("c" * 40, ("a", "b", "d", "e", "f")),
            f"warning: {'c' * 12}, not committed: a, b, d and 2 more | what is not committed is not trained: git add",
        ),
    ],
)
def test_of_a_machine(finding, expected):
    assert said(finding).startswith(expected)


ALICE = Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/alice")
PLANNER = Identity(ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/acme-test-plan/run-1")
OLD = timedelta(minutes=5).total_seconds()


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        (cloud.judge_credentials(ALICE, "acme-test"), f"ok: {ALICE.arn}"),
        (cloud.judge_credentials(PLANNER, "acme-test"), f"ok: {PLANNER.arn}, which plans and changes nothing"),
        (cloud.judge_account(ALICE, None), f"ok: {ACCOUNT}"),
        (cloud.judge_account(ALICE, ACCOUNT), f"ok: {ACCOUNT}, as the manifest says"),
        (
            cloud.judge_account(ALICE, "222222222222"),
            f"failed: {ACCOUNT}, and the manifest says 222222222222 | use credentials of the other account (AWS_PROF",
        ),
        (cloud.judge_region("eu-west-1", "opt-in-not-required"), "ok: eu-west-1"),
        (cloud.judge_region("me-south-1", "opted-in"), "ok: me-south-1"),
        (
            cloud.judge_region("me-south-1", "not-opted-in"),
            "failed: me-south-1 is not enabled in this account (not-opted-in) | aws account enable-region",
        ),
        (cloud.judge_region("xx-west-9", ""), "failed: AWS knows no region xx-west-9 | correct `region` in the man"),
        (cloud.judge_permission("ECR", ""), "ok: ECR"),
        (cloud.judge_permission("ECR", "access denied to X"), "failed: access denied to X | allow it to the role"),
        (cloud.judge_bucket("b", None, "make it", HERE, sandbox=False), "failed: there is no bucket b | make it"),
        (cloud.judge_bucket("b", None, "make it", HERE, sandbox=True), "skipped: b is made by the first run"),
        (cloud.judge_bucket("b", Bucket(False, False, False), "x", HERE, sandbox=True), "ok: b"),
        (
            cloud.judge_bucket("b", Bucket(True, True, True, HERE), "x", HERE, sandbox=False),
            "ok: b: versioned, encrypted, private",
        ),
        (
            cloud.judge_bucket("b", Bucket(True, True, True, "us-east-1"), "x", HERE, sandbox=False),
            f"failed: b is in us-east-1, and the manifest says eu-west-1 | {MOVE}",
        ),
        (
            cloud.judge_bucket("b", Bucket(False, True, False), "make it", HERE, sandbox=False),
            "warning: b is not versioned, not private | make it",
        ),
        (cloud.judge_lease(None, "", "unlock", gone=False), "ok: free"),
        (cloud.judge_lease(Seen(replace(LEASE, released=True), "v", 1.0), "al", "unlock", gone=False), "ok: free"),
        (
            cloud.judge_lease(Seen(LEASE, "v", 3.0), "alice", "unlock", gone=False),
            f"warning: held by alice | wait for it; if it is dead: unlock --id {LEASE.id}",
        ),
        (
            cloud.judge_lease(Seen(LEASE, "v", OLD), "alice", "unlock", gone=False),
            "warning: left by a run that died: alice | nothing: the next run takes it; or free it now: unlock --id",
        ),
        (
            cloud.judge_lease(Seen(LEASE, "v", 3.0), "alice", "unlock", gone=True),
            "warning: left by a run that died: alice",
        ),
        (cloud.judge_locks({}, leased=False), "ok: no state is locked"),
        (
            cloud.judge_locks({"b": StateLock("1", "", "", None), "a": StateLock("2", "al@x", "", None)}, leased=False),
            "warning: a by al@x, b by somebody | see which of them the next run releases",
        ),
        (cloud.judge_locks({"a": StateLock("2", "al@x", "", None)}, leased=True), "ok: a by al@x"),
        (tracking.judge_server("http://m", "3.17.2"), "ok: 3.17.2 at http://m"),
        (tracking.judge_server("http://m", ""), "ok: it answers at http://m"),
        (
            tracking.judge_server("http://m", "2.22.0"),
            "failed: 2.22.0 at http://m, and 3.0 or later is needed | update the server",
        ),
    ],
)
def test_of_an_environment(finding, expected):
    assert said(finding).startswith(expected)


@pytest.mark.parametrize(
    ("server", "sandbox", "told"),
    [
        (None, True, "reconcile sandbox up"),
        (None, False, "is mlflow.tracking_uri right"),
        (Server(vpn_cidr="10.31.0.0/22"), False, "make vpn-client name=YOU"),
        (Server(), False, "run this inside its VPC"),
    ],
)
def test_the_way_to_a_server_is_told_as_the_manifest_has_it(server, sandbox, told):
    assert told in tracking.way_in(replace(PLATFORM, server=server), sandbox=sandbox)


def trained(name: str, vcpu: float, compute: Compute, gpu: int = 0):
    one = project(name, pin=None)
    return replace(one, training=replace(one.training, resources=Resources(vcpu, 4096, gpu), compute=compute))


def test_endpoints_want_room_for_the_largest_rollout():
    scaled = {"scaling": Scaling(1, 6, 200)}
    found = quotas.wants(
        desired(
            project("a", endpoint=RealtimeEndpoint("ml.m5.large", 2)),
            project("b", endpoint=RealtimeEndpoint("ml.m5.large", 1), serving=scaled),
            project("c", endpoint=AsyncEndpoint("ml.g5.xlarge", 1)),
            project("d", endpoint=ServerlessEndpoint(2048, 10)),
        )
    )
    assert [(one.quota, one.amount) for one in found if one.service == "sagemaker"] == [
        ("ml.g5.xlarge for endpoint usage", 2),
        ("ml.m5.large for endpoint usage", 14),
    ]


def test_trainings_want_the_vcpus_of_the_largest_job_of_each_pool():
    found = quotas.wants(
        desired(
            trained("a", 4, Compute.FARGATE),
            trained("b", 16, Compute.FARGATE),
            trained("c", 8, Compute.SPOT),
            trained("d", 2, Compute.SPOT, gpu=1),
        )
    )
    assert found == (
        Want("fargate", "Fargate On-Demand vCPU resource count", 16, "the training of b"),
        Want("ec2", "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests", 8, "the training of c"),
        Want("ec2", "All G and VT Spot Instance Requests", 2, "the training of d"),
    )


@pytest.mark.parametrize("compute", Compute)
@pytest.mark.parametrize("gpu", [0, 1])
def test_every_kind_of_job_that_a_manifest_takes_has_its_quota(compute, gpu):
    if gpu and compute.serverless:
        return
    assert quotas.wants(desired(trained("a", 1, compute, gpu)))[0].service in quotas.SERVICES


WANT = Want("ec2", "Spot", 8, "the training of c")


def test_a_quota_that_is_too_low_is_told_with_the_command_that_raises_it():
    assert said(quotas.judge_quota(WANT, Quota("L-1", 8.0), "eu-west-1")) == "ok: Spot: 8"
    assert said(quotas.judge_quota(WANT, Quota("L-1", 0.0), "eu-west-1")) == (
        "warning: Spot: 0, and 8 may be needed: the training of c | aws service-quotas request-service-quota-increase"
        " --region eu-west-1 --service-code ec2 --quota-code L-1 --desired-value 8"
    )
    assert quotas.judge_quota(WANT, None, "eu-west-1").verdict is Verdict.WARNING


def test_the_stacks_ask_for_the_terraform_that_is_checked():
    versions = sorted((REPOSITORY / "terraform" / "stacks").glob("*/versions.tf"))
    assert len(versions) == 5
    assert all(f'required_version = ">= {tools.TERRAFORM}"' in path.read_text() for path in versions)


def test_the_package_asks_for_the_python_that_is_checked():
    assert f'requires-python = ">={tools.PYTHON}"' in (REPOSITORY / "pyproject.toml").read_text()
