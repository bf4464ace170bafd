"""What the doctor asks an MLflow server."""

import pytest

from reconciler.adapters.tracking import MlflowServer
from reconciler.errors import ReadFailed

PAGE = (200, b"<html>sign in</html>")
WELL = (200, b"OK")


def test_a_real_server_tells_its_version_and_lets_in(mlflow_server):
    server = MlflowServer(f"{mlflow_server}/", None)
    assert server.version().startswith("3.")
    server.sign_in()


@pytest.mark.parametrize(
    ("answers", "version"),
    [
        ([WELL, (200, b"3.17.2\n")], "3.17.2"),
        ([WELL, (404, {})], ""),
        ([WELL, PAGE], ""),
        ([(401, {})], ""),
        ([(403, {})], ""),
    ],
)
def test_a_server_need_not_tell_its_version(misbehaving, answers, version):
    assert MlflowServer(misbehaving(*answers).address, None).version() == version


@pytest.mark.parametrize("answer", [PAGE, (404, {}), (502, {})])
def test_what_is_no_mlflow_server_is_told(misbehaving, answer):
    with pytest.raises(ReadFailed, match="is no MLflow server"):
        MlflowServer(misbehaving(answer).address, None).version()


def test_a_server_that_hangs_up_does_not_answer(misbehaving):
    with pytest.raises(ReadFailed, match="does not answer"):
        MlflowServer(misbehaving(None).address, None).version()


def test_a_host_that_nobody_knows_is_told_without_pythons_words():
    with pytest.raises(ReadFailed, match="does not answer") as raised:
        MlflowServer("http://mlflow.invalid", None).version()
    assert "HTTPConnection" not in raised.value.what


@pytest.mark.parametrize("status", [401, 403])
def test_a_server_that_does_not_take_the_credentials_says_which_variables(misbehaving, status):
    with pytest.raises(ReadFailed, match=f"does not let us in .HTTP {status}") as raised:
        MlflowServer(misbehaving((status, {})).address, ("alice", "wrong")).sign_in()
    assert "MLFLOW_TRACKING_USERNAME" in raised.value.remedy


def test_a_server_in_trouble_is_told(misbehaving):
    with pytest.raises(ReadFailed, match="answers HTTP 500"):
        MlflowServer(misbehaving((500, {})).address, None).sign_in()


def test_it_signs_in_as_the_reconciler_does(misbehaving):
    server = misbehaving((200, {}))
    MlflowServer(server.address, "a-token").sign_in()
    [(path, headers)] = server.requests
    assert path.startswith("/api/2.0/mlflow/experiments/search")
    assert headers["Authorization"] == "Bearer a-token"
