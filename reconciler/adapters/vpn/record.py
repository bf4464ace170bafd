"""What is kept of the authority: its key, its certificate, and whom it let in. Pure: JSON to values and back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from reconciler.errors import ReadFailed

VERSION = 1
RENEWAL = timedelta(days=30)
"""A certificate with less than this left may be followed by a new one of the same name."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key, PEM; the key is not encrypted."""

    certificate: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Client:
    """One certificate that was issued to somebody."""

    name: str
    serial: str
    """hex"""
    not_after: datetime
    revoked: datetime | None = None

    def valid(self, now: datetime) -> bool:
        """Whether it opens the VPN."""
        return self.revoked is None and now < self.not_after

    def renewable(self, now: datetime) -> bool:
        """Whether it opens the VPN for a few weeks at most."""
        return self.not_after - now < RENEWAL

    def state(self, now: datetime) -> str:
        """One word for people: `valid`, `expiring`, `expired` or `revoked`."""
        if self.revoked:
            return "revoked"
        if now >= self.not_after:
            return "expired"
        return "expiring" if self.renewable(now) else "valid"


@dataclass(frozen=True, slots=True)
class Record:
    """The authority and its clients, in the order in which they were issued."""

    authority: Pair
    clients: tuple[Client, ...] = ()

    def named(self, name: str) -> tuple[Client, ...]:
        """Every certificate of one name."""
        return tuple(client for client in self.clients if client.name == name)

    def holds(self, name: str, now: datetime) -> Client | None:
        """The certificate that makes a new one of this name needless."""
        lasting = (one for one in self.named(name) if one.valid(now) and not one.renewable(now))
        return next(lasting, None)

    def adding(self, client: Client, now: datetime) -> "Record":
        """The same with one more client, and without those that have expired."""
        kept = tuple(one for one in self.clients if now < one.not_after)
        return replace(self, clients=(*kept, client))

    def revoking(self, name: str, now: datetime) -> "Record":
        """The same with every valid certificate of one name revoked."""
        clients = tuple(
            replace(one, revoked=now) if one.name == name and one.valid(now) else one for one in self.clients
        )
        return replace(self, clients=clients)

    def revoked(self, now: datetime) -> tuple[tuple[str, datetime], ...]:
        """Serial and time of every certificate that is revoked and would be valid otherwise."""
        return tuple((one.serial, one.revoked) for one in self.clients if one.revoked and now < one.not_after)


def dump(record: Record) -> str:
    """The record as JSON."""
    clients = [
        {
            "name": one.name,
            "serial": one.serial,
            "not_after": one.not_after.isoformat(),
            "revoked": one.revoked.isoformat() if one.revoked else "",
        }
        for one in record.clients
    ]
    pair = {"certificate": record.authority.certificate, "key": record.authority.key}
    return json.dumps({"version": VERSION, **pair, "clients": clients}, separators=(",", ":"))


def parse(text: str, source: str) -> Record:
    """The record in a JSON text; `source` names it in errors. Raises ReadFailed, which never quotes the text."""
    try:
        document = json.loads(text)
        if document["version"] != VERSION:
            raise _unreadable(source, f"has version {document['version']!r}, not {VERSION}")
        clients = tuple(_client(one) for one in document["clients"])
        return Record(Pair(str(document["certificate"]), str(document["key"])), clients)
    except (AttributeError, KeyError, TypeError, ValueError):
        # The cause would show the text, and with it the key.
        raise _unreadable(source, "is not the record of an authority") from None


def _client(one: Mapping[str, Any]) -> Client:
    return Client(
        name=str(one["name"]),
        serial=str(one["serial"]),
        not_after=datetime.fromisoformat(one["not_after"]),
        revoked=datetime.fromisoformat(one["revoked"]) if one["revoked"] else None,
    )


def _unreadable(source: str, why: str) -> ReadFailed:
    remedy = "restore its previous version (stage AWSPREVIOUS); deleting it means a new profile for everybody"
    return ReadFailed(f"{source} {why}", remedy)
