"""Sets faults in a running sandbox, and asks which calls it got."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import quote, urlsplit

from reconciler.sandbox.errors import SandboxError
from reconciler.sandbox.faults.fault import Fault, Standing, standing_of

FAULTS = "/_sandbox/faults"
CALLS = "/_sandbox/calls"
ROLES = "/_sandbox/roles"
KEY_HEADER = "X-Sandbox-Key"
"""Carries the owner's access key id: nobody signs these calls."""
TIMEOUT = 10.0
"""Seconds for one answer; the control API waits for nothing that the sandbox does."""


class Faults:
    """The faults of the sandbox whose AWS answers at the URL `endpoint`, for who knows its owner's access key id.

    Every method raises SandboxError.
    """

    def __init__(self, endpoint: str, access_key_id: str) -> None:
        self._endpoint = endpoint
        self._headers = {KEY_HEADER: access_key_id}

    def add(self, fault: Fault) -> Standing:
        """Set a fault."""
        return standing_of(self._ask("POST", FAULTS, asdict(fault)))

    def standing(self) -> tuple[Standing, ...]:
        """Every fault that is set, the oldest first, the spent ones too."""
        return tuple(standing_of(one) for one in self._ask("GET", FAULTS)["faults"])

    def clear(self, fault_id: str | None = None) -> int:
        """Take one fault away, or all; returns how many."""
        path = FAULTS if fault_id is None else f"{FAULTS}/{quote(fault_id, safe='')}"
        return int(self._ask("DELETE", path)["cleared"])

    def calls(self) -> dict[str, int]:
        """How many calls came in since the last `forget_calls`, by `service:Operation`."""
        return {str(name): int(count) for name, count in self._ask("GET", CALLS)["calls"].items()}

    def forget_calls(self) -> None:
        """Count calls from zero."""
        self._ask("DELETE", CALLS)

    def roles(self) -> list[dict[str, Any]]:
        """Of each role that made a call: actions that it used, that it may and never did, and that it was refused."""
        return list(self._ask("GET", ROLES)["roles"])

    def play(self, role: str) -> dict[str, str]:
        """A session of a role, by its name: the variables in which AWS's tools look for one."""
        return dict(self._ask("POST", f"{ROLES}/{quote(role, safe='')}")["variables"])

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        address = urlsplit(self._endpoint)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, self._headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            what = f"the sandbox at {self._endpoint} did not answer: {error}"
            raise SandboxError(what, "look at it: reconcile sandbox status") from error
        finally:
            connection.close()
        if not http.client.OK <= response.status < http.client.MULTIPLE_CHOICES:
            raise SandboxError(str(answer["message"]))
        return answer
