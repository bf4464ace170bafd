"""What the loop needs of the world. The adapters implement it; tests implement it by hand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from reconciler.core.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from reconciler.core.drift import ResourceDrift
    from reconciler.core.history import Record
    from reconciler.core.homes import Thing
    from reconciler.core.lease import Holder, Lease, Seen
    from reconciler.core.observed import Job, LiveEndpoint, ModelVersion, Refusal, Serving, TrainingRun
    from reconciler.core.statelock import Remains, StateLock

StackState = Mapping[str, Any]
"""Outputs of one applied stack, by name: plain JSON values; under `RESOURCES`, addresses of what its state holds."""
RESOURCES = "@resources"
"""No output can have this name."""

REDACT = Redactor()
"""Knows no secret but those that look like one."""

Say = Callable[[str], None]
"""Takes one line of progress."""


class Cancel(Protocol):
    """Asks every wait to end early; `threading.Event` is one."""

    def is_set(self) -> bool:
        """Whether somebody asked to stop."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Sleep for `timeout` seconds; True at once when somebody asks to stop."""
        ...

    def set(self) -> None:
        """Ask everything to stop."""
        ...


class Account(Protocol):
    """Who we are in AWS, and what an account has once for all its environments."""

    def id(self) -> str:
        """Account number, 12 digits. Raises ReadFailed."""
        ...

    def oidc_provider(self, host: str) -> str:
        """ARN of the identity provider for `host`; empty when there is none. Raises ReadFailed."""
        ...


class StateStore(Protocol):
    """The state bucket: Terraform's states (read only) and our own refusals."""

    def stacks(self) -> Mapping[str, StackState]:
        """Outputs of every stack of the environment that holds a resource, by state key. Raises ReadFailed."""
        ...

    def refusals(self) -> Mapping[str, tuple[Refusal, ...]]:
        """Refused releases by project. Raises ReadFailed."""
        ...

    def refuse(self, project: str, refusal: Refusal) -> None:
        """Remember that a release was refused."""
        ...

    def forgive(self, project: str) -> int:
        """Forget every refusal of a project; returns how many there were."""
        ...

    def create(self, region: str) -> None:
        """Make the bucket, or find it made. Raises AwsFailed."""
        ...

    def exists(self) -> bool:
        """Whether the bucket is there, and ours to use. Raises ReadFailed."""
        ...

    def strangers(self) -> tuple[str, ...]:
        """Keys in the bucket that belong to other environments, or to nothing of ours. Raises ReadFailed."""
        ...

    def empty(self) -> None:
        """Delete every object of the environment with all its versions. Raises AwsFailed."""
        ...

    def forget(self, key: str) -> None:
        """Delete the state object of a stack that was destroyed. Refuses one that still holds resources."""
        ...

    def tainted(self, key: str) -> tuple[str, ...]:
        """Addresses of what Terraform would make anew in the state `key`, as it was stopped while it made it.

        Empty when there is no such state. Raises ReadFailed.
        """
        ...

    def locks(self) -> Mapping[str, StateLock]:
        """Terraform's locks in the environment, by the key of the state that each one locks. Raises ReadFailed."""
        ...

    def unlock(self, key: str, lock: str) -> bool:
        """Delete the lock of the state `key` if it still is the one with this id; whether it was.

        Raises ReadFailed, AwsFailed.
        """
        ...


class Leases(Protocol):
    """The lease of the environment, in the state bucket."""

    def read(self, *, brief: bool = False) -> Seen | None:
        """The lease as it stands; None when nobody ever took it. `brief` as in `write`. Raises ReadFailed."""
        ...

    def write(self, lease: Lease, over: str | None, *, brief: bool = False) -> str | None:
        """Put it in the place of version `over`, None when there was none, and return its own version.

        `brief` is one try of a few seconds, whether or not somebody asked to stop. None when somebody else was quicker.
        Raises AwsFailed, ReadFailed.
        """
        ...


class History(Protocol):
    """What became of each run, in the state bucket: written once, never changed."""

    def append(self, record: Record) -> None:
        """Raises AwsFailed."""
        ...

    def records(self, limit: int | None = None, note: Say | None = None) -> tuple[Record, ...]:
        """The newest first. `note` is told of those that cannot be understood. Raises ReadFailed."""
        ...


class Machine(Protocol):
    """This machine, and this process."""

    def holder(self) -> Holder:
        """Who we are; the commit is left empty."""
        ...

    def is_gone(self, holder: Holder) -> bool:
        """Whether it was a process of this machine that has ended. False for what cannot be known."""
        ...

    def token(self) -> str:
        """8 random hex digits."""
        ...


