"""STS: the sandbox's owner is told the name that its IAM knows."""

from typing import Any

from moto.sts.models import STSBackend

from reconciler.sandbox.aws.callers import OWNER
from reconciler.sandbox.aws.patches import Patches

NOBODY = ":user/moto"
"""Whom moto takes everybody for whose key it did not make."""

_get_caller_identity = STSBackend.get_caller_identity


def get_caller_identity(self: Any, access_key_id: str, region: str) -> tuple[str, str, str]:
    """No stranger comes as far as moto: with a key that it did not make, only the owner does."""
    user, arn, account = _get_caller_identity(self, access_key_id, region)
    return user, OWNER if arn.endswith(NOBODY) else arn, account


def install(patches: Patches) -> None:
    """In the place of moto's."""
    patches.attribute(STSBackend, "get_caller_identity", get_caller_identity)
