"""The file that a VPN client program reads. Pure: text to text."""

import re

from reconciler.adapters.vpn.record import Pair
from reconciler.errors import ReadFailed

_REMOTE = re.compile(r"^remote[ \t]+(?=\S)", re.MULTILINE)


def profile(configuration: str, client: Pair, label: str) -> str:
    """AWS's configuration of an endpoint, with somebody's certificate and key in it.

    `label` is put in front of the endpoint's host name, as AWS asks for: every name below it is the endpoint, and one
    of its own for each profile keeps name servers from answering with what they remember. Raises ReadFailed.
    """
    addressed, count = _REMOTE.subn(f"remote {label}.", configuration)
    if count == 0:
        remedy = "look at it: aws ec2 export-client-vpn-client-configuration"
        raise ReadFailed("the client configuration of the VPN endpoint names no remote host", remedy)
    return "\n".join((addressed.rstrip(), "", _inline("cert", client.certificate), _inline("key", client.key), ""))


def _inline(tag: str, pem: str) -> str:
    return f"<{tag}>\n{pem.strip()}\n</{tag}>"
