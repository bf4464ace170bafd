"""Roles that services are given: whom they trust and what they allow decides what becomes of jobs and endpoints."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

SIGN_IN = "ecr:GetAuthorizationToken"
PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
LOG = ["logs:CreateLogStream", "logs:PutLogEvents"]
EVERYTHING = (SIGN_IN, *PULL, *LOG)


def allowing(*actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*"}


def without(action: str) -> tuple[str, ...]:
    return tuple(one for one in EVERYTHING if one != action)


@pytest.fixture(scope="module")
def queue(shared_box: Any) -> str:
    ec2, batch = shared_box.client("ec2"), shared_box.client("batch")
    resources = {
        "type": "FARGATE",
        "maxvCpus": 4,
        "subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
        "securityGroupIds": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]],
    }
    batch.create_compute_environment(computeEnvironmentName="roles", type="MANAGED", computeResources=resources)
    order = [{"order": 1, "computeEnvironment": "roles"}]
    batch.create_job_queue(jobQueueName="roles", state="ENABLED", priority=1, computeEnvironmentOrder=order)
    return "roles"


@pytest.fixture(scope="module")
def image(shared_box: Any) -> str:
    return shared_box.push("roles", {"a": "b"})


@pytest.fixture
def job(shared_box: Any, queue: str, image: str, eventually: Any) -> Any:
    """Runs a command with roles to its end; returns the job and its last line."""
    batch = shared_box.client("batch")

    def run(name: str, command: list[str], **roles: Any) -> tuple[dict[str, Any], list[str]]:
        container = {
            "image": image,
            "command": command,
            "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}],
            **roles,
        }
        batch.register_job_definition(jobDefinitionName=name, type="container", containerProperties=container)
        job_id = batch.submit_job(jobName=name, jobQueue=queue, jobDefinition=name)["jobId"]

        def ended() -> Any:
            [found] = batch.describe_jobs(jobs=[job_id])["jobs"]
            return found if found["status"] in {"SUCCEEDED", "FAILED"} else None

        done = eventually(ended)
        stream = done["container"].get("logStreamName")
        events = shared_box.client("logs").get_log_events(logGroupName="/aws/batch/job", logStreamName=stream)
        return done, [one["message"] for one in events["events"]]

    return run


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        (SIGN_IN, "unable to retrieve ecr registry auth"),
        ("ecr:BatchGetImage", "CannotPullContainerError"),
        ("logs:PutLogEvents", "failed to validate logger args"),
    ],
)
def test_a_job_whose_execution_role_lacks_an_action_fails_with_that_action(shared_box, job, missing, told):
    role = shared_box.role(f"exec-{missing.partition(':')[2]}", allowing(*without(missing)))
    ended, _ = job(f"lacks-{missing.partition(':')[2]}", ["true"], executionRoleArn=role)
    assert ended["status"] == "FAILED"
    assert told in ended["statusReason"]
    assert f"is not authorized to perform: {missing}" in ended["statusReason"]


def test_a_job_runs_with_the_credentials_of_its_role_and_of_nobody_else(shared_box, job):
    execution = shared_box.role("exec-whole", allowing(*EVERYTHING))
    own = shared_box.role("job-whole", allowing("s3:ListAllMyBuckets"))
    ended, lines = job(
        "credentials", ["sh", "-c", "echo $AWS_SESSION_TOKEN"], executionRoleArn=execution, jobRoleArn=own
    )
    assert ended["status"] == "SUCCEEDED", ended
    sessions = shared_box.client("sts")
    assert lines[-1].strip()
    assert sessions.get_caller_identity()["Account"] == "123456789012"


@pytest.fixture(scope="module")
def kept(shared_box: Any) -> str:
    """Secrets of three kinds; the ARN of all that Secrets Manager has."""
    shared_box.client("ssm").put_parameter(Name="/roles/db", Value="of the parameter", Type="SecureString")
    manager = shared_box.client("secretsmanager")
    manager.create_secret(Name="roles", SecretString='{"token": "of the key"}')
    manager.create_secret(Name="roles-secret", SecretString="never found by its name")
    return "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"


def reading(*resources: str) -> list[dict[str, Any]]:
    actions = ["ssm:GetParameters", "secretsmanager:GetSecretValue"]
    return [allowing(*EVERYTHING), {"Effect": "Allow", "Action": actions, "Resource": list(resources)}]


PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/roles"


def test_secrets_are_read_by_the_execution_role_before_the_job_starts(shared_box, job, kept):
    role = shared_box.role("exec-secrets", *reading(f"{PARAMETER}/db", f"{kept}roles-??????"))
    given = [
        {"name": "FIRST", "valueFrom": f"{PARAMETER}/db"},
        {"name": "SECOND", "valueFrom": f"{kept}roles:token::"},
    ]
    ended, lines = job("secrets", ["sh", "-c", 'echo "$FIRST, $SECOND"'], executionRoleArn=role, secrets=given)
    assert (ended["status"], lines[-1]) == ("SUCCEEDED", "of the parameter, of the key")


@pytest.mark.parametrize(
    ("where", "may", "told"),
    [
        (f"{PARAMETER}/none", f"{PARAMETER}/*", "invalid ssm parameters: /roles/none"),
        (f"{PARAMETER}/db", f"{PARAMETER}/other", "is not authorized to perform: ssm:GetParameters on resource"),
        ("roles:none::", "roles-??????", "did not contain json key none"),
        ("roles", "other-??????", "is not authorized to perform: secretsmanager:GetSecretValue"),
        ("none", "none*", "ResourceNotFoundException: Secrets Manager can't find the specified secret"),
        ("none", "none-??????", "is not authorized to perform: secretsmanager:GetSecretValue on resource"),
        ("roles-secret", "*", "ResourceNotFoundException: Secrets Manager can't find the specified secret"),
        ("roles-secret", "roles-secret-??????", "is not authorized to perform: secretsmanager:GetSecretValue"),
    ],
)
def test_a_job_whose_secret_cannot_be_read_does_not_start(shared_box, job, kept, request, *, where, may, told):
    name = f"secret-{request.node.callspec.indices['where']}"
    place, allowed = (one if one.startswith("arn:") else f"{kept}{one}" for one in (where, may))
    role = shared_box.role(f"exec-{name}", *reading(allowed))
    given = [{"name": "FIRST", "valueFrom": place}]
    ended, lines = job(name, ["sh", "-c", "echo started"], executionRoleArn=role, secrets=given)
    assert ended["status"] == "FAILED"
    assert told in ended["statusReason"]
    assert ended["statusReason"].startswith("ResourceInitializationError: unable to pull secrets or registry auth")
    assert "started" not in lines


def test_a_role_that_does_not_trust_the_tasks_is_not_taken(shared_box, job):
    role = shared_box.role("exec-untrusting", allowing(*EVERYTHING), trusted=["lambda.amazonaws.com"])
    ended, _ = job("untrusted", ["true"], executionRoleArn=role)
    assert "ECS was unable to assume the role" in ended["statusReason"]


def refused(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as told:
        call(**parameters)
    return f"{told.value.response['Error']['Code']}: {told.value.response['Error']['Message']}"


@pytest.mark.parametrize("role", ["untrusting", "nowhere"])
def test_a_model_needs_a_role_that_sagemaker_can_take(shared_box, image, role):
    if role == "untrusting":
        shared_box.role(role, allowing(*EVERYTHING), trusted=["lambda.amazonaws.com"])
    told = refused(
        shared_box.client("sagemaker").create_model,
        ModelName=f"of-{role}",
        ExecutionRoleArn=f"arn:aws:iam::123456789012:role/{role}",
        PrimaryContainer={"Image": image},
    )
    assert told.startswith(f"ValidationException: Could not assume role arn:aws:iam::123456789012:role/{role}. Please")


def served_with(serving: Any, name: str, role: str) -> None:
    image = serving.box.push(name, {"says": name})
    serving.client.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer={"Image": image})
    serving.configure(name, name)


def test_an_endpoint_whose_role_may_not_pull_fails_and_says_so(serving):
    role = serving.box.role("serve-without-pull", allowing(*without("ecr:BatchGetImage")))
    served_with(serving, "unpulled", role)
    described = serving.create("unpulled", "unpulled")
    assert described["EndpointStatus"] == "Failed"
    assert f"The role '{role}' does not have BatchGetImage permission for the image" in described["FailureReason"]


def test_an_update_that_alarms_guard_needs_a_role_that_may_look_at_them(serving):
    serving.box.client("cloudwatch").put_metric_alarm(
        AlarmName="errors", ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, MetricName="m",
        Namespace="n", Period=60, Statistic="Sum", Threshold=1.0,
    )  # fmt: skip
    blind = serving.box.role("serve-blindly", allowing(*EVERYTHING))
    served_with(serving, "guarded", blind)
    serving.create("guarded", "guarded")
    served_with(serving, "guarded-2", blind)
    deployment = {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
    }
    update = {"EndpointName": "guarded", "EndpointConfigName": "guarded-2", "DeploymentConfig": deployment}
    told = refused(serving.client.update_endpoint, **update)
    assert "is not authorized to perform: cloudwatch:DescribeAlarms" in told
    seeing = {"Version": "2012-10-17", "Statement": [allowing(*EVERYTHING, "cloudwatch:DescribeAlarms")]}
    serving.box.client("iam").put_role_policy(
        RoleName="serve-blindly", PolicyName="may", PolicyDocument=json.dumps(seeing)
    )
    assert serving.update("guarded", "guarded-2")["EndpointConfigName"] == "guarded-2"


def test_a_schedule_needs_a_role_that_scheduler_can_take(shared_box):
    shared_box.role("schedule-untrusting", trusted=["lambda.amazonaws.com"])
    told = refused(
        shared_box.client("scheduler").create_schedule,
        Name="untrusted",
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": "arn:aws:scheduler:::aws-sdk:batch:submitJob",
            "RoleArn": "arn:aws:iam::123456789012:role/schedule-untrusting",
        },
    )
    assert told == (
        "ValidationException: The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
    )
