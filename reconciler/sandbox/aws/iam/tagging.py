"""Tags that a request gives to what it makes: most services ask for the right to tag as well.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html, and the page of each action: EC2's CreateTags with
ec2:CreateAction (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html), Elastic Load
Balancing's AddTags with elasticloadbalancing:CreateAction.
"""

from collections.abc import Mapping

TAGGING: Mapping[str, str] = {
    "acm": "acm:AddTagsToCertificate",
    "application-autoscaling": "application-autoscaling:TagResource",
    "batch": "batch:TagResource",
    "cloudwatch": "cloudwatch:TagResource",
    "ec2": "ec2:CreateTags",
    "ecr": "ecr:TagResource",
    "ecs": "ecs:TagResource",
    "elasticloadbalancing": "elasticloadbalancing:AddTags",
    "events": "events:TagResource",
    "iam:CreateInstanceProfile": "iam:TagInstanceProfile",
    "iam:CreateOpenIDConnectProvider": "iam:TagOpenIDConnectProvider",
    "iam:CreatePolicy": "iam:TagPolicy",
    "iam:CreateRole": "iam:TagRole",
    "kms": "kms:TagResource",
    "logs": "logs:TagResource",
    "rds": "rds:AddTagsToResource",
    "sagemaker": "sagemaker:AddTags",
    "secretsmanager": "secretsmanager:TagResource",
    "sns": "sns:TagResource",
}
"""By action, or for all actions of a service."""

ELSEWHERE: Mapping[str, str] = {"iam": "iam:TagRole", "s3": "s3:PutBucketTagging"}
"""Of services whose tagging action is called otherwise still."""

WITH_ACTION: Mapping[str, str] = {
    "ec2": "ec2:createaction",
    "elasticloadbalancing": "elasticloadbalancing:createaction",
}
"""Condition keys that say which action gives the tags."""


def tagging(action: str) -> str:
    """What the caller needs beside an action whose request gives tags; empty if the action is itself tagging."""
    service = action.partition(":")[0]
    needed = TAGGING.get(action) or TAGGING.get(service, "")
    return "" if needed.lower() == action.lower() or "tag" in action.partition(":")[2].lower() else needed
