"""What AWS knows of a request when it evaluates policies: condition keys and their values.

A key counts for an action only where the Service Authorization Reference lists it, save for the global ones that every
request has: a condition on a key that AWS does not send is never satisfied.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from moto.core import DEFAULT_ACCOUNT_ID

from reconciler.sandbox.aws.iam.leaves import Parameters, tags, values
from reconciler.sandbox.aws.iam.patterns import Context
from reconciler.sandbox.aws.iam.reference import Action, knows
from reconciler.sandbox.aws.iam.resources import Touched

ALWAYS = frozenset({"aws:securetransport", "aws:requestedregion", "aws:resourceaccount", "aws:sourceip"})
"""Keys of every request: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""

SECURE: Context = {"aws:securetransport": ("true",), "aws:sourceip": ("127.0.0.1",)}
"""On loopback nobody listens: it passes for TLS."""


def of_principal(role: str, account: str, now: datetime) -> Context:
    """What every request of a role's session says of it, and when it is made."""
    return {
        "aws:principalarn": (role,),
        "aws:principalaccount": (account,),
        "aws:principaltype": ("AssumedRole",),
        "aws:currenttime": (now.isoformat(timespec="seconds"),),
        "aws:epochtime": (str(int(now.timestamp())),),
    }


def context(
    action: Action, touched: Touched, parameters: Parameters, existing: Mapping[str, str], more: Context
) -> Context:
    """Condition keys of one question. `existing`: tags of the resource; `more`: what the request brings beside them."""
    given = tags(parameters, touched.kind.name if touched.kind else "")
    keys = given.keys() | set(values(parameters, "TagKeys")) | set(values(parameters, "TagKeyList"))
    offered: dict[str, tuple[str, ...]] = {
        **{f"aws:requesttag/{key.lower()}": (value,) for key, value in given.items()},
        **{
            f"{prefix}:resourcetag/{key.lower()}": (value,)
            for prefix in ("aws", action.name.partition(":")[0])
            for key, value in existing.items()
        },
        **({"aws:tagkeys": tuple(sorted(keys))} if keys else {}),
        **_own(action.name, parameters),
        **_account(touched.arn),
        **more,
    }
    listed = action.keys | (touched.kind.keys if touched.kind else frozenset())
    return {key: value for key, value in offered.items() if key in ALWAYS or knows(listed, key)}


def _account(arn: str) -> Context:
    """Whose the resource is; ARNs of buckets do not say, and there is one account here."""
    account = arn.split(":")[4] if arn.startswith("arn:") else ""
    return dict.fromkeys(("aws:resourceaccount", "s3:resourceaccount"), (account or DEFAULT_ACCOUNT_ID,))


def _own(action: str, parameters: Parameters) -> Mapping[str, tuple[str, ...]]:
    found = {
        key: tuple(map(shape, values(parameters, path, empty=True)))
        for key, path, shape in (*OWN.get(action, ()), *OWN.get(action.partition(":")[0], ()))
    }
    return {key: value for key, value in found.items() if value}


def _plainly(text: str) -> str:
    return text


def _normalised(name: str) -> str:
    """As Route 53 does: lower case, without the dot at the end."""
    return name.lower().rstrip(".")


OWN: Mapping[str, tuple[tuple[str, str, Callable[[str], str]], ...]] = {
    "iam": (
        ("iam:policyarn", "PolicyArn", _plainly),
        ("iam:awsservicename", "AWSServiceName", _plainly),
        ("iam:permissionsboundary", "PermissionsBoundary", _plainly),
    ),
    "s3": (
        ("s3:prefix", "Prefix", _plainly),
        ("s3:delimiter", "Delimiter", _plainly),
        ("s3:max-keys", "MaxKeys", _plainly),
        ("s3:versionid", "VersionId", _plainly),
        ("s3:if-match", "IfMatch", _plainly),
        ("s3:if-none-match", "IfNoneMatch", _plainly),
        ("s3:x-amz-server-side-encryption", "ServerSideEncryption", _plainly),
        ("s3:x-amz-acl", "ACL", _plainly),
    ),
    "route53:ChangeResourceRecordSets": (
        (
            "route53:changeresourcerecordsetsnormalizedrecordnames",
            "ChangeBatch.Changes.ResourceRecordSet.Name",
            _normalised,
        ),
        ("route53:changeresourcerecordsetsrecordtypes", "ChangeBatch.Changes.ResourceRecordSet.Type", _plainly),
        ("route53:changeresourcerecordsetsactions", "ChangeBatch.Changes.Action", _plainly),
    ),
    "ecs": (("ecs:cluster", "cluster", _plainly),),
    "ssm": (("ssm:recursive", "Recursive", _plainly),),
}
"""Keys of services, by action or service: where the request says them."""
