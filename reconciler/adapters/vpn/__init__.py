"""The client VPN: an authority of our own, its certificates, and the profiles that people connect with."""

from reconciler.adapters.vpn.client_vpn import ClientVpn, VpnCertificates
from reconciler.adapters.vpn.record import Client

__all__ = ["Client", "ClientVpn", "VpnCertificates"]
