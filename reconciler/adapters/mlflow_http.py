"""MLflow's REST API: requests with time limits and retries, answers as JSON, errors as sentences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import requests

from reconciler.adapters.http import TIMEOUT, Auth, Outcome, insist, session_for, why
from reconciler.adapters.patience import Patience
from reconciler.errors import ReadFailed, ReconcilerError, RegistryFailed, SettingsMissing

MISSING = "RESOURCE_DOES_NOT_EXIST"
EXISTS = "RESOURCE_ALREADY_EXISTS"

SIGN_IN = "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"
_CONNECT = "is the VPN up, is the tracking URI right? For the sandbox: reconcile sandbox up"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said; `error` is its error code, empty when all is well."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    message: str = ""


class MlflowHttp:
    """One MLflow server. Raises SettingsMissing for a tracking URI that is not http(s)."""

    def __init__(self, tracking_uri: str, auth: Auth | None = None, patience: Patience | None = None) -> None:
        if not tracking_uri.startswith(("http://", "https://")):
            remedy = "give the address of an MLflow server, such as https://mlflow.example.org"
            raise SettingsMissing(f"the tracking URI {tracking_uri!r} is not one of a server", remedy)
        self.uri = tracking_uri.rstrip("/")
        self._patience = patience or Patience()
        self._session = session_for(auth)

    def read(self, path: str, **query: str | int) -> Json:
        """GET. Raises ReadFailed."""
        return self._checked(self._ask(ReadFailed, "GET", path, query), path, ReadFailed)

    def find(self, path: str, **query: str | int) -> Json | None:
        """GET of something that may not exist. Raises ReadFailed."""
        answer = self._ask(ReadFailed, "GET", path, query)
        return None if answer.error == MISSING else self._checked(answer, path, ReadFailed)

    def search(self, path: str, items: str, **query: Any) -> Iterator[Json]:
        """POST of a search: every item of every page. Raises ReadFailed."""
        token = ""
        while True:
            payload = {**query, "page_token": token} if token else query
            page = self._checked(self._ask(ReadFailed, "POST", path, payload), path, ReadFailed)
            yield from page.get(items, ())
            if not (token := page.get("next_page_token", "")):
                return

    def list(self, path: str, items: str, **query: str | int) -> Iterator[Json]:
        """GET of every item of every page. Raises ReadFailed."""
        token = ""
        while True:
            page = self.read(path, **query, **({"page_token": token} if token else {}))
            yield from page.get(items, ())
            if not (token := page.get("next_page_token", "")):
                return

    def write(self, path: str, **payload: Any) -> Json:
        """POST, repeated only when it was certainly not carried out. Raises RegistryFailed."""
        return self._checked(self._ask(RegistryFailed, "POST", path, payload, once=True), path, RegistryFailed)

    def create(self, path: str, **payload: Any) -> bool:
        """POST of something that somebody else may have made first; whether it was us. Raises RegistryFailed."""
        answer = self._ask(RegistryFailed, "POST", path, payload, once=True)
        if answer.error == EXISTS:
            return False
        self._checked(answer, path, RegistryFailed)
        return True

    def _ask(
        self, kind: type[ReconcilerError], method: str, path: str, payload: Mapping[str, Any], *, once: bool = False
    ) -> Answer:
        # A search may be repeated although it is a POST. A write may not once it was sent: it may have been done.
        outcome, given_up = insist(lambda: self._send(method, path, payload), self._patience, once=once)
        told = f"; given up {given_up}" if given_up else ""
        if isinstance(outcome, requests.RequestException):
            what = f"the MLflow server at {self.uri} did not answer {path} ({why(outcome)}){told}"
            raise kind(what, _CONNECT) from outcome
        answer = _answer(outcome)
        return replace(answer, message=f"{answer.message}{told}")

    def _send(self, method: str, path: str, payload: Mapping[str, Any]) -> Outcome:
        content: Any = {"params": payload} if method == "GET" else {"json": payload}
        url = f"{self.uri}/api/2.0/mlflow/{path}"
        try:
            return self._session.request(method, url, timeout=TIMEOUT, **content)
        except requests.RequestException as fault:
            return fault

    def _checked(self, answer: Answer, path: str, kind: type[ReconcilerError]) -> Json:
        if not answer.error:
            return dict(answer.body)
        if answer.status in (401, 403):
            what = f"the MLflow server at {self.uri} refused {path} (HTTP {answer.status})"
            raise kind(what, SIGN_IN)
        remedy = _CONNECT if answer.error == _FOREIGN else ""
        raise kind(f"the MLflow server at {self.uri} answered {path}: {answer.message} ({answer.error})", remedy)


_FOREIGN = "not MLflow's API"


def _answer(response: requests.Response) -> Answer:
    try:
        body = response.json()
    except requests.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        return Answer(response.status_code, error=_FOREIGN, message=f"HTTP {response.status_code} without JSON")
    if response.ok and "error_code" not in body:
        return Answer(response.status_code, body)
    message = str(body.get("message", "")).split("\n", 1)[0]
    return Answer(
        response.status_code, error=str(body.get("error_code", f"HTTP {response.status_code}")), message=message
    )
