"""What `reconcile vpn` does on this machine: which endpoint it takes, what it writes, what it shows."""

import json
import stat

import pytest

from reconciler.commands import vpn as vpn_commands
from reconciler.commands.vpn import (
    Access,
    add_client,
    add_command,
    certificates,
    enforce_revocations,
    forget_authority,
    known_certificates,
    list_command,
    revoke_command,
)
from reconciler.errors import Refused, SettingsMissing
from reconciler.intake import take_in
from reconciler.settings import Settings

ENDPOINT = "cvpn-endpoint-0123456789abcdef0"
KEY = "prod/mlflow-server.tfstate"
MANIFEST = "manifests/prod.yaml"


@pytest.fixture
def access(aws, platform, clock, tmp_path) -> Access:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="states", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return Access(aws, platform, tmp_path, clock)


@pytest.fixture
def applied(access, aws):
    """Says that the server's stack was applied."""

    def put(**outputs) -> None:
        resource = {"mode": "managed", "type": "aws_vpc", "name": "x", "instances": [{}]}
        values = {name: {"value": value, "type": "string"} for name, value in outputs.items()}
        state = {"version": 4, "resources": [resource], "outputs": values}
        aws.client("s3").put_object(Bucket="states", Key=KEY, Body=json.dumps(state).encode())

    return put


@pytest.fixture
def ready(access, applied, monkeypatch) -> Access:
    """An environment with a VPN; the manifest of every command is its own."""
    applied(vpn_endpoint_id=ENDPOINT)
    access.vpn.ensure(print)
    monkeypatch.setattr(vpn_commands, "_open", lambda path: access)
    return access


@pytest.mark.parametrize("outputs", [None, {}, {"vpn_endpoint_id": ""}])
def test_without_a_vpn_the_error_says_how_to_get_one(access, applied, outputs):
    if outputs is not None:
        applied(**outputs)
    with pytest.raises(SettingsMissing, match="acme-prod has no VPN") as caught:
        access.endpoint()
    assert caught.value.remedy == "set mlflow.server.vpn in the manifest, and reconcile"


def test_a_profile_is_readable_by_its_owner_alone(ready, tmp_path):
    file = add_client(ready, "ada")
    assert file == tmp_path / ".reconcile" / "vpn" / "acme-prod" / "ada.ovpn"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert "<key>" in file.read_text()


def test_an_older_profile_with_a_wider_mode_is_not_written_into(ready, tmp_path):
    old = tmp_path / ".reconcile" / "vpn" / "acme-prod" / "ada.ovpn"
    old.parent.mkdir(parents=True)
    old.write_text("old")
    old.chmod(0o644)
    add_client(ready, "ada")
    assert stat.S_IMODE(old.stat().st_mode) == 0o600
    assert "old" not in old.read_text()


def test_a_refused_name_leaves_the_profile_that_is_there(ready):
    file = add_client(ready, "ada")
    before = file.read_text()
    with pytest.raises(Refused):
        add_client(ready, "ada")
    assert file.read_text() == before


def test_adding_and_revoking_say_what_they_did(ready, endpoint, capsys):
    assert add_command(MANIFEST, "ada") == 0
    out = capsys.readouterr().out
    assert "ada may connect for a year with" in out
    assert "PRIVATE KEY" not in out
    endpoint.connect("ada", "cvpn-connection-1")
    assert revoke_command(MANIFEST, "ada") == 0
    assert capsys.readouterr().out == "ada may connect no more; 1 connection was ended\n"
    assert not (ready.root / ".reconcile" / "vpn" / "acme-prod" / "ada.ovpn").exists()


def test_the_list_shows_everybody_and_no_key(ready, capsys):
    assert list_command(MANIFEST, "text") == 0
    assert "nobody was let into the VPN" in capsys.readouterr().out
    for name in ("bob", "ada"):
        add_client(ready, name)
    ready.vpn.revoke(ENDPOINT, "bob")
    capsys.readouterr()
    list_command(MANIFEST, "text")
    rows = [line.split()[:2] for line in capsys.readouterr().out.splitlines()]
    assert rows == [["NAME", "STATE"], ["ada", "valid"], ["bob", "revoked"]]
    list_command(MANIFEST, "json")
    rows = json.loads(capsys.readouterr().out)
    assert [(row["name"], row["state"], bool(row["revoked"])) for row in rows] == [
        ("ada", "valid", False),
        ("bob", "revoked", True),
    ]
    assert set(rows[0]) == {"name", "state", "not_after", "revoked", "serial"}


@pytest.fixture
def write_manifest(aws, aws_address, tmp_path, monkeypatch):
    """A manifest without projects, for the account on loopback."""
    for name, value in {
        "AWS_ENDPOINT_URL": aws_address,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)

    def write(account: str):
        lines = ["version: 1", "platform: acme", "environment: prod", "region: eu-west-1", "state_bucket: states"]
        lines += [f"account: '{account}'", "mlflow: {tracking_uri: http://mlflow.test}", "projects: {}"]
        path = tmp_path / "manifests" / "prod.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def test_another_account_is_never_touched(write_manifest):
    path = write_manifest("999999999999")
    for attempt in (
        lambda: add_command(path, "ada"),
        lambda: revoke_command(path, "ada"),
        lambda: list_command(path, "text"),
    ):
        with pytest.raises(Refused, match="credentials are for account 123456789012, the manifest is for 999999999999"):
            attempt()


def test_the_certificates_of_a_vpn_are_made_known_and_forgotten(write_manifest, capsys):
    path, settings = write_manifest("123456789012"), Settings.read()
    intake = take_in(path, settings)
    assert known_certificates(intake, settings) == {}
    made = certificates(intake, settings)
    assert sorted(made) == ["authority_arn", "server_certificate_arn"], "as the stack's variable vpn names them"
    assert known_certificates(intake, settings) == certificates(intake, settings) == made
    assert list_command(path, "json") == 0
    assert capsys.readouterr().out == "[]\n"
    forget_authority(intake, settings)
    assert known_certificates(intake, settings) == {}


def test_a_new_endpoint_is_told_who_is_revoked(ready, endpoint, monkeypatch):
    monkeypatch.setattr(vpn_commands, "_access", lambda intake, settings: ready)
    add_client(ready, "ada")
    ready.vpn.revoke(ENDPOINT, "ada")
    enforce_revocations(None, None)
    assert len(endpoint.lists) == 2
    assert endpoint.lists[0].startswith("-----BEGIN X509 CRL-----")
