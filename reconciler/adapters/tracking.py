"""The MLflow server, asked once whether it is there and whether it takes our credentials."""

import re

import requests

from reconciler.adapters.http import Auth, session_for, why
from reconciler.adapters.mlflow_http import SIGN_IN
from reconciler.errors import ReadFailed

SECONDS = (4, 8)
"""To connect, and to wait for an answer."""
REFUSED = (401, 403)
VERSION = r"[0-9]+\.[0-9][\w.+-]{0,40}"


class MlflowServer:
    """The server at a tracking URI."""

    def __init__(self, uri: str, auth: Auth | None) -> None:
        self._uri = uri.rstrip("/")
        self._session = session_for(auth)

    def version(self) -> str:
        """Its version, or nothing when it does not tell. Raises ReadFailed when it does not answer as one."""
        answer = self._get("health")
        if answer.status_code in REFUSED:
            return ""
        if not answer.ok or answer.text.strip() != "OK":
            raise ReadFailed(f"what answers at {self._uri} is no MLflow server (HTTP {answer.status_code})")
        told = self._get("version").text.strip()
        return told if re.fullmatch(VERSION, told) else ""

    def sign_in(self) -> None:
        """Raises ReadFailed when the server does not take the credentials, or wants some."""
        answer = self._get("api/2.0/mlflow/experiments/search?max_results=1")
        if answer.status_code in REFUSED:
            raise ReadFailed(f"the server does not let us in (HTTP {answer.status_code})", SIGN_IN)
        if not answer.ok:
            raise ReadFailed(f"the server answers HTTP {answer.status_code}", "look at the server's log")

    def _get(self, path: str) -> requests.Response:
        try:
            return self._session.get(f"{self._uri}/{path}", timeout=SECONDS)
        except requests.RequestException as fault:
            raise ReadFailed(f"{self._uri} does not answer ({why(fault)})") from fault
