"""`reconcile sandbox fault …` on the tests' own AWS."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.aws.session import Aws
from reconciler.adapters.aws.state import S3StateStore
from reconciler.cli import run
from reconciler.errors import ReadFailed
from reconciler.sandbox import Sandbox
from reconciler.sandbox.faults import Faults
from support.access import KEYS

Tell = Callable[..., tuple[int, str]]


@pytest.fixture
def fault(shared_box: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Tell]:
    """Runs one command; its exit code, and what it says."""
    running = Sandbox("id", 1, shared_box.url, "http://mlflow", "123456789012", Path(), Path(), KEYS)
    monkeypatch.setattr("reconciler.sandbox.find", lambda home: running)

    def tell(*arguments: str) -> tuple[int, str]:
        code = run(["sandbox", "fault", *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    Faults(shared_box.url, KEYS.access_key_id).forget_calls()
    yield tell
    Faults(shared_box.url, KEYS.access_key_id).clear()


def test_faults_are_set_shown_and_cleared(fault: Tell) -> None:
    assert fault("list") == (0, "no fault is set\n")
    code, said = fault("throttle", "--on", "sagemaker:Describe*", "--rate", "20%", "--seed", "7")
    throttle = said.partition(" ")[0]
    assert (code, said) == (0, f"{throttle} is set; `reconcile sandbox fault clear {throttle}` takes it away\n")
    fault("kill-job", "--job", "train-*", "--out-of-memory")
    first, second = fault("list")[1].splitlines()
    assert first.split(maxsplit=1) == [throttle, "on sagemaker:Describe*              hit 0, saw 0"]
    assert second.endswith("on train-*                          hit 0 of 1")
    assert fault("clear", throttle) == (0, "1 fault cleared\n")
    assert fault("clear")[1] == "1 fault cleared\n"


def test_calls_are_shown_with_their_sum(fault: Tell, shared_box: Any) -> None:
    shared_box.client("sts").get_caller_identity()
    shared_box.client("s3").list_buckets()
    counted = "     1  s3:ListBuckets\n     1  sts:GetCallerIdentity\n     2  calls in all\n"
    assert fault("calls", "--reset") == (0, counted)
    assert fault("calls") == (0, "     0  calls in all\n")


def test_a_bucket_in_another_region_can_be_rehearsed(fault: Tell, shared_box: Any) -> None:
    there = ("--status", "301", "--code", "PermanentRedirect", "--region", "eu-central-1")
    assert fault("error", "--on", "s3:*", *there)[0] == 0
    store = S3StateStore(Aws("eu-west-1", shared_box.url, KEYS.aws), "states", "prod")
    for ask in (store.exists, store.stacks):
        with pytest.raises(ReadFailed, match="the bucket is in eu-central-1, and was asked for in eu-west-1") as raised:
            ask()
        assert "state_bucket" in raised.value.remedy


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("throttle", "--rate", "200%"), "a rate is above 0% and at most 100%; it is 200%"),
        (("throttle", "--rate", "often"), "'often' is no share; write 20% or 0.2"),
        (
            ("error", "--status", "301", "--code", "PermanentRedirect"),
            "301 is an error of S3 alone: name its operations",
        ),
        (("error", "--on", "SubmitJob"), "'SubmitJob' names no operation: write service:Operation"),
        (("error", "--on", "batch:SubmitJbo"), "batch has no operation 'SubmitJbo'; did you mean SubmitJob?"),
        (("latency",), "missing option '--seconds'"),
        (("clear", "drop-0"), "there is no fault 'drop-0'; there are: none"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line(fault: Tell, arguments: tuple[str, ...], why: str) -> None:
    code, said = fault(*arguments)
    assert (code, why in said) == (1, True), said
