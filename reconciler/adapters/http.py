"""HTTP with JSON: sessions with time limits, and what kind of failure a failure is."""

import re
from collections.abc import Callable

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth
from urllib3.exceptions import NewConnectionError

from reconciler.adapters.patience import Patience, Trouble

TIMEOUT = (5, 30)
"""Seconds to connect, and between two bytes of an answer."""
CONNECTIONS = 16
THROTTLED = 429
PASSING_STATUSES = frozenset({500, 502, 503, 504})

Auth = str | tuple[str, str]
"""A bearer token, or a user name and a password."""

Outcome = requests.Response | requests.RequestException
"""Of one request."""


def session_for(auth: Auth | None) -> requests.Session:
    """A session that signs in with `auth`, and with nothing else."""
    session = requests.Session()
    adapter = HTTPAdapter(pool_maxsize=CONNECTIONS)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    if auth:
        session.auth = _Bearer(auth) if isinstance(auth, str) else HTTPBasicAuth(*auth)
    return session


def insist(send: Callable[[], Outcome], patience: Patience, *, once: bool) -> tuple[Outcome, str]:
    """The last outcome of a request, and why it was not made again; empty when nothing more was to be tried.

    `once`: it is made again only when it was certainly not carried out. Raises Interrupted.
    """
    attempt = 0
    while True:
        attempt += 1
        outcome = send()
        trouble = trouble_of(outcome)
        if trouble is None:
            patience.went_well()
        if trouble is None or (once and not trouble.refused):
            return outcome, ""
        if given_up := patience.exhausted(trouble, attempt):
            return outcome, given_up


def trouble_of(outcome: Outcome) -> Trouble | None:
    """The kind of a failure that passes; None for what is well, or permanent."""
    if isinstance(outcome, requests.Response):
        if outcome.status_code == THROTTLED:
            return Trouble.THROTTLED
        return Trouble.SERVER if outcome.status_code in PASSING_STATUSES else None
    if isinstance(outcome, requests.ConnectTimeout) or isinstance(_cause(outcome), NewConnectionError):
        return Trouble.UNREACHED
    silent = isinstance(outcome, requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError)
    return Trouble.SILENT if silent and not isinstance(outcome, requests.exceptions.SSLError) else None


def _cause(fault: requests.RequestException) -> object:
    """What urllib3 gave as the reason."""
    cause: object = fault.args[0] if fault.args else fault
    return getattr(cause, "reason", None) or cause


def why(fault: requests.RequestException) -> str:
    """The reason that a request got no answer, on one line."""
    # urllib3 starts its messages with the representation of the connection object.
    told = re.sub(r"^\w+\(host=[^)]*\): ", "", str(_cause(fault)).rpartition(">: ")[2])
    return told or type(fault).__name__


class _Bearer(AuthBase):
    # An auth object and not a header: requests lets a ~/.netrc override headers.
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request
