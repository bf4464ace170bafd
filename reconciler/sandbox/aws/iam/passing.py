"""Roles that a request hands to a service: whoever hands one needs iam:PassRole, with the service it is passed to.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from collections.abc import Iterator, Mapping

from reconciler.sandbox.aws.iam.leaves import Parameters, values
from reconciler.sandbox.aws.iam.policy import Question

PASSING = "iam:PassRole"

PASSED: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    # Published policies for Batch name one of these services, or both, and no document says which one Batch takes
    # (https://docs.seqera.io/platform-cloud/compute-envs/aws-batch, AWS ParallelCluster's user policies): ask for both.
    "batch:RegisterJobDefinition": (
        ("containerProperties.jobRoleArn", ("batch.amazonaws.com", "ecs-tasks.amazonaws.com")),
        ("containerProperties.executionRoleArn", ("batch.amazonaws.com", "ecs-tasks.amazonaws.com")),
    ),
    "batch:CreateComputeEnvironment": (("serviceRole", ("batch.amazonaws.com",)),),
    "ec2:CreateFlowLogs": (("DeliverLogsPermissionArn", ("vpc-flow-logs.amazonaws.com",)),),
    "ecs:RegisterTaskDefinition": (
        ("taskRoleArn", ("ecs-tasks.amazonaws.com",)),
        ("executionRoleArn", ("ecs-tasks.amazonaws.com",)),
    ),
    "events:PutTargets": (("Targets.RoleArn", ("events.amazonaws.com",)),),
    "iam:AddRoleToInstanceProfile": (("RoleName", ("ec2.amazonaws.com",)),),
    "rds:CreateDBInstance": (("MonitoringRoleArn", ("monitoring.rds.amazonaws.com",)),),
    "sagemaker:CreateModel": (("ExecutionRoleArn", ("sagemaker.amazonaws.com",)),),
    "scheduler:CreateSchedule": (("Target.RoleArn", ("scheduler.amazonaws.com",)),),
    "scheduler:UpdateSchedule": (("Target.RoleArn", ("scheduler.amazonaws.com",)),),
}


def passed(action: str, parameters: Parameters, account: str) -> Iterator[Question]:
    """May these roles be passed?"""
    for path, services in PASSED.get(action, ()):
        for role in values(parameters, path):
            arn = role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role}"
            yield from (Question(PASSING, arn, {"iam:passedtoservice": (service,)}) for service in services)
