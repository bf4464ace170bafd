"""S3: bucket policies are kept and told, and not enforced.

A bucket that takes TLS alone would refuse everything here: the sandbox speaks plain HTTP on loopback. Its one user owns
all of it anyway.
"""

from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from reconciler.sandbox.aws.patches import Patches


def get_permission(_self: Any, _action: str, _resource: str) -> PermissionResult:
    """Moto applies a policy without looking at its conditions."""
    return PermissionResult.NEUTRAL


def install(patches: Patches) -> None:
    """Put this in the place of moto's."""
    patches.operations(FakeBucket, get_permission)
