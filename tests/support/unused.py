"""What the two roles of CI may do and a whole life of an environment does not, with the reason it is allowed for."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

REASONS = {
    "taken down: the stacks' own opposites of what is made": (
        *("*:Delete*", "*:Deregister*", "*:Detach*", "*:Disassociate*", "*:Remove*", "*:Terminate*", "sns:Unsubscribe"),
        *(
            "ec2:Release*",
            "ec2:Revoke*",
            "s3:ListBucketVersions",
            "events:DisableRule",
            "iam:ListInstanceProfilesForRole",
        ),
    ),
    "tags that are taken away": ("*:Untag*",),
    "settings that somebody changes": (
        *("*:Modify*", "*:Update*", "*:Replace*", "ecr:PutImage?*", "elasticloadbalancing:Set*", "events:EnableRule"),
        *("rds:Reset*", "sns:Set*", "ec2:CreateLaunchTemplateVersion"),
    ),
    "the VPN, which takes minutes: tests/adapters/vpn": (
        *("acm:*", "ec2:*ClientVpn*", "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"),
        "secretsmanager:PutSecretValue",
    ),
    "Docker, which pushes where an engine runs": (*("ecr:GetAuthorizationToken", "ecr:Batch*", "ecr:*Layer*"),),
    "schedules: tests/terraform/test_training_on_the_sandbox.py": ("scheduler:*",),
    "RDS in the caller's name, when the password is made anew": ("secretsmanager:RotateSecret",),
    "the doctor": ("servicequotas:*", "logs:DescribeLogStreams", "logs:CreateLogStream"),
}
"""By reason: actions, with wildcards."""

NEVER = frozenset(
    {
        "batch:ListTagsForResource",
        "ec2:DescribeAccountAttributes",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRegions",
        "ecs:DescribeServiceDeployments",
        "ecs:ListServiceDeployments",
        "ecs:ListTagsForResource",
        "elasticloadbalancing:DescribeTargetHealth",
        "rds:DescribeDBEngineVersions",
        "s3:GetBucketLocation",
        "sns:ListSubscriptionsByTopic",
    }
)
"""Reads of the AWS provider that this life did not need: without them it may fail in a case that is not seen here."""


def unexplained(actions: Iterable[str]) -> set[str]:
    """Of these, what has no reason."""
    patterns = [one for several in REASONS.values() for one in several]
    return {one for one in actions if not any(fnmatchcase(one, pattern) for pattern in patterns)}
