"""What is kept of a client VPN endpoint, and what EC2 tells of it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PREFIX = "cvpn-endpoint-"
DEFAULTS: dict[str, Any] = {
    "TransportProtocol": "udp",
    "VpnPort": 443,
    "SplitTunnel": False,
    "SessionTimeoutHours": 24,
    "DisconnectOnSessionTimeout": True,
    "ClientConnectOptions": {"Enabled": False},
    "ClientLoginBannerOptions": {"Enabled": False},
    "ClientRouteEnforcementOptions": {"Enforced": False},
    "EndpointIpAddressType": "ipv4",
    "TrafficIpAddressType": "ipv4",
}
KEPT = (
    *DEFAULTS,
    "ClientCidrBlock",
    "ConnectionLogOptions",
    "Description",
    "SecurityGroupIds",
    "ServerCertificateArn",
    "VpcId",
)
PROFILE = """client
dev tun
proto {TransportProtocol}
remote {ClientVpnEndpointId}.prod.clientvpn.{region}.amazonaws.com {VpnPort}
remote-random-hostname
resolv-retry infinite
nobind
remote-cert-tls server
cipher AES-256-GCM
verb 3
<ca>
{authority}
</ca>

reneg-sec 0

verify-x509-name {name} name
"""


@dataclass(slots=True)
class ClientVpn:
    """An endpoint with what belongs to it. Kept on the backend so that it is saved with it."""

    described: dict[str, Any]
    tags: dict[str, str]
    networks: dict[str, str] = field(default_factory=dict)
    """Subnets by the id of their association."""
    rules: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """Authorization rules by network and group; no group stands for all."""
    revoked: str = ""
    """Client certificate revocation list."""


def endpoint(vpn: ClientVpn) -> dict[str, Any]:
    """One entry of DescribeClientVpnEndpoints: it is available once it has a network."""
    state = status("available" if vpn.networks else "pending-associate")
    tags = [{"Key": key, "Value": value} for key, value in sorted(vpn.tags.items())]
    return {**vpn.described, "Status": state, "Tags": tags}


def association(vpn: ClientVpn, identifier: str) -> dict[str, Any]:
    """One entry of DescribeClientVpnTargetNetworks."""
    return {
        "AssociationId": identifier,
        "ClientVpnEndpointId": vpn.described["ClientVpnEndpointId"],
        "SecurityGroups": vpn.described.get("SecurityGroupIds") or [],
        "Status": status("associated"),
        "TargetNetworkId": vpn.networks[identifier],
        "VpcId": vpn.described["VpcId"],
    }


def authentication(sent: Mapping[str, Any]) -> dict[str, Any]:
    """As it is described: the chain has another name there than when it is sent."""
    chain = (sent.get("MutualAuthentication") or {}).get("ClientRootCertificateChainArn")
    mutual = {"MutualAuthentication": {"ClientRootCertificateChain": chain}} if chain else {}
    return {**sent, **mutual}


def passes(rule: Mapping[str, Any], wanted: Mapping[str, list[str]]) -> bool:
    """Whether filters let an authorization rule pass."""
    names = {"destination-cidr": "DestinationCidr", "group-id": "GroupId", "description": "Description"}
    return all(rule[names[name]] in values for name, values in wanted.items() if name in names)


def status(code: str) -> dict[str, str]:
    """A status as EC2 tells it."""
    return {"Code": code}


def random() -> str:
    """What follows the prefix in an id."""
    return f"0{os.urandom(8).hex()}"
