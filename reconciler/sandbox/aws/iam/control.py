"""Roles in the control API, `/_sandbox/roles`: what each one did, and a session of one for the sandbox's owner."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from reconciler.sandbox.aws.http import Reply, json_reply
from reconciler.sandbox.aws.iam.gate import Gate
from reconciler.sandbox.faults.client import ROLES


class RoleControl:
    """Answers the owner."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    @staticmethod
    def concerns(environ: Mapping[str, Any]) -> bool:
        """Whether a request is for it."""
        path = str(environ.get("PATH_INFO", ""))
        return path == ROLES or path.startswith(f"{ROLES}/")

    def answer(self, environ: Mapping[str, Any], _body: bytes) -> Reply:
        """Answer one request: GET tells of all roles, POST with a role's name begins a session."""
        name = unquote(environ["PATH_INFO"].removeprefix(ROLES).removeprefix("/"))
        if not name:
            return json_reply(HTTPStatus.OK, {"roles": self._gate.report()})
        session = self._gate.played(name)
        if session is None:
            return json_reply(HTTPStatus.NOT_FOUND, {"message": f"there is no role {name!r} in the sandbox"})
        return json_reply(HTTPStatus.CREATED, {"variables": session.variables()})
