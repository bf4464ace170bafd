"""The client VPN of one environment: who may connect, kept in Secrets Manager, ACM and the VPN endpoint."""

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from reconciler.adapters.aws.session import Aws
from reconciler.adapters.vpn.acm import Imported, ServerCertificate
from reconciler.adapters.vpn.endpoint import VpnEndpoint
from reconciler.adapters.vpn.profile import profile
from reconciler.adapters.vpn.record import Client, Record
from reconciler.adapters.vpn.secret import RecordSecret, Stored
from reconciler.core import names
from reconciler.core.desired import Platform
from reconciler.errors import ReconcilerError, Refused, SettingsMissing
from reconciler.ports import Clock, Say

SERVER_RENEWAL = timedelta(days=90)
NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class VpnCertificates:
    """What the VPN endpoint is made with."""

    server_certificate_arn: str
    authority_arn: str
    """The server's own: AWS takes the authority in its chain, which issued the clients' certificates too."""


class ClientVpn:
    """Certificates of one environment's VPN, and its endpoint, where an id is handed in."""

    def __init__(self, aws: Aws, platform: Platform, clock: Clock) -> None:
        prefix = names.prefix(platform)
        tags = {
            "reconciler:platform": platform.name,
            "reconciler:environment": platform.environment,
            "managed-by": "lean-mlops-control-centre",
        }
        self._aws = aws
        self._clock = clock
        self._authority = f"{prefix} VPN authority"
        # AWS refuses a server certificate whose name has no dot.
        self._host = f"vpn.{prefix}.internal"
        self._secret = RecordSecret(aws, f"{prefix}-vpn-authority", tags)
        self._server = ServerCertificate(aws, self._host, tags)

    def find(self) -> VpnCertificates | None:
        """The certificates if they were made; changes nothing, reads no key. Raises ReadFailed."""
        arn = self._server.arn()
        return VpnCertificates(arn, arn) if arn else None

    def ensure(self, say: Say) -> VpnCertificates:
        """The certificates, made or renewed where needed; the ARNs stay.

        AWS takes up to a day until an endpoint uses a renewed certificate: the old one holds for months then.
        Raises ReadFailed, AwsFailed, Refused once the authority has expired, SettingsMissing.
        """
        record = self._record(say)
        found = self._server.find()
        if found and not self._stale(found, record):
            return VpnCertificates(found.arn, found.arn)
        say(f"{'renewing' if found else 'issuing'} the VPN's server certificate, {self._host}")
        issued = _certificates().issue_server(record.authority, self._host, self._clock.now())
        arn = self._server.put(issued, record.authority.certificate, found.arn if found else "")
        return VpnCertificates(arn, arn)

    def add(self, endpoint: str, name: str) -> str:
        """Issue a certificate for one year; returns the profile to connect with, which holds its key.

        Raises Refused when one of that name holds for 30 days or longer, ReadFailed, AwsFailed, SettingsMissing.
        """
        _check_name(name)
        stored, now = self._stored(), self._clock.now()
        self._check_authority(stored.record)
        if held := stored.record.holds(name, now):
            what = f"{name} has a certificate already, valid until {held.not_after:%Y-%m-%d}"
            raise Refused(what, f"use its profile, or take it back first: reconcile vpn revoke {name}")
        # Read first: a certificate that cannot be handed over is not to be issued.
        configuration = VpnEndpoint(self._aws, endpoint).configuration()
        issued = _certificates().issue_client(stored.record.authority, name, now)
        text = profile(configuration, issued, secrets.token_hex(4))
        serial, until = _certificates().serial(issued.certificate), _certificates().not_after(issued.certificate)
        self._secret.replace(stored, stored.record.adding(Client(name, serial, until), now))
        return text

    def revoke(self, endpoint: str, name: str) -> int:
        """Take back every certificate of a name, and end its connections; returns how many those were.

        Said twice, it publishes the list again. Raises ReconcilerError for an unknown name, ReadFailed, AwsFailed.
        """
        stored, now = self._stored(), self._clock.now()
        if not stored.record.named(name):
            raise ReconcilerError(f"no VPN certificate was issued to {name}", "see who has one: reconcile vpn list")
        record = stored.record.revoking(name, now)
        if record != stored.record:
            self._secret.replace(stored, record)
        self._publish(endpoint, record)
        return VpnEndpoint(self._aws, endpoint).disconnect(name)

    def clients(self) -> tuple[Client, ...]:
        """Every certificate that was issued, by name; those long expired are forgotten. Raises ReadFailed."""
        stored = self._secret.load()
        found = stored.record.clients if stored else ()
        return tuple(sorted(found, key=lambda one: (one.name, one.not_after)))

    def enforce(self, endpoint: str) -> None:
        """Tell an endpoint which certificates are revoked: a new one knows of none. Raises ReadFailed, AwsFailed."""
        stored = self._secret.load()
        if stored and stored.record.revoked(self._clock.now()):
            self._publish(endpoint, stored.record)

    def delete(self) -> None:
        """Delete server certificate and authority: no profile is worth anything then. Raises AwsFailed."""
        self._server.delete()
        self._secret.delete()

    def _record(self, say: Say) -> Record:
        stored = self._secret.load()
        if stored:
            self._check_authority(stored.record)
            return stored.record
        say(f"making the authority of the VPN, {self._authority}")
        record = Record(_certificates().make_authority(self._authority, self._clock.now()))
        self._secret.create(record)
        return record

    def _stored(self) -> Stored:
        stored = self._secret.load()
        if stored is None:
            raise SettingsMissing("the VPN has no authority yet", "reconcile first: it is made together with the VPN")
        return stored

    def _check_authority(self, record: Record) -> None:
        if _certificates().not_after(record.authority.certificate) <= self._clock.now():
            what = "the authority of the VPN has expired, and every certificate with it"
            remedy = f"delete the secret {self._secret.name}, reconcile, and give everybody a new profile"
            raise Refused(what, remedy)

    def _stale(self, found: Imported, record: Record) -> bool:
        if _bare(record.authority.certificate) not in _bare(found.chain):
            return True
        # Near the end of the authority a new certificate would hold no longer than this one.
        longest = _certificates().not_after(record.authority.certificate)
        return bool(found.not_after - self._clock.now() < SERVER_RENEWAL and found.not_after < longest)

    def _publish(self, endpoint: str, record: Record) -> None:
        now = self._clock.now()
        listed = _certificates().revocation_list(record.authority, record.revoked(now), now)
        VpnEndpoint(self._aws, endpoint).turn_away(listed)


def _bare(pem: str) -> str:
    """Line ends are no part of a certificate."""
    return "".join(pem.split())


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        remedy = "take 1 to 64 lower-case letters, digits, dots and hyphens, such as ada.laptop"
        raise ReconcilerError(f"{name!r} cannot be the name of a VPN client", remedy)


def _certificates() -> Any:
    """The module that needs the package `cryptography`: imported where it is used, for it is an extra."""
    try:
        from reconciler.adapters.vpn import certificates
    except ImportError as missing:
        remedy = "pip install 'lean-mlops-control-centre[server]'"
        raise SettingsMissing(f"VPN certificates need the package {missing.name}", remedy) from None
    return certificates
