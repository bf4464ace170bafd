"""Actions of operations: most are called alike.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from collections.abc import Mapping

from reconciler.sandbox.aws.iam.leaves import Parameters

PREFIXES: Mapping[str, str] = {
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
    "sagemaker-runtime": "sagemaker",
    "service-quotas": "servicequotas",
}
"""Services that policies name otherwise than the SDKs do."""

FREE = frozenset({"sts:GetCallerIdentity", "sts:AssumeRoleWithWebIdentity", "sts:GetSessionToken"})
"""What nobody has to be allowed: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html;
who may take a role with a token of somebody else's is for the role's own trust policy."""

ACTIONS: Mapping[str, tuple[str, ...]] = {
    "s3:CompleteMultipartUpload": ("s3:PutObject",),
    "s3:CopyObject": ("s3:PutObject",),
    "s3:CreateMultipartUpload": ("s3:PutObject",),
    "s3:DeleteBucketCors": ("s3:PutBucketCORS",),
    "s3:DeleteBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "s3:DeleteBucketLifecycle": ("s3:PutLifecycleConfiguration",),
    "s3:DeleteBucketOwnershipControls": ("s3:PutBucketOwnershipControls",),
    "s3:DeleteBucketReplication": ("s3:PutReplicationConfiguration",),
    "s3:DeleteBucketTagging": ("s3:PutBucketTagging",),
    "s3:DeletePublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "s3:GetBucketAccelerateConfiguration": ("s3:GetAccelerateConfiguration",),
    "s3:GetBucketCors": ("s3:GetBucketCORS",),
    "s3:GetBucketEncryption": ("s3:GetEncryptionConfiguration",),
    "s3:GetBucketLifecycle": ("s3:GetLifecycleConfiguration",),
    "s3:GetBucketLifecycleConfiguration": ("s3:GetLifecycleConfiguration",),
    "s3:GetBucketNotificationConfiguration": ("s3:GetBucketNotification",),
    "s3:GetBucketReplication": ("s3:GetReplicationConfiguration",),
    "s3:GetObjectAttributes": ("s3:GetObjectAttributes", "s3:GetObject"),
    "s3:GetObjectLockConfiguration": ("s3:GetBucketObjectLockConfiguration",),
    "s3:GetPublicAccessBlock": ("s3:GetBucketPublicAccessBlock",),
    "s3:HeadBucket": ("s3:ListBucket",),
    "s3:HeadObject": ("s3:GetObject",),
    "s3:ListBuckets": ("s3:ListAllMyBuckets",),
    "s3:ListMultipartUploads": ("s3:ListBucketMultipartUploads",),
    "s3:ListObjectVersions": ("s3:ListBucketVersions",),
    "s3:ListObjects": ("s3:ListBucket",),
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "s3:ListParts": ("s3:ListMultipartUploadParts",),
    "s3:PutBucketAccelerateConfiguration": ("s3:PutAccelerateConfiguration",),
    "s3:PutBucketCors": ("s3:PutBucketCORS",),
    "s3:PutBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "s3:PutBucketLifecycle": ("s3:PutLifecycleConfiguration",),
    "s3:PutBucketLifecycleConfiguration": ("s3:PutLifecycleConfiguration",),
    "s3:PutBucketNotificationConfiguration": ("s3:PutBucketNotification",),
    "s3:PutBucketReplication": ("s3:PutReplicationConfiguration",),
    "s3:PutObjectLockConfiguration": ("s3:PutBucketObjectLockConfiguration",),
    "s3:PutPublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "secretsmanager:BatchGetSecretValue": ("secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue"),
    "s3:UploadPart": ("s3:PutObject",),
    "s3:UploadPartCopy": ("s3:PutObject",),
}

COPIES = frozenset({"s3:CopyObject", "s3:UploadPartCopy"})
"""Read as well, from where the member CopySource says."""

ALSO: Mapping[str, tuple[tuple[str, str], ...]] = {
    "s3:PutObject": (("Tagging", "s3:PutObjectTagging"), ("ACL", "s3:PutObjectAcl")),
    "s3:CreateMultipartUpload": (("Tagging", "s3:PutObjectTagging"), ("ACL", "s3:PutObjectAcl")),
    "s3:CopyObject": (("Tagging", "s3:PutObjectTagging"), ("ACL", "s3:PutObjectAcl")),
    "s3:CreateBucket": (("ACL", "s3:PutBucketAcl"), ("ObjectOwnership", "s3:PutBucketOwnershipControls")),
}
"""What an operation asks for beside its own action when a member is there."""

PRIVATE: Mapping[str, str] = {"s3:CreateBucket": "private"}
"""An ACL that needs no right of its own: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html"""

VERSIONED: Mapping[str, str] = {
    "s3:DeleteObject": "s3:DeleteObjectVersion",
    "s3:GetObject": "s3:GetObjectVersion",
}
"""What an action is where the request names a version of the object."""


def actions(service: str, operation: str, given: Parameters, *, versioned: bool = False) -> tuple[str, ...]:
    """What the caller of an operation, with these members, has to be allowed: `batch:SubmitJob` for instance."""
    called = f"{PREFIXES.get(service, service)}:{operation}"
    if called in FREE:
        return ()
    plain = given.get("ACL") == PRIVATE.get(called)
    also = tuple(
        action for member, action in ALSO.get(called, ()) if member in given and not (plain and member == "ACL")
    )
    asked = (*ACTIONS.get(called, (called,)), *also)
    return tuple(VERSIONED.get(one, one) for one in asked) if versioned else asked