class Terraform(Protocol):
    """Runs Terraform for one stack. `kind` is its folder's name; `project` None for a stack of the environment."""

    def apply(self, kind: str, project: str | None, variables: Mapping[str, Any], say: Say) -> None:
        """Apply one stack. Raises TerraformFailed, StateLocked, Interrupted."""
        ...

    def destroy(self, kind: str, project: str | None, variables: Mapping[str, Any], say: Say) -> None:
        """Destroy one stack. Raises TerraformFailed, StateLocked, Interrupted."""
        ...

    def untaint(self, kind: str, project: str | None, address: str, say: Say) -> None:
        """Keep what Terraform would make anew. Raises TerraformFailed, StateLocked, Interrupted."""
        ...

    def remains(self, kind: str, project: str | None) -> tuple[Remains, ...]:
        """When Terraform was started on the stack, on this machine, and died without giving its lock back."""
        ...

    def plan(self, kind: str, project: str | None, variables: Mapping[str, Any], say: Say) -> tuple[ResourceDrift, ...]:
        """What an apply would change, sorted by address. Changes nothing and takes no lock.

        Raises TerraformFailed, Interrupted.
        """
        ...

    def unfinished(self) -> Mapping[str, Any]:
        """Variables of an `establish` that did not come to its end; empty when there is none."""
        ...

    def establish(self, kind: str, variables: Mapping[str, Any], say: Say) -> None:
        """Apply the stack that makes the state bucket: from a local state, which moves into the bucket at the end.

        Goes on where an earlier run was stopped. Raises TerraformFailed, Interrupted.
        """
        ...

    def dissolve(self, kind: str, variables: Mapping[str, Any], empty: Callable[[], None], say: Say) -> None:
        """Destroy the stack that made the state bucket; `empty` empties it once its own state is out.

        Raises TerraformFailed, AwsFailed, Interrupted.
        """
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

    def submit(self, name: str, queue: str, definition: str, parameters: Mapping[str, str]) -> str:
        """Submit a job on the newest active revision of `definition`; returns its id.

        Raises AnswerLost when Batch may have taken it and did not say so, AwsFailed, ReadFailed, Interrupted.
        """
        ...

    def wait(self, job_id: str, say: Say) -> Job:
        """Wait until the job succeeded or failed, passing its log lines on.

        Raises ReadFailed, Interrupted, and TimedOut when it takes longer than its attempts may and a day in the queue.
        """
        ...

    def drain(self, queues: Sequence[str], say: Say) -> None:
        """Wait until no job is left in the queues; one that does not exist holds none.

        Raises ReadFailed, Interrupted, and TimedOut when jobs are still there after an hour.
        """
        ...

    def terminate(self, job_id: str, reason: str) -> None:
        """Stop a job that is not wanted any more; one that has ended already stays as it is."""
        ...


class Images(Protocol):
    """Container images: what is in the registry, and how to make more."""

    def tags(self, repository: str) -> frozenset[str]:
        """Tags in an ECR repository; empty when there is no such repository. Raises ReadFailed."""
        ...

    def digests(self, repository: str) -> Mapping[str, str]:
        """The image behind each tag of a repository, `sha256:` and 64 hex digits; empty without such a repository.

        Raises ReadFailed.
        """
        ...

    def build_training(self, source: Path, image: str, say: Say) -> None:
        """Build and push the image of an exported MLflow project. Raises ReconcilerError."""
        ...

    def build_model(self, model: str, version: int, image: str, say: Say) -> None:
        """Build and push the serving image of a registered version. Raises ReconcilerError."""
        ...

    def build_server(self, image: str, say: Say) -> None:
        """Build and push the MLflow server's image. Raises ReconcilerError."""
        ...


class Registry(Protocol):
    """The MLflow tracking server."""

    def versions(self, model: str) -> tuple[ModelVersion, ...]:
        """Versions that are READY, ascending; empty when there is no such model. Raises ReadFailed."""
        ...

    def runs(self, project: str) -> tuple[TrainingRun, ...]:
        """Runs that the reconciler started for the project in this environment, newest first. Raises ReadFailed."""
        ...

    def metrics(self, run_id: str) -> Mapping[str, float]:
        """The newest finite value of each metric of a run; empty when there is no such run. Raises ReadFailed."""
        ...

    def start_run(self, project: str, digest: str, revision: int, commit: str) -> str:
        """Create a run tagged with its source, or return the one made for it that no job has used yet."""
        ...

    def announce(self, run_id: str, at: datetime) -> None:
        """Note on a run that a job is about to be submitted for it."""
        ...

    def link_job(self, run_id: str, job_id: str) -> None:
        """Note on a run which Batch job executes it."""
        ...

    def end_run(self, run_id: str, *, killed: bool) -> None:
        """Mark a run that its job left open as FAILED, or as KILLED."""
        ...

    def register(self, model: str, run_id: str, logged_model: str) -> ModelVersion:
        """Register a logged model as the next version of `model`."""
        ...


@dataclass(frozen=True, slots=True)
class SourceTree:
    """What git says of one folder."""

    commit: str
    """40 hex digits of HEAD."""
    tree: str
    """Object id of the folder's tree at HEAD."""
    uncommitted: tuple[str, ...]
    """Files of the folder that differ from HEAD or are not tracked (ignored files left out), sorted."""


@dataclass(frozen=True, slots=True)
class Head:
    """The commit that is checked out."""

    commit: str
    """40 hex digits."""
    author: str
    """As git gives the name."""


class Sources(Protocol):
    """The git repository that holds the manifest."""

    def head(self) -> Head:
        """What is checked out. Raises SourceUnusable."""
        ...

    def describe(self, path: str) -> SourceTree:
        """State of the folder `path`, relative to the project root. Raises SourceUnusable."""
        ...

    def uncommitted(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Files at or below the paths that are not as HEAD has them, sorted. Raises SourceUnusable."""
        ...

    def signature_fault(self) -> str:
        """What is wrong with HEAD's signature, in git's words; empty when it is good. Raises SourceUnusable."""
        ...

    def export(self, commit: str, path: str, target: Path) -> None:
        """Write what git tracks under `path` at `commit` into the empty folder `target`."""
        ...


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Current time, UTC."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside the program, behind its ports."""

    account: Account
    state: StateStore
    terraform: Terraform
    endpoints: Endpoints
    jobs: Jobs
    images: Images
    registry: Registry
    sources: Sources
    clock: Clock
    cancel: Cancel
    inventory: Inventory
    leases: Leases
    history: History
    machine: Machine
    redact: Callable[[str], str] = REDACT
    """Hides the secrets in what others say, before it is shown or kept."""
