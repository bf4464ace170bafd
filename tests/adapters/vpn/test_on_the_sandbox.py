"""The whole way on the sandbox's AWS: an endpoint made with our certificates, somebody let in, and turned away."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from reconciler.adapters.aws.session import Aws
from reconciler.adapters.vpn import ClientVpn
from reconciler.sandbox.aws import AwsServer
from support.access import ACCESS, KEYS


class Nothing:
    """Runs no containers."""

    def job(self, *_: Any) -> None:
        raise AssertionError

    model_server = job


class Box:
    """A sandbox that is stopped and started."""

    def __init__(self, home: Path) -> None:
        self._home, self._port = home, 0

    def up(self) -> None:
        self._server = AwsServer(self._home, self._port, Nothing(), ACCESS)
        self._server.start()
        self._port = self._server.port

    def down(self) -> None:
        self._server.stop()

    @property
    def aws(self) -> Aws:
        return Aws("eu-west-1", f"http://127.0.0.1:{self._port}", KEYS.aws)


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    box = Box(tmp_path_factory.mktemp("sandbox"))
    box.up()
    yield box
    box.down()


@pytest.fixture
def sandbox_aws(box: Box) -> Aws:
    return box.aws


def test_somebody_is_let_in_and_turned_away(sandbox_aws, platform, clock, said):
    vpn = ClientVpn(sandbox_aws, platform, clock)
    made = vpn.ensure(said.append)
    ec2 = sandbox_aws.client("ec2")
    mutual = {"ClientRootCertificateChainArn": made.authority_arn}
    endpoint = ec2.create_client_vpn_endpoint(
        ClientCidrBlock="10.31.0.0/22",
        ServerCertificateArn=made.server_certificate_arn,
        AuthenticationOptions=[{"Type": "certificate-authentication", "MutualAuthentication": mutual}],
        ConnectionLogOptions={"Enabled": False},
    )["ClientVpnEndpointId"]

    text = vpn.add(endpoint, "ada")
    for part in (f".{endpoint}.prod.clientvpn.eu-west-1.amazonaws.com 443", "<ca>", "<cert>", "<key>"):
        assert part in text

    assert vpn.revoke(endpoint, "ada") == 0, "the sandbox opens no tunnels"
    listed = ec2.export_client_vpn_client_certificate_revocation_list(ClientVpnEndpointId=endpoint)
    (entry,) = x509.load_pem_x509_crl(listed["CertificateRevocationList"].encode())
    assert f"{entry.serial_number:x}" == vpn.clients()[0].serial
    assert vpn.ensure(said.append) == made
    secret = sandbox_aws.client("secretsmanager").get_secret_value(
        SecretId="acme-prod-vpn-authority", VersionStage="AWSCURRENT"
    )
    assert [one["name"] for one in json.loads(secret["SecretString"])["clients"]] == ["ada"]


def test_after_a_stop_and_a_start_somebody_else_is_let_in_by_the_same_authority(box, platform, clock, said):
    made = ClientVpn(box.aws, platform, clock).ensure(said.append)
    (endpoint, *_) = box.aws.client("ec2").describe_client_vpn_endpoints()["ClientVpnEndpoints"] or [None]
    if endpoint is None:
        endpoint = box.aws.client("ec2").create_client_vpn_endpoint(
            ClientCidrBlock="10.31.0.0/22",
            ServerCertificateArn=made.server_certificate_arn,
            AuthenticationOptions=[
                {
                    "Type": "certificate-authentication",
                    "MutualAuthentication": {"ClientRootCertificateChainArn": made.authority_arn},
                }
            ],
            ConnectionLogOptions={"Enabled": False},
        )
    box.down()
    box.up()
    vpn = ClientVpn(box.aws, platform, clock)
    assert vpn.ensure(said.append) == made
    assert "<cert>" in vpn.add(endpoint["ClientVpnEndpointId"], "grace")
