"""Retries of AWS's requests by our own rules, in place of botocore's.

botocore asks `needs-retry` handlers after every attempt (botocore/endpoint.py): what the first of them returns is
slept without a chance to stop it, so ours has waited already and returns 0.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from botocore import exceptions

from reconciler.adapters.patience import Patience, Trouble
from reconciler.core.reasons import THROTTLED

TOO_MANY = frozenset({"429", *THROTTLED})
"""Codes that ask to come back later; a HEAD request is answered without one, and its status stands for it."""
GIVEN_UP = "GivenUp"
"""Key in an error's ResponseMetadata: why it was not tried again."""
SERVICE = "Service"
"""Key beside it: the service that answered, as IAM's actions name it."""
REGION = "AskedIn"
"""Key beside it: the region that the client speaks to."""
_IN_IAM = {"monitoring": "cloudwatch"}
"""By the name that requests are signed for, where that is another one."""
_UNREACHED = (
    exceptions.ConnectTimeoutError,
    exceptions.EndpointConnectionError,
    exceptions.ProxyConnectionError,
)
_SILENT = (
    exceptions.ConnectionClosedError,
    exceptions.ConnectionError,
    exceptions.HTTPClientError,
    exceptions.IncompleteReadError,
)
_TIMED_OUT = frozenset({"RequestTimeout", "RequestTimeoutException"})
_PASSING_STATUSES = frozenset({500, 502, 503, 504})
_PERMANENT = (exceptions.SSLError,)


class Retries:
    """The handler of one client; a `careful` one repeats only what was certainly not done."""

    def __init__(self, patience: Patience, *, careful: bool) -> None:
        self._patience = patience
        self._careful = careful

    def __call__(
        self,
        response: tuple[Any, dict[str, Any]] | None,
        attempts: int,
        caught_exception: Any,
        operation: Any,
        **_asked: Any,
    ) -> float | None:
        """0 to try again, None to leave it. Raises Interrupted, and IncompleteReadError for an answer cut off."""
        if response is None or not is_cut_off(response[0], operation):
            return self._decide(response, attempts, caught_exception)
        cut = exceptions.IncompleteReadError(actual_bytes=0, expected_bytes="some")
        if self._decide(None, attempts, cut) is None:
            raise cut
        return 0

    def _decide(
        self, response: tuple[Any, dict[str, Any]] | None, attempts: int, caught_exception: Any
    ) -> float | None:
        found = trouble_of(response, caught_exception)
        if found is None and response:
            self._patience.went_well()
        if found is None or (self._careful and not found.refused):
            return None
        reason = self._patience.exhausted(found, attempts)
        if not reason:
            return 0
        if response:
            response[1].setdefault("ResponseMetadata", {})[GIVEN_UP] = reason
        else:
            caught_exception.add_note(reason)
        return None


def is_cut_off(http: Any, operation: Any) -> bool:
    """Whether the connection ended before the answer did: botocore takes what is left for an answer, an empty one even.

    An answer whose headers ended too early has no body at all.
    """
    return _ends_early(operation, http.status_code, http.headers, lambda: http.content)


def _ends_early(operation: Any, status: int, headers: Mapping[str, str], read: Callable[[], bytes]) -> bool:
    if operation.has_streaming_output or operation.http.get("method") == "HEAD":
        return False
    content = read()  # not before: it would empty a stream
    if length := headers.get("content-length"):
        return int(length) > len(content)
    chunked = headers.get("transfer-encoding", "").lower() == "chunked"
    return status == HTTPStatus.OK and not chunked and not content


def spare_the_parser(operation_model: Any, response_dict: dict[str, Any], **_told: Any) -> None:
    """A `before-parse` handler: half an XML document is no error of botocore's that any handler is asked about."""
    status, headers = response_dict["status_code"], response_dict["headers"]
    if _ends_early(operation_model, status, headers, lambda: response_dict["body"]):
        response_dict |= {"status_code": HTTPStatus.BAD_GATEWAY, "body": b""}


def note_the_service(parsed: dict[str, Any], model: Any, context: Mapping[str, Any], **_told: Any) -> None:
    """An `after-call` handler: the error that botocore raises names the operation alone."""
    signed_for = model.service_model.signing_name
    known = {SERVICE: _IN_IAM.get(signed_for, signed_for), REGION: context.get("client_region", "")}
    parsed.setdefault("ResponseMetadata", {}).update(known)


def trouble_of(response: tuple[Any, Mapping[str, Any]] | None, exception: Exception | None) -> Trouble | None:
    """The kind of a failure that passes; None for what is well, or permanent."""
    if response is None:
        return _of_exception(exception)
    http, parsed = response
    code = str(parsed.get("Error", {}).get("Code", ""))
    if code in TOO_MANY or (code and http.status_code == 429):
        return Trouble.THROTTLED
    return Trouble.SERVER if code in _TIMED_OUT or http.status_code in _PASSING_STATUSES else None


def _of_exception(exception: Exception | None) -> Trouble | None:
    if isinstance(exception, _UNREACHED):
        return Trouble.UNREACHED
    return Trouble.SILENT if isinstance(exception, _SILENT) and not isinstance(exception, _PERMANENT) else None
