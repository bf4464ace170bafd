"""MLflow's REST API: what is tried again, what is not, and how failures read."""

import socket
import time

import pytest

from reconciler.adapters.mlflow_http import MlflowHttp
from reconciler.errors import ReadFailed, RegistryFailed, SettingsMissing

FINE = (200, {"x": 1})
BUSY = (503, b"busy")
THROTTLED = (429, b"slow down")
REFUSED = (400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "Bad name\nTraceback …"})


@pytest.mark.parametrize("bad", [BUSY, THROTTLED, None])
def test_a_read_is_tried_again(misbehaving, bad):
    server = misbehaving(bad, FINE)
    assert MlflowHttp(server.address).read("anything") == {"x": 1}
    assert len(server.requests) == 2


@pytest.mark.parametrize("bad", [BUSY, THROTTLED, None])
def test_a_search_is_tried_again(misbehaving, bad):
    server = misbehaving(bad, (200, {"runs": [{"x": 1}]}))
    assert list(MlflowHttp(server.address).search("runs/search", "runs")) == [{"x": 1}]
    assert len(server.requests) == 2


@pytest.mark.parametrize("bad", [BUSY, None])
def test_a_write_that_may_have_been_done_is_not_repeated(misbehaving, bad):
    server = misbehaving(bad, FINE)
    with pytest.raises(RegistryFailed):
        MlflowHttp(server.address).write("runs/create")
    assert len(server.requests) == 1


def test_a_write_that_was_turned_away_is_repeated(misbehaving):
    server = misbehaving(THROTTLED, FINE)
    assert MlflowHttp(server.address).write("runs/create") == {"x": 1}


def test_an_error_is_told_in_one_line_with_its_code(misbehaving):
    server = misbehaving(REFUSED)
    with pytest.raises(ReadFailed, match=r"answered anything: Bad name \(INVALID_PARAMETER_VALUE\)$"):
        MlflowHttp(server.address).read("anything")
    with pytest.raises(RegistryFailed, match="Bad name"):
        MlflowHttp(server.address).write("anything")


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"[]", b""])
@pytest.mark.parametrize("status", [200, 404])
def test_an_answer_that_is_not_mlflows_is_never_an_empty_one(misbehaving, status, body):
    with pytest.raises(ReadFailed, match="not MLflow's API"):
        MlflowHttp(misbehaving((status, body)).address).find("registered-models/get")


@pytest.mark.parametrize("status", [401, 403])
def test_a_server_that_wants_a_login_says_which_variables_to_set(misbehaving, status):
    with pytest.raises(ReadFailed, match=f"HTTP {status}") as raised:
        MlflowHttp(misbehaving((status, b"You are not authenticated")).address).read("anything")
    assert "MLFLOW_TRACKING_TOKEN" in raised.value.remedy


@pytest.mark.parametrize(("auth", "header"), [("abc", "Bearer abc"), (("ann", "pw"), "Basic YW5uOnB3"), (None, None)])
def test_a_login_is_sent_with_every_request(misbehaving, auth, header):
    server = misbehaving(FINE)
    client = MlflowHttp(server.address, auth)
    client.read("a")
    client.write("b")
    assert [headers.get("Authorization") for _, headers in server.requests] == [header, header]


def test_every_page_is_read(misbehaving):
    server = misbehaving(
        (200, {"items": [1], "next_page_token": "t=2"}), (200, {"next_page_token": "t3"}), (200, {"items": [3]})
    )
    assert list(MlflowHttp(server.address).list("things/search", "items", filter="x")) == [1, 3]
    assert [path.partition("?")[2] for path, _ in server.requests] == [
        "filter=x",
        "filter=x&page_token=t%3D2",
        "filter=x&page_token=t3",
    ]


def test_half_a_listing_fails_the_read(misbehaving):
    server = misbehaving((200, {"items": [1], "next_page_token": "t2"}), REFUSED)
    with pytest.raises(ReadFailed):
        list(MlflowHttp(server.address).list("things/search", "items"))


def test_a_server_that_does_not_run_is_told_in_seconds():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(ReadFailed, match=f"{address} did not answer anything .*refused") as raised:
            MlflowHttp(address).read("anything")
    assert "VPN" in raised.value.remedy
    assert "object at 0x" not in raised.value.what
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("uri", ["", "mlruns", "file:///tmp/mlruns", "sqlite:///mlflow.db", "databricks"])
def test_a_tracking_uri_without_a_server_is_refused(uri):
    with pytest.raises(SettingsMissing, match="tracking URI"):
        MlflowHttp(uri)
