"""The VPN endpoint itself, in EC2: its configuration for clients, whom it turns away, and who is connected."""

from typing import Any

from reconciler.adapters.aws.faults import changing, reading
from reconciler.adapters.aws.session import Aws
from reconciler.errors import ReadFailed


class VpnEndpoint:
    """One endpoint, by its id."""

    def __init__(self, aws: Aws, endpoint: str) -> None:
        self._aws = aws
        self._id = endpoint

    def configuration(self) -> str:
        """What a client program needs, save certificate and key. Raises ReadFailed."""
        with reading(f"the client configuration of the VPN endpoint {self._id}"):
            answer = self._ec2.export_client_vpn_client_configuration(ClientVpnEndpointId=self._id)
        if not (text := answer.get("ClientConfiguration", "")):
            what = f"the VPN endpoint {self._id} has no client configuration"
            raise ReadFailed(what, "it is made within minutes of the endpoint: run again")
        return str(text)

    def turn_away(self, revocation_list: str) -> None:
        """Accept none of the certificates in a PEM list, which takes the place of the one before. Raises AwsFailed."""
        with changing(f"publish the revoked certificates at the VPN endpoint {self._id}"):
            self._ec2.import_client_vpn_client_certificate_revocation_list(
                ClientVpnEndpointId=self._id, CertificateRevocationList=revocation_list
            )

    def disconnect(self, name: str) -> int:
        """End the connections of a certificate's common name; returns how many. Raises AwsFailed."""
        with changing(f"end the VPN connections of {name}"):
            pages = self._ec2.get_paginator("describe_client_vpn_connections").paginate(ClientVpnEndpointId=self._id)
            found = [one["ConnectionId"] for page in pages for one in page["Connections"] if _is_open(one, name)]
            for connection in found:
                self._ec2.terminate_client_vpn_connections(ClientVpnEndpointId=self._id, ConnectionId=connection)
        return len(found)

    @property
    def _ec2(self) -> Any:
        return self._aws.client("ec2")


def _is_open(connection: dict[str, Any], name: str) -> bool:
    return bool(connection.get("CommonName") == name and connection.get("Status", {}).get("Code") == "active")
