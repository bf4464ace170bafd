"""S3: bucket policies are kept and told, and not enforced; who pays for requests.

A bucket that takes TLS alone would refuse everything here: the sandbox speaks plain HTTP on loopback. Its one user owns
all of it anyway.
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.iam.access_control import PermissionResult
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

from reconciler.sandbox.aws.patches import Patches

UNKNOWN = frozenset(
    {"analytics", "intelligent-tiering", "metadataConfiguration", "metadataTable", "metrics", "session"}
)
"""Questions about a bucket to which moto answers with the list of its objects."""

_get = S3Response._bucket_response_get


def _bucket_response_get(self: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
    """Moto lists the objects of a bucket when it is asked what it does not know."""
    if UNKNOWN & querystring.keys():
        raise S3ClientError("NotImplemented", "The sandbox does not know this of a bucket.")
    if "requestPayment" not in querystring:
        return _get(self, bucket_name, querystring)
    self.backend.get_bucket(bucket_name)
    self.data["Action"] = "GetBucketRequestPayment"
    return self.serialized(ActionResult({"Payer": "BucketOwner"}))


def get_permission(_self: Any, _action: str, _resource: str) -> PermissionResult:
    """Moto applies a policy without looking at its conditions."""
    return PermissionResult.NEUTRAL


def install(patches: Patches) -> None:
    """Put these in the place of moto's."""
    patches.operations(FakeBucket, get_permission)
    patches.operations(S3Response, _bucket_response_get)
