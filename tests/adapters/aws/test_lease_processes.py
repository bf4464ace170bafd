"""Processes that hold a lease on an account on loopback, and how they end."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from reconciler.adapters.aws.history import S3History
from reconciler.adapters.aws.lease import S3Leases
from reconciler.adapters.machine import LocalMachine
from reconciler.core.lease import is_free

MANIFEST = """\
version: 1
platform: acme
environment: prod
region: eu-west-1
state_bucket: states
mlflow: {tracking_uri: http://mlflow.test}
projects: {}
"""
HOLDER = """
from pathlib import Path
from reconciler.commands.loop import wish
from reconciler.errors import Interrupted
from reconciler.intake import take_in
from reconciler.settings import Settings
from reconciler.tenure import hold
from reconciler.wiring import open_world

settings = Settings.read()
intake = take_in(Path("manifests/prod.yaml"), settings)
with open_world(intake, settings) as world, hold(world, wish(intake), print) as run:
    print("held", flush=True)
    world.cancel.wait(120)
    raise Interrupted("stopped")
"""


@pytest.fixture
def leases(aws):
    aws.client("s3").create_bucket(Bucket="states", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return S3Leases(aws, "states", "prod")


@pytest.fixture
def holder(leases, aws_address, tmp_path):
    """A process that holds the lease until it is told to stop."""
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "prod.yaml").write_text(MANIFEST)
    address = {"AWS_ENDPOINT_URL": aws_address, "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    command = [sys.executable, "-c", HOLDER]

    @contextmanager
    def start():
        environment = {**os.environ, **address}
        with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert "held\n" in process.stdout
                yield process
            finally:
                process.kill()

    return start


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_is_told_to_stop_gives_the_lease_back_and_writes_it_down(holder, leases, aws, number):
    with holder() as process:
        assert not leases.read().lease.released
        process.send_signal(number)
        process.wait(60)
    assert leases.read().lease.released
    assert [(one.exit_code, one.error) for one in S3History(aws, "states", "prod").records()] == [(130, "stopped")]


def test_who_is_killed_on_this_machine_is_known_to_be_dead_at_once(holder, leases):
    machine = LocalMachine("ann", "by hand", "")
    with holder() as process:
        seen = leases.read()
        assert not is_free(seen, gone=machine.is_gone(seen.lease.holder))
        process.kill()
        process.wait(60)
    assert is_free(leases.read(), gone=machine.is_gone(seen.lease.holder))
    with holder():
        assert leases.read().lease.number == seen.lease.number + 1
