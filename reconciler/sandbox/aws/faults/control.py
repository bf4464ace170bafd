"""The control API, on the port of the sandbox's AWS: `/_sandbox/faults` and `/_sandbox/calls`."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from reconciler.sandbox.aws.faults.book import Book
from reconciler.sandbox.aws.faults.known import unknown
from reconciler.sandbox.aws.http import Reply, json_reply
from reconciler.sandbox.faults.client import CALLS, FAULTS
from reconciler.sandbox.faults.fault import fault_of


class Control:
    """Sets faults and tells which calls came in; waits for nothing that the sandbox does."""

    def __init__(self, book: Book) -> None:
        self._book = book

    @staticmethod
    def concerns(environ: Mapping[str, Any]) -> bool:
        """Whether a request is for it."""
        path = str(environ.get("PATH_INFO", ""))
        return path in {FAULTS, CALLS} or path.startswith(f"{FAULTS}/")

    def answer(self, environ: Mapping[str, Any], body: bytes) -> Reply:
        """Answer one request."""
        fault_id = unquote(environ["PATH_INFO"].removeprefix(FAULTS).removeprefix("/"))
        match environ["REQUEST_METHOD"], environ["PATH_INFO"]:
            case "GET", path if path == FAULTS:
                return json_reply(HTTPStatus.OK, {"faults": [one.content() for one in self._book.standing()]})
            case "POST", path if path == FAULTS:
                return self._add(body)
            case "DELETE", path if path != CALLS:
                return self._clear(fault_id or None)
            case "GET", path if path == CALLS:
                return json_reply(HTTPStatus.OK, {"calls": self._book.calls()})
            case "DELETE", _:
                self._book.forget_calls()
                return json_reply(HTTPStatus.OK, {"calls": {}})
        return json_reply(HTTPStatus.METHOD_NOT_ALLOWED, {"message": "GET, POST or DELETE /_sandbox/faults or /calls"})

    def _add(self, body: bytes) -> Reply:
        try:
            fault = fault_of(json.loads(body))
        except (ValueError, AttributeError) as error:
            return json_reply(HTTPStatus.BAD_REQUEST, {"message": str(error)})
        why = unknown(fault)
        if why:
            return json_reply(HTTPStatus.BAD_REQUEST, {"message": why})
        return json_reply(HTTPStatus.CREATED, self._book.add(fault).content())

    def _clear(self, fault_id: str | None) -> Reply:
        try:
            return json_reply(HTTPStatus.OK, {"cleared": self._book.clear(fault_id)})
        except KeyError:
            standing = ", ".join(one.id for one in self._book.standing()) or "none"
            return json_reply(
                HTTPStatus.NOT_FOUND, {"message": f"there is no fault {fault_id!r}; there are: {standing}"}
            )
