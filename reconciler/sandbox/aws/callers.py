"""Who makes a request: told by the access key id that it is signed with.

The id is the secret here: it is random, and only its owner can read it. Signatures are not computed again.
"""

import hmac
from dataclasses import dataclass

from reconciler.sandbox.aws import signature
from reconciler.sandbox.aws.http import Environ
from reconciler.sandbox.aws.iam import sessions
from reconciler.sandbox.faults.client import KEY_HEADER

OWNER = "arn:aws:iam::123456789012:user/owner"
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
        signed = signature.read(environ)
        key = _key(signed, environ)
        over = signed is not None and signed.ended
        if hmac.compare_digest(key.encode(), self._owner):
            return Caller(OWNER, owner=True, expired=over)
        session = sessions.find(key)
        if signed is None or session is None:
            return None
        if not hmac.compare_digest(session.token.encode(), signed.token.encode()):
            return None
        return Caller(session.arn, owner=False, role=session.role, expired=session.expired or over)


def access_key_id(environ: Environ) -> str:
    """Of a signed request, of a presigned address, or of a call of the control API; empty when there is none."""
    return _key(signature.read(environ), environ)


def _key(signed: signature.Signature | None, environ: Environ) -> str:
    return signed.key if signed else str(environ.get(OWN_HEADER, ""))
