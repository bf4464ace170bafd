"""moto's Batch with the behaviour that its simpler original leaves out."""

from collections.abc import Mapping, Sequence
from typing import Any

from moto.batch import models, urls
from moto.batch.exceptions import ClientException

from reconciler.sandbox.aws.batch.describe import milliseconds, name_matches
from reconciler.sandbox.aws.batch.job import LocalJob

MOST_JOBS_DESCRIBED = 100
# AWS's words, of SubmitJob: https://github.com/base2genomics/batchit/issues/13
NO_QUEUE = "JobQueue {name} not found."
# https://github.com/aws-samples/aws-genomics-workflows/issues/84
NO_DEFINITION = "JobDefinition name {name} does not exist or is not in ACTIVE status"
LINKED_ROLE = "AWSServiceRoleForBatch"
LINKED_ROLE_PATH = "/aws-service-role/batch.amazonaws.com/"


class LocalBatch(models.BatchBackend):  # type: ignore[misc]  # moto's classes are untyped here
    """Set as the backend class before the first request."""

    _url_module = urls

    def create_compute_environment(self, **details: Any) -> Any:
        """Without a service role, Batch uses its service-linked one; moto insists on a role."""
        role = details.pop("service_role", None) or self._linked_role()
        return super().create_compute_environment(service_role=role, **details)

    def update_compute_environment(
        self,
        compute_environment_name: str,
        state: str | None,
        compute_resources: Mapping[str, Any] | None,
        service_role: str | None,
    ) -> tuple[str, str]:
        """Moto accepts changed compute resources and forgets them."""
        name, arn = super().update_compute_environment(compute_environment_name, state, compute_resources, service_role)
        changes = {key: value for key, value in (compute_resources or {}).items() if value is not None}
        self._compute_environments[arn].compute_resources.update(changes)
        return name, arn

    def keep_update_policy(self, environment: str, policy: Mapping[str, Any] | None) -> None:
        """How jobs are treated while an environment is updated; None leaves it as it is."""
        if policy is not None:
            self.get_compute_environment(environment).update_policy = policy

    def describe_compute_environments(self, environments: list[str] | None = None) -> list[dict[str, Any]]:
        """With the update policy, once there is one."""
        described: list[dict[str, Any]] = super().describe_compute_environments(environments)
        kept = {one.arn: getattr(one, "update_policy", None) for one in self._compute_environments.values()}
        return [_with(one, "updatePolicy", kept[one["computeEnvironmentArn"]]) for one in described]

    def keep_time_limits(self, queue: str, limits: Sequence[Mapping[str, Any]] | None) -> None:
        """How long jobs may wait at the head of a queue; None leaves it as it is."""
        if limits is not None:
            self.get_job_queue(queue).time_limits = limits

    def describe_job_queues(self, job_queues: list[str] | None = None) -> list[dict[str, Any]]:
        """With the time limits, once there are any."""
        described: list[dict[str, Any]] = super().describe_job_queues(job_queues)
        kept = {one.arn: getattr(one, "time_limits", None) for one in self._job_queues.values()}
        return [_with(one, "jobStateTimeLimitActions", kept[one["jobQueueArn"]]) for one in described]

    def register_job_definition(self, **details: Any) -> Any:
        """Moto gives every later revision the capabilities of the first one."""
        definition = super().register_job_definition(**details)
        definition.platform_capabilities = details["platform_capabilities"]
        definition.propagate_tags = details["propagate_tags"]
        return definition

    def get_job_definition(self, identifier: str) -> Any:
        """A name without a revision means the newest ACTIVE one; moto also takes a deregistered one."""
        if ":" in identifier:
            return super().get_job_definition(identifier)
        active = [one for one in self._job_definitions.values() if one.name == identifier and one.status == "ACTIVE"]
        return max(active, key=lambda one: one.revision, default=None)

    def submit_job(self, job_name: str, job_def_id: str, job_queue: str, *rest: Any, **more: Any) -> Any:
        """In Batch's words when there is no such definition or queue."""
        if self.get_job_definition(job_def_id) is None:
            raise ClientException(NO_DEFINITION.format(name=job_def_id))
        if self.get_job_queue(job_queue) is None:
            raise ClientException(NO_QUEUE.format(name=job_queue))
        return super().submit_job(job_name, job_def_id, job_queue, *rest, **more)

    def describe_jobs(self, jobs: Sequence[str] | None) -> list[dict[str, Any]]:
        """As AWS does, refuse more ids than a call may name."""
        if len(jobs or ()) > MOST_JOBS_DESCRIBED:
            raise ClientException(f"Up to {MOST_JOBS_DESCRIBED} jobs may be described in one call.")
        wanted = (self._jobs.get(job.rpartition("/")[2]) for job in jobs or ())
        return [job.describe() for job in wanted if job is not None]

    def list_jobs(
        self,
        job_queue_name: str | None,
        array_job_id: str | None,
        job_status: str | None = None,
        filters: Sequence[Mapping[str, Any]] | None = None,
    ) -> list[LocalJob]:
        """With a filter: every status, newest first. Without: one status, RUNNING if none is named."""
        jobs = self._jobs_of(job_queue_name, array_job_id)
        if not filters:
            return [job for job in jobs if job.status == (job_status or "RUNNING")]
        chosen = [job for job in jobs if all(_passes(job, one) for one in filters)]
        return sorted(chosen, key=lambda job: job.job_created_at, reverse=True)

    def abandon_jobs(self) -> None:
        """Fail what a former process left unfinished."""
        for job in self._jobs.values():
            job.abandon()

    def running_jobs(self) -> list[LocalJob]:
        """Jobs whose thread still lives."""
        return [job for job in self._jobs.values() if job.is_alive()]

    def _jobs_of(self, queue_name: str | None, array_job_id: str | None) -> list[LocalJob]:
        if array_job_id:
            parent = self.get_job_by_id(array_job_id)
            return list(parent._child_jobs or ()) if parent else []
        queue = self.get_job_queue(queue_name) if queue_name else None
        if queue is None:
            raise ClientException(NO_QUEUE.format(name=queue_name))
        return list(queue.jobs)

    def _linked_role(self) -> str:
        role = next((one for one in self.iam_backend.roles.values() if one.name == LINKED_ROLE), None)
        if role is None:
            role = self.iam_backend.create_role(
                role_name=LINKED_ROLE,
                assume_role_policy_document="{}",
                path=LINKED_ROLE_PATH,
                permissions_boundary=None,
                description="",
                tags=[],
                max_session_duration="3600",
            )
        return str(role.arn)


def _with(described: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    return described if value is None else {**described, name: value}


def _passes(job: LocalJob, rule: Mapping[str, Any]) -> bool:
    values = rule["values"]
    match rule["name"]:
        case "JOB_NAME":
            return name_matches(job.job_name, values)
        case "JOB_DEFINITION":
            definition = job.job_definition
            return name_matches(definition.name, values) or name_matches(
                f"{definition.name}:{definition.revision}", values
            )
        case "BEFORE_CREATED_AT":
            return milliseconds(job.job_created_at) < int(values[0])
        case "AFTER_CREATED_AT":
            return milliseconds(job.job_created_at) > int(values[0])
        case other:
            raise ClientException(f"{other} is not a filter of ListJobs")
