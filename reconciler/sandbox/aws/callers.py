"""Who makes a request: told by the access key id that it is signed with.

The id is the secret here: it is random, and only its owner can read it. Signatures are not computed again.
"""

import hmac
import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from reconciler.sandbox.aws.http import Environ
from reconciler.sandbox.aws.iam import sessions
from reconciler.sandbox.faults.client import KEY_HEADER

OWNER = "arn:aws:iam::123456789012:user/owner"
SIGNED = re.compile(r"^AWS4-HMAC-SHA256\s+(?:.*[\s,])?Credential=([^/\s,]+)/")
"""How a header names its credential: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html"""

OWN_HEADER = f"HTTP_{KEY_HEADER.upper().replace('-', '_')}"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whom the sandbox knows."""

    arn: str
    owner: bool
    """Whether it is the person whose sandbox this is: then nothing is refused."""
    role: str = ""
    """ARN of the role whose session it is."""
    expired: bool = False


class Callers:
    """Everybody whom the sandbox lets in."""

    def __init__(self, access_key_id: str, secret: str) -> None:
        """Both are the owner's; with the secret, tokens are signed that let others take roles."""
        self._owner = access_key_id.encode()
        self.secret = secret

    def of(self, environ: Environ) -> Caller | None:
        """The caller of a request; None for a stranger."""
        key = access_key_id(environ)
        if hmac.compare_digest(key.encode(), self._owner):
            return Caller(OWNER, owner=True)
        session = sessions.find(key)
        if session is None or not hmac.compare_digest(session.token.encode(), _token(environ).encode()):
            return None
        return Caller(session.arn, owner=False, role=session.role, expired=session.expired)


def _token(environ: Environ) -> str:
    """What a session's requests bring beside their signature."""
    query = parse_qs(environ.get("QUERY_STRING", ""))
    return str(environ.get("HTTP_X_AMZ_SECURITY_TOKEN") or query.get("X-Amz-Security-Token", [""])[0])


def access_key_id(environ: Environ) -> str:
    """Of a signed request, of a presigned address, or of a call of the control API; empty when there is none."""
    if header := SIGNED.match(environ.get("HTTP_AUTHORIZATION", "")):
        return header[1]
    query = parse_qs(environ.get("QUERY_STRING", ""))
    presigned = query.get("X-Amz-Credential", [""])[0].partition("/")[0]
    return presigned or str(environ.get(OWN_HEADER, ""))
