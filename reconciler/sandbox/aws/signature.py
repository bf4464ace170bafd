"""How a request is signed: one strict reading, for all who ask whose it is and where it goes.

moto reads less strictly. What it could take otherwise than we do, is no signature here.
https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from reconciler.sandbox.aws.http import Environ

CREDENTIAL = r"(?P<key>[\w+=.@-]+)/(?P<date>\d{8})/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)/aws4_request"
HEADER = re.compile(rf"AWS4-HMAC-SHA256 Credential={CREDENTIAL}(?:, ?(?:SignedHeaders|Signature)=[\w;-]*)*")
PRESIGNED = re.compile(CREDENTIAL)
STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signature says; the hash in it is not looked at."""

    key: str
    """The access key id."""
    date: str
    region: str
    service: str
    """As AWS names it in signatures, `monitoring` for CloudWatch."""
    token: str = ""
    """Of a session."""
    presigned: bool = False
    ended: bool = False
    """Whether a presigned address was for a time that is over."""


def read(environ: Environ) -> Signature | None:
    """The signature of a request; None for none, for one of another form, and for two."""
    header = str(environ.get("HTTP_AUTHORIZATION") or "")
    query = parse_qs(str(environ.get("QUERY_STRING", "")), keep_blank_values=True)
    presigned = query.get("X-Amz-Credential", [])
    if header:
        found = None if presigned else HEADER.fullmatch(header)
        return _signature(found, str(environ.get("HTTP_X_AMZ_SECURITY_TOKEN", ""))) if found else None
    found = PRESIGNED.fullmatch(presigned[0]) if len(presigned) == 1 else None
    if found is None or found["service"] != "s3":  # nobody else is asked by address
        return None
    token = query.get("X-Amz-Security-Token", [""])[0]
    return replace(_signature(found, token), presigned=True, ended=_ended(query))


def for_moto(environ: Environ) -> Environ:
    """A request with its signature in a header: moto finds the service there, or guesses it."""
    signed = read(environ)
    if signed is None or not signed.presigned:
        return environ
    scope = f"{signed.key}/{signed.date}/{signed.region}/{signed.service}/aws4_request"
    return {**environ, "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential={scope}"}


def _signature(found: re.Match[str], token: str) -> Signature:
    return Signature(found["key"], found["date"], found["region"], found["service"], token)


def _ended(query: dict[str, list[str]]) -> bool:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html"""
    try:
        begun = datetime.strptime(query["X-Amz-Date"][0], STAMP).replace(tzinfo=UTC)
        return datetime.now(UTC) > begun + timedelta(seconds=int(query["X-Amz-Expires"][0]))
    except (KeyError, ValueError, OverflowError):
        return True
