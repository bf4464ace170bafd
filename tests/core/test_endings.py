"""Whose fault it is that a training job failed: AWS's documented wordings, those of the sandbox, and nonsense."""

from pathlib import Path

import pytest

from reconciler.core.endings import (
    LONGEST_PAUSE,
    NO_RUN_OF_ITS_OWN,
    PAUSE,
    TABLE,
    TRAPS,
    Ending,
    Fault,
    Key,
    judge,
    pause,
)
from reconciler.sandbox.aws.batch import job, roles, secrets

STACKS = Path(__file__).parents[2] / "terraform" / "stacks"
EXIT = "Essential container in task exited; exit code 1"
WORLD = (
    "Canceled by JobStateTimeLimit action due to reason: CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
    "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested for instance type [p3.x]",
    "Capacity is unavailable at this time. Please try again later or in a different availability zone",
    "Your Spot Task was interrupted.",
    "Host EC2 (instance i-08784105ffff56b4f) terminated.",
    "Host EC2 Terminated",
    "Host EC2 (instance i-08784105ffff56b4f) terminated.; exit code 137",
    "CannotPullContainerError: pull image manifest has been retried 5 time(s): no such ref; Task failed to start",
    "CannotPullImageManifestError: Error response from daemon: Get https://…: net/http: request canceled",
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed",
    "ResourceInitializationError: failed to validate logger args: The task cannot find the Amazon CloudWatch log group",
    "Timeout waiting for network interface provisioning to complete.",
    "Timeout waiting for EphemeralStorage provisioning to complete.",
    "DockerTimeoutError: Could not transition to created; timed out after waiting 4m0s; Task failed to start",
    "Task failed to start",
    "ThrottlingException: Rate exceeded",
    roles.UNTRUSTED.format(role="arn:aws:iam::123456789012:role/acme-prod-churn-training-job"),
    roles.NO_REGISTRY,
    roles.NO_LOG,
    job.HOST_RECLAIMED.format(id="0a1b"),
    job.TASK_RECLAIMED,
    job.SANDBOX_STOPPED,
)
CANCELED = "Canceled by JobStateTimeLimit action due to reason:"
DEMAND = {
    f"{CANCELED} MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE": Key.MAX_VCPUS,
    f"{CANCELED} MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT": Key.RESOURCES,
    "OutOfMemoryError: Container killed due to memory usage; Essential container in task exited": Key.MEMORY,
    f"{job.TIMED_OUT}; exit code 143": Key.TIMEOUT,
}
CODE = (
    EXIT,
    "Essential container in task exited; exit code 137",
    'CannotStartContainerError: exec: "python": executable file not found in $PATH; Task failed to start',
)
NOBODY = ("", "stopped by Ann, who needs the GPU", "Terminated by user", "no version of aws-c-cal==0.7.4")


@pytest.mark.parametrize("reason", WORLD)
def test_what_aws_could_not_do_is_not_held_against_the_code(reason):
    found = judge(Ending(reason, 1))
    assert (found.fault, bool(found.said)) == (Fault.WORLD, True)


@pytest.mark.parametrize(("reason", "key"), DEMAND.items(), ids=[key.value for key in DEMAND.values()])
def test_what_was_asked_for_wrongly_names_its_key(reason, key):
    assert (judge(Ending(reason, 1)).fault, judge(Ending(reason, 1)).key) == (Fault.DEMAND, key)


@pytest.mark.parametrize("reason", CODE)
def test_code_that_ended_by_itself_is_at_fault(reason):
    assert judge(Ending(reason, 1, "ValueError: column age is missing")).fault is Fault.CODE


@pytest.mark.parametrize("reason", NOBODY)
def test_words_that_nobody_knows_blame_nobody(reason):
    assert judge(Ending(reason, 1)).fault is Fault.NOBODY


LOGS = {
    (
        "MlflowException: Cannot start run with ID 0a because active experiment ID does not match environment run ID. "
        "Make sure --experiment-name or --experiment-id matches experiment set with set_experiment()"
    ): "set_experiment",
    "mlflow.exceptions.MlflowException: Run with id=0a1b not found": "set_tracking_uri",
    (
        "mlflow.exceptions.MlflowException: INVALID_PARAMETER_VALUE: Changing param values is not allowed. Param with "
        "key='started' was already logged with value='1' for run ID='0a'."
    ): "as a metric or a tag",
    "ModuleNotFoundError: No module named 'common'": "name its package among the requirements",
}


@pytest.mark.parametrize(("log", "remedy"), LOGS.items(), ids=LOGS.values())
def test_a_trap_of_mlflow_that_the_code_fell_into_is_explained(log, remedy):
    found = judge(Ending(EXIT, 1, f"Traceback\n{log}\n2026 ERROR mlflow.cli: === Run (ID '0a') failed ==="))
    assert (found.fault, remedy in found.remedy) == (Fault.CODE, True)


def test_an_attempt_that_mlflow_gave_no_run_is_not_the_codes_fault():
    assert judge(Ending(EXIT, 1, "attempt 2 got no MLflow run of its own: Connection refused")).fault is Fault.WORLD


def test_a_log_counts_only_where_aws_says_no_more_than_that_the_code_ended():
    log = "MlflowException: Run with id=0a1b not found"
    assert judge(Ending("Host EC2 (instance i-0) terminated.", 1, log)).fault is Fault.WORLD
    assert judge(Ending("OutOfMemoryError: Container killed due to memory usage", 1, log)).key is Key.MEMORY


def test_every_row_says_where_its_words_are_known_from():
    assert [row for row in (*TABLE, *TRAPS) if not row.source] == []


def test_the_pause_grows_to_its_limit_and_no_further():
    assert [pause(tries) for tries in (1, 2, 3)] == [PAUSE, 2 * PAUSE, 4 * PAUSE]
    assert pause(20) == LONGEST_PAUSE


def test_attempts_that_get_no_run_say_what_the_table_looks_for():
    assert NO_RUN_OF_ITS_OWN in (STACKS / "training" / "attempt.py").read_text()


@pytest.mark.parametrize(
    "reason",
    [
        secrets.NO_PARAMETER + "invalid ssm parameters: /acme/db",
        secrets.NO_SECRET
        + "failed to fetch secret arn:… from secrets manager: ResourceNotFoundException: Secrets Manager "
        "can't find the specified secret.",
        secrets.NO_SECRET + "retrieved secret from Secrets Manager did not contain json key token",
    ],
)
def test_a_secret_that_is_not_there_is_not_waited_for(reason):
    found = judge(Ending(f"{reason}; Task failed to start", 1))
    assert found.fault is Fault.DEMAND
    assert "training.secrets" in found.remedy


def test_a_role_that_may_not_read_a_secret_yet_may_do_so_in_a_moment():
    assert judge(Ending(f"{secrets.NO_PARAMETER}AccessDeniedException: User: x", 1)).fault is Fault.WORLD
