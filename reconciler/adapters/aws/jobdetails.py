"""What Batch and CloudWatch are asked about one job."""

from collections.abc import Mapping
from typing import Any

from reconciler.adapters.aws.faults import reading
from reconciler.adapters.aws.joblogs import JobLog
from reconciler.adapters.aws.session import Aws
from reconciler.errors import ReadFailed

DEFAULT_LOG_GROUP = "/aws/batch/job"
"""https://docs.aws.amazon.com/batch/latest/userguide/using_awslogs.html"""


def describe_job(aws: Aws, job_id: str) -> Mapping[str, Any]:
    """DescribeJobs' answer about one job. Raises ReadFailed."""
    with reading(f"Batch job {job_id}"):
        jobs = aws.client("batch").describe_jobs(jobs=[job_id])["jobs"]
    if not jobs:
        raise ReadFailed(f"Batch knows no job {job_id}", "Batch forgets ended jobs after a week: run again")
    return dict(jobs[0])


def log_group_of(aws: Aws, answer: Mapping[str, Any]) -> str:
    """The log group that a job's definition names. Raises ReadFailed."""
    definition = answer["jobDefinition"]
    with reading(f"job definition {definition}"):
        found = aws.client("batch").describe_job_definitions(jobDefinitions=[definition])["jobDefinitions"]
    container = found[0].get("containerProperties", {}) if found else {}
    return str(container.get("logConfiguration", {}).get("options", {}).get("awslogs-group", DEFAULT_LOG_GROUP))


def log_of(aws: Aws, answer: Mapping[str, Any]) -> JobLog:
    """The log that a job writes. Raises ReadFailed."""
    return JobLog(aws.client("logs"), log_group_of(aws, answer))
