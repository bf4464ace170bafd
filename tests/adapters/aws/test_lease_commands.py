"""`reconcile unlock` and `reconcile history` on an account on loopback."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.adapters.aws.history import S3History
from reconciler.adapters.aws.lease import S3Leases
from reconciler.cli import run
from reconciler.core.history import Outcome, ProjectRecord
from reconciler.core.lease import Tenure, give_back, succeed
from support.builders import HOLDER, NOON, record

MANIFEST = """\
version: 1
platform: acme
environment: prod
region: eu-west-1
state_bucket: states
mlflow: {tracking_uri: http://mlflow.test}
projects: {}
"""
THEIRS = succeed(None, replace(HOLDER, place="elsewhere"), "theirs", NOON)
LOCK = {"ID": "4711", "Operation": "OperationTypeApply", "Who": "ann@box", "Created": "2026-01-02T03:04:05.123456789Z"}
CHURN = ProjectRecord("churn", None, 3, ("Deploy",), Outcome.DONE, 12.5)


@pytest.fixture
def s3(aws, aws_address, tmp_path, monkeypatch):
    address = {"AWS_ENDPOINT_URL": aws_address, "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    for name, value in address.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "prod.yaml").write_text(MANIFEST)
    client = aws.client("s3")
    client.create_bucket(Bucket="states", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return client


@pytest.fixture
def leases(aws, s3):
    return S3Leases(aws, "states", "prod")


@pytest.fixture
def told(capsys):
    """What a command says, and its exit code."""

    def tell(*words: str) -> tuple[int, str]:
        code = run(words)
        said = capsys.readouterr()
        return code, said.out + said.err

    return tell


def test_without_a_holder_there_is_nothing_to_release(leases, told):
    assert told("unlock") == (0, "nobody holds the lease of acme-prod\n")
    leases.write(give_back(THEIRS), None)
    assert told("unlock", "--id", "theirs") == (0, "nobody holds the lease of acme-prod\n")


def test_without_an_id_it_is_told_who_holds_the_lease_and_what_terraform_locks(leases, s3, told):
    leases.write(THEIRS, None)
    s3.put_object(Bucket="states", Key="prod/platform.tfstate.tflock", Body=json.dumps(LOCK))
    code, said = told("unlock")
    assert code == 1
    assert said.startswith(
        "the lease of acme-prod is held: ann on box since 2026-01-01 12:00:00 UTC (https://ci.test/1"
    )
    assert "  if it is dead: unlock --id theirs\n" in said
    assert (
        "Terraform locks prod/platform.tfstate: ann@box since 2026-01-02 03:04:05 UTC\n"
        "  nobody here knows whether its run still works; if nothing runs any more: "
        "aws s3 rm s3://states/prod/platform.tfstate.tflock\n"
    ) in said


def test_of_a_lock_that_the_next_run_releases_that_is_said(leases, s3, told):
    since = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    leases.write(give_back(replace(THEIRS, lost=(Tenure("box", since, since),))), None)
    s3.put_object(Bucket="states", Key="prod/platform.tfstate.tflock", Body=json.dumps(LOCK))
    said = told("unlock")[1]
    assert said.endswith("  its run has ended: the next reconcile releases it\n")


def test_of_a_lock_whose_run_was_silent_for_a_quarter_of_an_hour_that_is_said_although_its_lease_stands(
    leases, s3, told
):
    leases.write(THEIRS, None)
    lock = {**LOCK, "Created": f"{NOON:%Y-%m-%dT%H:%M:%SZ}"}
    s3.put_object(Bucket="states", Key="prod/platform.tfstate.tflock", Body=json.dumps(lock))
    assert told("unlock")[1].endswith("  its run has ended: the next reconcile releases it\n")


def test_of_a_lock_whose_run_may_live_it_is_said_when_it_is_taken_for_dead(leases, s3, told):
    now = datetime.now(UTC).replace(microsecond=0)
    leases.write(replace(THEIRS, acquired=now, renewed=now), None)
    lock = {**LOCK, "Created": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
    s3.put_object(Bucket="states", Key="prod/platform.tfstate.tflock", Body=json.dumps(lock))
    after = f"{now + timedelta(minutes=15):%H:%M:%S UTC}"
    assert told("unlock")[1].endswith(f"  a reconcile after {after} releases it, if its run shows no life until then\n")


def test_only_the_id_that_was_seen_releases_the_lease(leases, told):
    leases.write(THEIRS, None)
    code, said = told("unlock", "--id", "mine")
    assert (code, said.splitlines()[0]) == (1, "mine does not hold the lease of acme-prod, theirs does")
    assert leases.read().lease == THEIRS
    assert told("unlock", "--id", "theirs")[0] == 0
    after = leases.read().lease
    assert (after.released, [tenure.host for tenure in after.lost]) == (True, ["box"])


def test_what_changes_something_respects_a_lease_and_what_reads_does_not(leases, told):
    leases.write(THEIRS, None)
    for words in (("teardown", "--yes"), ("bootstrap",), ("train", "churn"), ()):
        code, said = told(*words)
        assert (code, said.startswith("another reconcile holds the lease of acme-prod: ann on box")) == (5, True)
    assert told("history")[0] == 0
    assert leases.read().lease == THEIRS


def test_in_another_account_not_even_the_lease_is_taken(leases, told, tmp_path):
    path = tmp_path / "manifests" / "prod.yaml"
    path.write_text(f"{MANIFEST}account: '999999999999'\n")
    for words in (("teardown", "--yes"), ("bootstrap",), ()):
        assert told(*words)[0] == 4
    assert leases.read() is None


def test_the_history_of_one_project_leaves_the_others_out(aws, s3, told):
    assert told("history") == (0, "no run has changed anything yet\n")
    history = S3History(aws, "states", "prod")
    history.append(record(CHURN))
    history.append(replace(record(replace(CHURN, project="ranker")), run="20260102T120000Z-00000002"))
    assert [one["run"] for one in json.loads(told("history", "-o", "json")[1])] == [
        "20260102T120000Z-00000002",
        "20260101T120000Z-00000001",
    ]
    assert told("history", "churn")[1].splitlines()[1].split() == ["churn", "-", "->", "3", "done", "12.5", "s"]
    assert len(told("history", "--limit", "1")[1].splitlines()) == 2
    assert told("history", "nobody")[0] == 1
    assert "no project named nobody" in told("history", "nobody")[1]
