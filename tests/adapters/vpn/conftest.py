"""An AWS account on loopback with one VPN endpoint in it, and a clock that is set by hand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from reconciler.adapters.aws.session import Aws
from reconciler.adapters.vpn import ClientVpn
from reconciler.core.desired import Platform
from support.moto_server import empty, moto_server

REGION, ENDPOINT = "eu-west-1", "cvpn-endpoint-0123456789abcdef0"
HOST = f"{ENDPOINT}.prod.clientvpn.{REGION}.amazonaws.com"
CONFIGURATION = f"client\ndev tun\nproto udp\nremote {HOST} 443\nremote-random-hostname\n<ca>\nCA\n</ca>\nreneg-sec 0\n"


class SetClock:
    """Says what it was set to."""

    def __init__(self, time: datetime) -> None:
        self.time = time

    def now(self) -> datetime:
        return self.time


@dataclass(slots=True)
class FakeEndpoint:
    """EC2 with one VPN endpoint: what it was told, and who is connected."""

    configuration: str = CONFIGURATION
    connections: list[dict[str, Any]] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    before: Callable[[], None] | None = None
    """What happens while somebody asks for the configuration."""

    def export_client_vpn_client_configuration(self, **request: str) -> dict[str, str]:
        if self.before:
            self.before()
        assert request == {"ClientVpnEndpointId": ENDPOINT}
        return {"ClientConfiguration": self.configuration}

    def import_client_vpn_client_certificate_revocation_list(self, **request: str) -> dict[str, bool]:
        assert request["ClientVpnEndpointId"] == ENDPOINT
        self.lists.append(request["CertificateRevocationList"])
        return {"Return": True}

    def get_paginator(self, operation: str) -> "FakeEndpoint":
        assert operation == "describe_client_vpn_connections"
        return self

    def paginate(self, **request: str) -> list[dict[str, Any]]:
        assert request == {"ClientVpnEndpointId": ENDPOINT}
        return [{"Connections": self.connections[:1]}, {"Connections": self.connections[1:]}]

    def terminate_client_vpn_connections(self, **request: str) -> None:
        assert request["ClientVpnEndpointId"] == ENDPOINT
        self.ended.append(request["ConnectionId"])

    def connect(self, name: str, connection: str, status: str = "active") -> None:
        self.connections.append({"ConnectionId": connection, "CommonName": name, "Status": {"Code": status}})


class AwsWithEndpoint:
    """The server's clients, save EC2."""

    def __init__(self, aws: Aws, endpoint: FakeEndpoint) -> None:
        self._aws = aws
        self._endpoint = endpoint

    def client(self, service: str, *, once: bool = False) -> Any:
        return self._endpoint if service == "ec2" else self._aws.client(service, once=once)


@pytest.fixture(scope="session")
def aws_address() -> Iterator[str]:
    with moto_server() as address:
        yield address


@pytest.fixture
def endpoint() -> FakeEndpoint:
    return FakeEndpoint()


@pytest.fixture
def aws(aws_address: str, endpoint: FakeEndpoint) -> AwsWithEndpoint:
    empty(aws_address)
    return AwsWithEndpoint(Aws(REGION, aws_address, ("key", "secret")), endpoint)


@pytest.fixture
def clock() -> SetClock:
    # ACM takes only what is valid now: the real now.
    return SetClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def platform() -> Platform:
    return Platform("acme", "prod", REGION, "states", "http://mlflow.test")


@pytest.fixture
def vpn(aws: AwsWithEndpoint, platform: Platform, clock: SetClock) -> ClientVpn:
    return ClientVpn(aws, platform, clock)


@pytest.fixture
def said() -> list[str]:
    return []
