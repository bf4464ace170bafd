"""Roles that a request hands to a service: whoever hands one needs iam:PassRole, with the service it is passed to.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

import re
from collections.abc import Iterator, Mapping

from reconciler.sandbox.aws.iam.leaves import Parameters, arns, values
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


ROLE = re.compile(r"arn:aws:iam::\d{12}:role/.+")
PASS_NOTHING = frozenset({"iam", "sts"})


def passed(action: str, parameters: Parameters, account: str, *, reads: bool) -> Iterator[Question]:
    """May these roles be passed? One in a member that the table does not know is passed to the service itself."""
    service = action.partition(":")[0]
    named = {
        (role, service): None
        for path, services in PASSED.get(action, ())
        for role in values(parameters, path)
        for service in services
    }
    known = {role for role, _ in named}
    if not reads and service not in PASS_NOTHING:
        others = [text for text in arns(parameters) if ROLE.fullmatch(text) and text not in known]
        named |= dict.fromkeys((role, f"{service}.amazonaws.com") for role in others)
    for role, taker in named:
        arn = role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role}"
        yield Question(PASSING, arn, {"iam:passedtoservice": (taker,)})
