"""Sessions of roles: who took one, by its access key, and who may take one with a token of GitHub's.

A token for the sandbox is signed with its owner's secret access key (HS256), in place of GitHub's own key: whoever can
read the secret is the owner anyway, and says whom to play.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.utils import utcnow
from moto.sts.models import sts_backends

from reconciler.sandbox.aws.iam import identities

LEEWAY = 60  # seconds that clocks may differ
MONTH = 30 * 86400  # seconds
FORGOTTEN = timedelta(days=1)
"""After its end a session is still known, so that its bearer is told that it is over."""


@dataclass(frozen=True, slots=True)
class Session:
    """Temporary credentials of a role."""

    arn: str
    role: str
    access_key_id: str
    secret_access_key: str
    token: str
    expired: bool = False

    def variables(self) -> dict[str, str]:
        """In which AWS's own tools look for them."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_SESSION_TOKEN": self.token,
        }


class TokenRefused(Exception):
    """STS takes no such token: its code, and its words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def find(access_key_id: str) -> Session | None:
    """The session that an access key belongs to."""
    held = _sts().get_assumed_role_from_access_key(access_key_id)
    return _session(held) if held else None


def begin(role: str, name: str, seconds: int = MONTH) -> Session:
    """Somebody takes a role; a service, for what it runs, renews it all the time: here it lasts."""
    backend = _sts()
    backend.assumed_roles = [one for one in backend.assumed_roles if one.expiration > utcnow() - FORGOTTEN]
    return _session(backend.assume_role("us-east-1", name, role, "", seconds, ""))


def _session(held: Any) -> Session:  # moto's own object
    expired = held.expiration < utcnow()
    return Session(
        held.arn, held.role_arn, held.access_key_id, held.secret_access_key, held.session_token, expired=expired
    )


def admit(role: str, token: str, secret: str, seconds: int) -> None:
    """Whether a token's bearer may take a role. Raises TokenRefused, in STS's words."""
    claims = _claims(token, secret)
    host = str(claims.get("iss", "")).removeprefix("https://")
    provider = identities.provider(host)
    if provider is None:
        raise TokenRefused(
            "InvalidIdentityToken", f"No OpenIDConnect provider found in your account for https://{host}"
        )
    if claims.get("aud") not in provider.client_id_list:
        raise TokenRefused("InvalidIdentityToken", "Incorrect token audience")
    context = {f"{host}:{name}".lower(): (str(value),) for name, value in claims.items()}
    wanted = identities.role(role)
    if wanted is None or not identities.trusts(role, "Federated", provider.arn, identities.ASSUME_WITH_TOKEN, context):
        raise TokenRefused("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    if seconds > int(wanted.max_session_duration or 3600):
        said = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise TokenRefused("ValidationError", said)


def _claims(token: str, secret: str) -> Mapping[str, Any]:
    head, _, signature = token.rpartition(".")
    expected = hmac.new(secret.encode(), head.encode(), hashlib.sha256).digest()
    try:
        if not hmac.compare_digest(_decoded(signature), expected):
            raise TokenRefused("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider")
        claims: Mapping[str, Any] = json.loads(_decoded(head.partition(".")[2]))
    except ValueError as problem:
        raise TokenRefused("InvalidIdentityToken", "The ID Token provided is not a valid JWT") from problem
    if float(claims.get("exp", 0)) + LEEWAY < time.time():
        raise TokenRefused("ExpiredTokenException", "Token expired")
    return claims


def signed(claims: Mapping[str, object], secret: str) -> str:
    """A token of the sandbox's owner: the claims of whom to play."""
    head = f"{_encoded({'alg': 'HS256', 'typ': 'JWT'})}.{_encoded(claims)}"
    signature = hmac.new(secret.encode(), head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _encoded(content: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _sts() -> Any:
    return sts_backends[DEFAULT_ACCOUNT_ID]["aws"]
