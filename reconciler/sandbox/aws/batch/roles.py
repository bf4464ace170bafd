"""What a job's container needs of its two roles before it starts.

https://docs.aws.amazon.com/batch/latest/userguide/execution-IAM-role.html
"""

from collections.abc import Mapping
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID

from reconciler.sandbox.aws.iam.errands import LOG, PULL, SIGN_IN, Errand, log_streams, repository

TASKS = "ecs-tasks.amazonaws.com"
UNTRUSTED = (
    "ECS was unable to assume the role '{role}' that was provided for this task. Please verify that the role being "
    "passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role."
)
NO_REGISTRY = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable "
    "to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: "
)
NO_LOG = "ResourceInitializationError: failed to validate logger args: AccessDeniedException: "


def check(properties: Mapping[str, Any], image: str, region: str, log_group: str) -> None:
    """Pull the image, open the log, take the job's role: raises RuntimeError with what ECS says when it cannot.

    The words: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html,
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html,
    https://repost.aws/knowledge-center/ecs-unable-to-assume-role.
    """
    source = f"arn:aws:ecs:{region}:{DEFAULT_ACCOUNT_ID}:task/batch"
    for name in ("executionRoleArn", "jobRoleArn"):
        if properties.get(name) and not Errand(TASKS, properties[name], source).trusted:
            raise RuntimeError(UNTRUSTED.format(role=properties[name]))
    if properties.get("executionRoleArn"):
        _check_execution(Errand(TASKS, properties["executionRoleArn"], source), image, log_streams(region, log_group))


def _check_execution(errand: Errand, image: str, streams: str) -> None:
    if errand.refused([SIGN_IN], "*"):
        raise RuntimeError(NO_REGISTRY + errand.sentence(SIGN_IN, "*"))
    if refused := errand.refused(PULL, repository(image)):
        raise RuntimeError(f"CannotPullContainerError: {image}: {errand.sentence(refused, repository(image))}")
    if refused := errand.refused(LOG, streams):
        raise RuntimeError(NO_LOG + errand.sentence(refused, streams))
