"""What is live in AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from reconciler.core.alarms import Alarm
    from reconciler.core.homes import Thing
    from reconciler.core.logs import BuildLog, LogLine, LogNote
    from reconciler.core.observed import Job, LiveEndpoint, ModelVersion, Serving, StoredImage
    from reconciler.ports.common import Check, Say


class Account(Protocol):
    """Who we are in AWS, and what an account has once for all its environments."""

    def id(self) -> str:
        """Account number, 12 digits. Raises ReadFailed."""
        ...

    def oidc_provider(self, host: str) -> str:
        """ARN of the identity provider for `host`; empty when there is none. Raises ReadFailed."""
        ...


class Inventory(Protocol):
    """What there is in AWS under our names, whoever made it."""

    def find(self, prefix: str) -> tuple[Thing, ...]:
        """Models, endpoint configurations and image repositories whose names start with `prefix`. Raises ReadFailed."""
        ...

    def tags(self, thing: Thing) -> Mapping[str, str] | None:
        """Tags of one thing; None when there is none of its kind and name. Raises ReadFailed."""
        ...


class Endpoints(Protocol):
    """SageMaker endpoints."""

    def find(self, prefix: str) -> Mapping[str, LiveEndpoint]:
        """Every endpoint whose name starts with `prefix`, by name. Raises ReadFailed."""
        ...

    def describe(self, configuration: str) -> Serving:
        """How an endpoint configuration serves. Raises ReadFailed."""
        ...

    def tag(self, name: str, tags: Mapping[str, str]) -> None:
        """Add tags to an endpoint. Raises AwsFailed."""
        ...

    def settle(self, name: str, limit: float, say: Say, before: LiveEndpoint | None = None) -> LiveEndpoint | None:
        """Wait until the endpoint is in none of SageMaker's passing states; None when there is none.

        `before` is what it was: reads lag behind, and one that says the same is made again for a while.
        Raises ReadFailed, Interrupted, and TimedOut when that takes longer than `limit` seconds.
        """
        ...

    def alarms(self, names: Sequence[str]) -> tuple[Alarm, ...]:
        """CloudWatch's alarms of these names as they stand; those that do not exist are left out. Raises ReadFailed."""
        ...

    def log_tail(self, name: str, since: datetime) -> str:
        """The last lines of what the containers wrote that an endpoint started since then. Raises ReadFailed."""
        ...

    def guard(self, name: str, configuration: str, guardrails: Mapping[str, Any]) -> None:
        """Start an update of the endpoint to `configuration` with `guardrails`, SageMaker's DeploymentConfig."""
        ...

    def invoke(self, name: str, body: bytes, content_type: str) -> bytes:
        """Ask the model."""
        ...

    def invoke_async(self, name: str, bucket: str, body: bytes, content_type: str) -> bytes:
        """Ask the model through its queue, with the request and the answer in `bucket`, and wait for the answer."""
        ...


class Jobs(Protocol):
    """Batch jobs."""

    def find(self, queues: Sequence[str], prefix: str) -> tuple[tuple[str, Job], ...]:
        """(job name, job) of every job whose name starts with `prefix`, newest first.

        `project` and `digest` of the job are left empty. A queue that does not exist holds no jobs.
        Raises ReadFailed.
        """
        ...

    def seek(self, queues: Sequence[str], name: str, ended: Collection[str], since: int, say: Say) -> Job | None:
        """The job of exactly this name that is not among the `ended` ones; None when there is none.

        `since` is when it may have been submitted, in milliseconds since the epoch: Batch lists a job only a while
        after it took it, so it is waited for until every listing must show it. Raises ReadFailed, Interrupted.
        """
        ...

    def submit(
        self,
        name: str,
        queue: str,
        definition: str,
        parameters: Mapping[str, str],
        env: Mapping[str, str] | None = None,
    ) -> str:
        """Submit a job on the newest active revision of `definition`, with variables beside its own; returns its id.

        Raises AnswerLost when Batch may have taken it and did not say so, AwsFailed, ReadFailed, Interrupted.
        """
        ...

    def wait(self, job_id: str, say: Say) -> Job:
        """Wait until the job succeeded or failed, passing its log lines on.

        Raises ReadFailed, Interrupted, and TimedOut when it takes longer than its attempts may and a day in the queue.
        """
        ...

    def log_tail(self, job_id: str) -> str:
        """The last lines that the newest failed attempt of a job wrote; empty when it wrote none. Raises ReadFailed."""
        ...

    def drain(self, queues: Sequence[str], say: Say) -> None:
        """Wait until no job is left in the queues; one that does not exist holds none.

        Raises ReadFailed, Interrupted, and TimedOut when jobs are still there after an hour.
        """
        ...

    def terminate(self, job_id: str, reason: str) -> None:
        """Stop a job that is not wanted any more; one that has ended already stays as it is."""
        ...


class Logs(Protocol):
    """What jobs and endpoints wrote, as CloudWatch keeps it."""

    def of_job(self, job_id: str, attempt: int | None, *, follow: bool) -> Iterator[LogLine | LogNote]:
        """What a job wrote, all attempts or the one of this number (from 1), and how they ended.

        With `follow` until the job, or that attempt, has ended. Raises ReadFailed, Interrupted.
        """
        ...

    def streams(self, group: str) -> tuple[str, ...] | None:
        """Names of the newest streams of a log group, newest first; None when there is no group. Raises ReadFailed."""
        ...

    def of_streams(self, group: str, most: int, *, follow: bool) -> Iterator[LogLine]:
        """The last lines of the `most` newest streams of a group, in the order of their times.

        With `follow` whatever comes after them, without an end. Raises ReadFailed, Interrupted.
        """
        ...


class Builds(Protocol):
    """What the builders of images said on this machine."""

    def newest(self, repositories: Sequence[str]) -> BuildLog | None:
        """The newest build of an image of these repositories; None when none is kept here. Raises ReadFailed."""
        ...


class Images(Protocol):
    """Container images: what is in the registry, and how to make more."""

    def tags(self, repository: str) -> frozenset[str]:
        """Tags in an ECR repository; empty when there is no such repository. Raises ReadFailed."""
        ...

    def stored(self, repository: str) -> Mapping[str, StoredImage]:
        """The image behind each tag of a repository; empty without such a repository. Raises ReadFailed."""
        ...

    def build_training(self, source: Path, image: str, say: Say) -> None:
        """Build and push the image of an exported MLflow project. Raises ReconcilerError."""
        ...

    def build_model(self, model: str, version: ModelVersion, image: str, check: Check, say: Say) -> None:
        """Build and push the serving image of a registered version, with what it was made of noted on it.

        `check` raises when the version is another model by then; it is called once its files are here and nothing is
        pushed. Raises ReconcilerError.
        """
        ...

    def build_server(self, image: str, say: Say) -> None:
        """Build and push the MLflow server's image. Raises ReconcilerError."""
        ...
