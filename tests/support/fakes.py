"""A small cloud in memory behind the ports: written by hand, so that a test can break any part of it."""

import itertools
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from reconciler.core import names
from reconciler.core.alarms import Alarm
from reconciler.core.drift import ResourceDrift
from reconciler.core.history import Record
from reconciler.core.homes import Kind, Thing
from reconciler.core.lease import Holder, Lease, Seen
from reconciler.core.logs import BuildLog, LogLine, LogNote
from reconciler.core.observed import (
    Job,
    JobStatus,
    LiveEndpoint,
    ModelVersion,
    Noted,
    Refusal,
    RunStatus,
    Serving,
    StoredImage,
    TrainingRun,
)
from reconciler.core.statelock import Remains, StateLock
from reconciler.errors import AnswerLost, ReconcilerError, StateLocked, TerraformFailed
from reconciler.mlproject import FolderFiles
from reconciler.ports import Check, Head, Say, SourceTree, World
from support.builders import ACCOUNT, NETWORK, NOW, PLATFORM


@dataclass
class Cloud:
    """What all the fakes share: the content of the world, what happened to it, and how it is to fail."""

    stacks: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: dict[str, tuple[Refusal, ...]] = field(default_factory=dict)
    endpoints: dict[str, LiveEndpoint] = field(default_factory=dict)
    jobs: list[tuple[str, Job]] = field(default_factory=list)
    runs: dict[str, tuple[TrainingRun, ...]] = field(default_factory=dict)
    versions: dict[str, tuple[ModelVersion, ...]] = field(default_factory=dict)
    tags: dict[str, set[str]] = field(default_factory=dict)
    pushed: dict[str, float] = field(default_factory=dict)
    """When images were pushed, in seconds since the epoch, by tag."""
    calls: list[str] = field(default_factory=list)
    """Every call that changes something, in order."""
    broken: dict[str, ReconcilerError] = field(default_factory=dict)
    """Calls, by the start of their words, that raise."""
    rolls_back: set[str] = field(default_factory=set)
    """Releases that SageMaker takes and then rolls back, while Terraform ends well."""
    rollback_reason: str = "did not pass the ping health check"
    settles: dict[str, LiveEndpoint] = field(default_factory=dict)
    """What endpoints on the move become, by name."""
    alarms: dict[str, Alarm] = field(default_factory=dict)
    """CloudWatch's, by name."""
    guarding: tuple[str, ...] = ()
    """Alarms that the deployment stack gives its endpoint."""
    trips: tuple[str, ...] = ()
    """Alarms that a release sets off which SageMaker rolls back."""
    logs: dict[str, str] = field(default_factory=dict)
    """The end of endpoints' logs, by endpoint."""
    written: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Lines of logs, by a job's id or the name of a log group."""
    built: dict[str, BuildLog] = field(default_factory=dict)
    """The newest build's log, by repository."""
    job_logs: dict[str, str] = field(default_factory=dict)
    """The end of failed jobs' logs, by job."""
    outlasts: set[str] = field(default_factory=set)
    """Releases for which SageMaker takes longer than Terraform waits."""
    seen_rolling_back: bool = False
    """Whether Terraform happens to look while SageMaker rolls back, and fails then."""
    lists_late: bool = False
    """Whether Batch lists a new job only to those who wait for it."""
    unlisted: set[str] = field(default_factory=set)
    loses_answers: int = 0
    """Submissions that Batch takes without saying so."""
    fails_to_train: set[str] = field(default_factory=set)
    reason: str = "Essential container in task exited; exit code 1"
    """Why they fail."""
    registers: bool = True
    """Whether trainings register what they log."""
    given: dict[str, dict[str, str]] = field(default_factory=dict)
    """Variables that jobs were submitted with, by name."""
    nested: dict[str, frozenset[str]] = field(default_factory=dict)
    """Runs within runs, by the outer one."""
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)
    """What runs logged, by run."""
    drifted: dict[str, tuple[ResourceDrift, ...]] = field(default_factory=dict)
    """What is not as it was applied, by state key."""
    things: dict[Thing, dict[str, str]] = field(default_factory=dict)
    """What else there is, with its tags."""
    servings: dict[str, Serving] = field(default_factory=dict)
    """How endpoint configurations serve, by name."""
    uncommitted: tuple[str, ...] = ()
    """Files that are not as HEAD has them."""
    signature_fault: str = ""
    """What is wrong with HEAD's signature."""
    bucket: bool = True
    """Whether the state bucket is there."""
    strangers: tuple[str, ...] = ()
    """Keys of others in the state bucket."""
    oidc_provider: str = ""
    begun: dict[str, Any] = field(default_factory=dict)
    """Variables of a bootstrap that was stopped."""
    cancel: threading.Event = field(default_factory=threading.Event)
    lease: Seen | None = None
    writing: threading.Lock = field(default_factory=threading.Lock)
    """Held while somebody writes the lease."""
    records: list[Record] = field(default_factory=list)
    """The history, the oldest first."""
    locks: dict[str, StateLock] = field(default_factory=dict)
    """Terraform's locks, by state key."""
    tainted: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Addresses of what Terraform would make anew, by state key."""
    remains: dict[str, tuple[Remains, ...]] = field(default_factory=dict)
    """What Terraforms that died left on this machine, by state key."""
    tokens: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    dead: set[int] = field(default_factory=set)
    """Process ids of this machine that live no more."""

    def call(self, words: str) -> None:
        self.calls.append(words)
        self.check(words)

    def check(self, words: str) -> None:
        for start, error in self.broken.items():
            if words.startswith(start):
                raise error

    @property
    def world(self) -> World:
        return World(
            FakeAccount(self),
            FakeState(self),
            FakeTerraform(self),
            FakeEndpoints(self),
            FakeJobs(self),
            FakeImages(self),
            FakeRegistry(self),
            FakeSources(self),
            FakeClock(),
            self.cancel,
            FakeInventory(self),
            FakeLeases(self),
            FakeHistory(self),
            FakeMachine(self),
            FakeLogs(self),
            FakeBuilds(self),
        )


@dataclass
class FakeAccount:
    cloud: "Cloud"

    def id(self) -> str:
        return ACCOUNT

    def oidc_provider(self, host: str) -> str:
        return self.cloud.oidc_provider


class FakeClock:
    def now(self) -> datetime:
        return NOW


@dataclass
class FakeState:
    cloud: Cloud

    def stacks(self) -> Mapping[str, Mapping[str, Any]]:
        self.cloud.check("read state")
        return dict(self.cloud.stacks)

    def refusals(self) -> Mapping[str, tuple[Refusal, ...]]:
        return dict(self.cloud.refused)

    def refuse(self, project: str, refusal: Refusal) -> None:
        self.cloud.refused[project] = (*self.cloud.refused.get(project, ()), refusal)

    def forgive(self, project: str) -> int:
        return len(self.cloud.refused.pop(project, ()))

    def forget(self, key: str) -> None:
        self.cloud.call(f"forget {key}")

    def exists(self) -> bool:
        return self.cloud.bucket

    def create(self, region: str) -> None:
        self.cloud.bucket = True

    def strangers(self) -> tuple[str, ...]:
        return self.cloud.strangers

    def empty(self) -> None:
        self.cloud.call("empty the bucket")
        self.cloud.lease = None

    def tainted(self, key: str) -> tuple[str, ...]:
        return self.cloud.tainted.get(key, ())

    def locks(self) -> Mapping[str, StateLock]:
        return dict(self.cloud.locks)

    def unlock(self, key: str, lock: str) -> bool:
        if key not in self.cloud.locks or self.cloud.locks[key].id != lock:
            return False
        self.cloud.call(f"unlock {key}")
        del self.cloud.locks[key]
        return True


@dataclass
class FakeLeases:
    cloud: Cloud

    def read(self, *, brief: bool = False) -> Seen | None:
        self.cloud.check("read lease")
        return self.cloud.lease

    def write(self, lease: Lease, over: str | None, *, brief: bool = False) -> str | None:
        self.cloud.check("write lease")
        with self.cloud.writing:
            if (self.cloud.lease.version if self.cloud.lease else None) != over:
                return None
            self.cloud.lease = Seen(lease, f"{int(over or 0) + 1}", 0.0)
            return self.cloud.lease.version


@dataclass
class FakeHistory:
    cloud: Cloud

    def append(self, record: Record) -> None:
        self.cloud.check("write history")
        self.cloud.records.append(record)

    def records(self, limit: int | None = None, note: Say | None = None) -> tuple[Record, ...]:
        self.cloud.check("read history")
        return tuple(reversed(self.cloud.records))[:limit]


@dataclass
class FakeMachine:
    cloud: Cloud

    def holder(self) -> Holder:
        return Holder("ann", "box", "here", 1, "boot+1", "by hand")

    def is_gone(self, holder: Holder) -> bool:
        return holder.place == "here" and holder.pid in self.cloud.dead

    def token(self) -> str:
        return f"{next(self.cloud.tokens):08x}"


@dataclass
class FakeTerraform:
    """Applies by writing the `spec` output; a deployment moves the endpoint as SageMaker would."""

    cloud: Cloud

    def apply(self, kind: str, project: str | None, variables: Mapping[str, Any], say: Say) -> None:
        self.cloud.call(f"apply {kind} {project or ''}".strip())
        self._respect(_key(kind, project))
        spec = {k: v for k, v in variables.items() if k not in HEADER}
        moves = kind == "deployment" and project and spec["live"]
        if moves:
            self._look_on(project, spec["live"])
        guardrails = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in self.cloud.guarding]}}
        of_one_apply = {"guardrails": guardrails, "ignored_alarms": variables.get("ignored_alarms", [])}
        more = of_one_apply if kind == "deployment" and self.cloud.guarding else {}
        self.cloud.stacks[_key(kind, project)] = {"spec": spec, **OUTPUTS.get(kind, {}), **more}
        if moves:
            self._move(project, spec["live"], variables)

    def untaint(self, kind: str, project: str | None, address: str, say: Say) -> None:
        self.cloud.call(f"untaint {kind} {project or ''}".strip())
        del self.cloud.tainted[_key(kind, project)]

    def _respect(self, key: str) -> None:
        if lock := self.cloud.locks.get(key):
            raise StateLocked(f"{lock.who} holds the lock of its state")

    def remains(self, kind: str, project: str | None) -> tuple[Remains, ...]:
        return self.cloud.remains.get(_key(kind, project), ())

    def plan(self, kind: str, project: str | None, variables: Mapping[str, Any], say: Say) -> tuple[ResourceDrift, ...]:
        """What a test says that drifted, or that it would change because of other variables."""
        self.cloud.check(f"plan {kind} {project or ''}".strip())
        applied = self.cloud.stacks[_key(kind, project)]["spec"]
        given = {k: v for k, v in variables.items() if k not in HEADER}
        changed = (ResourceDrift("terraform_data.applied", "update", ("input",)),) if given != applied else ()
        heeded = variables.get("ignored_alarms", []) == self.cloud.stacks[_key(kind, project)].get("ignored_alarms", [])
        alarms = () if heeded else (ResourceDrift("aws_sagemaker_endpoint.live[0]", "update", ("deployment_config",)),)
        return (*self.cloud.drifted.get(_key(kind, project), ()), *changed, *alarms)

    def unfinished(self) -> Mapping[str, Any]:
        return self.cloud.begun

    def establish(self, kind: str, variables: Mapping[str, Any], say: Say) -> None:
        self.cloud.bucket = True
        self.apply(kind, None, variables, say)

    def dissolve(self, kind: str, variables: Mapping[str, Any], empty: Callable[[], None], say: Say) -> None:
        empty()
        self.destroy(kind, None, variables, say)
        self.cloud.bucket = False

    def _look_on(self, project: str, release: str) -> None:
        """Until the hour is over, after which an apply that ends badly writes no output."""
        name = names.endpoint(PLATFORM, project)
        wanted = names.configuration(PLATFORM, project, release)
        before = self.cloud.endpoints.get(name)
        if release in self.cloud.outlasts and (before is None or before.configuration != wanted):
            served = LiveEndpoint(name, "InService", wanted, guarded=True, modified=1.0)
            self.cloud.endpoints[name] = replace(before or served, status="Updating" if before else "Creating")
            self.cloud.settles.setdefault(name, served)
            raise TerraformFailed("timeout while waiting for state to become 'InService' (timeout: 1h0m0s)")

    def _move(self, project: str, release: str, variables: Mapping[str, Any]) -> None:
        name = names.endpoint(PLATFORM, project)
        before = self.cloud.endpoints.get(name)
        wanted = names.configuration(PLATFORM, project, release)
        guarded, ignored = not variables.get("unguarded"), variables.get("ignored_alarms", ())
        moves = before is not None and before.configuration != wanted
        firing = self._firing(before, ignored) if moves else ()
        if release not in self.cloud.rolls_back and not firing:
            named = self.cloud.guarding or (before.alarms if before else ())
            alarms = tuple(one for one in named if one not in ignored)
            since = NOW.timestamp() if moves else before.modified if before else 0.0
            served = LiveEndpoint(name, "InService", wanted, guarded=guarded, alarms=alarms, modified=since)
            self.cloud.endpoints[name] = served
        elif before:
            self.cloud.alarms |= {alarm: Alarm(alarm, "ALARM", NOW) for alarm in self.cloud.trips}
            failure = self.cloud.rollback_reason
            self.cloud.endpoints[name] = replace(before, failure=failure, modified=before.modified + 1)
            if self.cloud.seen_rolling_back:
                raise TerraformFailed("unexpected state 'RollingBack', wanted target 'InService'")
        else:
            self.cloud.endpoints[name] = LiveEndpoint(name, "Failed", wanted, self.cloud.rollback_reason)
            raise TerraformFailed("unexpected state 'Failed'")

    def _firing(self, endpoint: LiveEndpoint | None, ignored: Collection[str]) -> tuple[str, ...]:
        """As SageMaker: an alarm that fires during an update rolls it back, whenever it began."""
        named = self.cloud.guarding or (endpoint.alarms if endpoint else ())
        return tuple(
            one for one in named if one in self.cloud.alarms and self.cloud.alarms[one].firing and one not in ignored
        )

    def destroy(self, kind: str, project: str | None, variables: Mapping[str, Any], say: Say) -> None:
        self.cloud.call(f"destroy {kind} {project or ''}".strip())
        self.cloud.stacks.pop(_key(kind, project))
        if kind == "deployment" and project:
            self.cloud.endpoints.pop(names.endpoint(PLATFORM, project), None)


HEADER = {"platform", "environment", "project", "adopt", "ignored_alarms", "unguarded"}
"""Variables that no stack gives back."""
OUTPUTS: dict[str, dict[str, Any]] = {
    "platform": {
        "network": {"vpc_id": NETWORK.vpc_id, "subnet_ids": list(NETWORK.subnet_ids)},
        "security_group_id": NETWORK.security_group_ids[0],
    },
    "mlflow-server": {
        "network": {"vpc_id": "vpc-of-the-server", "subnet_ids": ["subnet-private"]},
        "vpn_endpoint_id": "cvpn-endpoint-0a1b2c3d",
    },
}


def _key(kind: str, project: str | None) -> str:
    if project is None:
        return names.stack_key(PLATFORM.environment, kind)
    return names.project_key(PLATFORM.environment, project, kind)


@dataclass
class FakeInventory:
    cloud: Cloud

    def find(self, prefix: str) -> tuple[Thing, ...]:
        self.cloud.check("read inventory")
        listed = (Kind.MODEL, Kind.CONFIGURATION, Kind.REPOSITORY)
        return tuple(sorted(thing for thing in self.cloud.things if thing.kind in listed))

    def tags(self, thing: Thing) -> Mapping[str, str] | None:
        self.cloud.check(f"read tags of {thing}")
        exists = thing in self.cloud.things or (thing.kind is Kind.ENDPOINT and thing.name in self.cloud.endpoints)
        return self.cloud.things.get(thing, {}) if exists else None


@dataclass
class FakeEndpoints:
    cloud: Cloud

    def describe(self, configuration: str) -> Serving:
        return self.cloud.servings[configuration]

    def tag(self, name: str, tags: Mapping[str, str]) -> None:
        self.cloud.call(f"tag {name}")
        self.cloud.things[Thing(Kind.ENDPOINT, name)] = dict(tags)

    def find(self, prefix: str) -> Mapping[str, LiveEndpoint]:
        self.cloud.check("read endpoints")
        return {name: one for name, one in self.cloud.endpoints.items() if name.startswith(prefix)}

    def settle(self, name: str, limit: float, say: Say, before: LiveEndpoint | None = None) -> LiveEndpoint | None:
        """A passing endpoint becomes what `settles` holds for it."""
        self.cloud.check(f"settle {name}")
        if (endpoint := self.cloud.endpoints.get(name)) and endpoint.passing:
            self.cloud.endpoints[name] = self.cloud.settles.pop(name)
        return self.cloud.endpoints.get(name)

    def alarms(self, names: Sequence[str]) -> tuple[Alarm, ...]:
        self.cloud.check(f"read alarms {' '.join(names)}")
        return tuple(self.cloud.alarms[name] for name in names if name in self.cloud.alarms)

    def log_tail(self, name: str, since: datetime) -> str:
        self.cloud.check(f"read log {name}")
        return self.cloud.logs.get(name, "")

    def guard(self, name: str, configuration: str, guardrails: Mapping[str, Any]) -> None:
        self.cloud.call(f"guard {name} {configuration}")
        self.cloud.endpoints[name] = replace(self.cloud.endpoints[name], guarded=True)

    def invoke_async(self, name: str, bucket: str, body: bytes, content_type: str) -> bytes:
        return self.invoke(name, body, content_type)

    def invoke(self, name: str, body: bytes, content_type: str) -> bytes:
        return self.cloud.endpoints[name].configuration.encode()


@dataclass
class FakeJobs:
    """A job trains the moment somebody waits for it."""

    cloud: Cloud

    def find(self, queues: Sequence[str], prefix: str) -> tuple[tuple[str, Job], ...]:
        self.cloud.check("read jobs")
        return tuple(one for one in self._listed() if one[0].startswith(prefix))

    def seek(self, queues: Sequence[str], name: str, ended: Collection[str], since: int, say: Say) -> Job | None:
        """Waits for the listings when there is something to wait for."""
        listed = self.cloud.jobs if since else self._listed()
        return next((job for called, job in listed if called == name and job.id not in ended), None)

    def _listed(self) -> list[tuple[str, Job]]:
        return [one for one in self.cloud.jobs if one[1].id not in self.cloud.unlisted]

    def submit(
        self,
        name: str,
        queue: str,
        definition: str,
        parameters: Mapping[str, str],
        env: Mapping[str, str] | None = None,
    ) -> str:
        self.cloud.call(f"submit {name}")
        self.cloud.given[name] = dict(env or {})
        job = Job(f"job-{len(self.cloud.jobs) + 1}", "", "", JobStatus.ACTIVE, len(self.cloud.jobs))
        self.cloud.jobs.insert(0, (name, job))
        if self.cloud.lists_late:
            self.cloud.unlisted.add(job.id)
        if self.cloud.loses_answers:
            self.cloud.loses_answers -= 1
            raise AnswerLost("Batch did not say whether it took the job")
        return job.id

    def wait(self, job_id: str, say: Say) -> Job:
        name, job = next(one for one in self.cloud.jobs if one[1].id == job_id)
        for line in self.cloud.written.get(job_id, ()):
            say(line)
        found = names.project_of_job(PLATFORM, name)
        assert found, f"{name} is not a job of ours"
        project = found[0]
        failed = project in self.cloud.fails_to_train
        ended = replace(
            job, status=JobStatus.FAILED if failed else JobStatus.SUCCEEDED, reason=self.cloud.reason if failed else ""
        )
        self.cloud.jobs = [(n, ended if j.id == job_id else j) for n, j in self.cloud.jobs]
        if not failed:
            self._finish(project)
        return ended

    def _finish(self, project: str) -> None:
        run = replace(self.cloud.runs[project][0], status=RunStatus.FINISHED, logged_models=("m-1",))
        self.cloud.runs[project] = (run, *self.cloud.runs[project][1:])
        if self.cloud.registers:
            FakeRegistry(self.cloud).register(project, run.id, "m-1")

    def log_tail(self, job_id: str) -> str:
        self.cloud.check(f"read log of {job_id}")
        return self.cloud.job_logs.get(job_id, "")

    def drain(self, queues: Sequence[str], say: Say) -> None:
        self.cloud.call("drain")

    def terminate(self, job_id: str, reason: str) -> None:
        self.cloud.call(f"terminate {job_id}")


@dataclass
class FakeLogs:
    cloud: Cloud

    def of_job(self, job_id: str, attempt: int | None, *, follow: bool) -> Iterator[LogLine | LogNote]:
        self.cloud.check(f"read log {job_id}")
        yield from map(LogLine, self.cloud.written.get(job_id, ()))
        if follow:
            yield LogNote(f"job {job_id} was followed to its end")
        if attempt:
            yield LogNote(f"attempt {attempt} alone")

    def streams(self, group: str) -> tuple[str, ...] | None:
        self.cloud.check(f"read log group {group}")
        return (("live/i-1",) if self.cloud.written[group] else ()) if group in self.cloud.written else None

    def of_streams(self, group: str, most: int, *, follow: bool) -> Iterator[LogLine]:
        yield from map(LogLine, self.cloud.written.get(group, ()))


@dataclass
class FakeBuilds:
    cloud: Cloud

    def newest(self, repositories: Sequence[str]) -> BuildLog | None:
        return next((self.cloud.built[one] for one in repositories if one in self.cloud.built), None)


@dataclass
class FakeImages:
    cloud: Cloud

    def tags(self, repository: str) -> frozenset[str]:
        self.cloud.check(f"read images {repository}")
        return frozenset(self.cloud.tags.get(repository, ()))

    def stored(self, repository: str) -> Mapping[str, StoredImage]:
        pushed = self.cloud.pushed
        return {tag: StoredImage(_digest(repository, tag), pushed.get(tag, 0.0)) for tag in self.tags(repository)}

    def build_training(self, source: Path, image: str, say: Say) -> None:
        self._push(f"build training {(source / 'exported').read_text()}", image)

    def build_model(self, model: str, version: ModelVersion, image: str, check: Check, say: Say) -> None:
        check()
        self._push(f"build model {model} {version.number}", image)

    def build_server(self, image: str, say: Say) -> None:
        self._push("build server", image)

    def _push(self, words: str, image: str) -> None:
        self.cloud.call(words)
        repository, tag = image.split("/", 1)[1].rsplit(":", 1)
        self.cloud.tags.setdefault(repository, set()).add(tag)


def _digest(repository: str, tag: str) -> str:
    return f"sha256:{sha256(f'{repository}:{tag}'.encode()).hexdigest()}"


@dataclass
class FakeRegistry:
    cloud: Cloud

    def versions(self, model: str) -> tuple[ModelVersion, ...]:
        self.cloud.check(f"read versions {model}")
        return self.cloud.versions.get(model, ())

    def version(self, model: str, number: int) -> ModelVersion | None:
        return next((one for one in self.versions(model) if one.number == number), None)

    def runs(self, project: str) -> tuple[TrainingRun, ...]:
        return self.cloud.runs.get(project, ())

    def metrics(self, run_id: str) -> Mapping[str, float]:
        self.cloud.check(f"read metrics {run_id}")
        return self.cloud.metrics.get(run_id, {})

    def start_run(self, project: str, digest: str, revision: int, commit: str, asked: str = "") -> str:
        self.cloud.call(f"start run {project}")
        before = self.cloud.runs.get(project, ())
        for run in before:
            if run.digest == digest and run.status.open and not run.job:
                return run.id
        name = f"{project}-run-{len(before) + 1}"
        run = TrainingRun(
            name, digest, revision, RunStatus.RUNNING, len(before), commit=commit, registered=Noted(), asked=asked
        )
        self.cloud.runs[project] = (run, *before)
        return run.id

    def announce(self, run_id: str, at: datetime) -> None:
        self._change(run_id, announced=int(at.timestamp() * 1000))

    def link_job(self, run_id: str, job_id: str) -> None:
        self.cloud.call(f"link {run_id} {job_id}")
        self._change(run_id, job=job_id)

    def nested(self, project: str, run: TrainingRun) -> TrainingRun:
        return replace(run, nested=self.cloud.nested.get(run.id, frozenset()))

    def note_version(self, run_id: str, seen: Noted) -> None:
        self.cloud.check(f"note {run_id}")
        self._change(run_id, registered=seen)

    def note_ending(self, run_id: str, reason: str, log: str) -> None:
        self.cloud.check(f"note {run_id}")
        self._change(run_id, ending=reason, log=log)

    def end_run(self, run_id: str, *, killed: bool) -> None:
        self.cloud.call(f"end {run_id}")
        if any(run.id == run_id and run.status.open for runs in self.cloud.runs.values() for run in runs):
            self._change(run_id, status=RunStatus.KILLED if killed else RunStatus.FAILED)

    def _change(self, run_id: str, **fields: Any) -> None:
        for project, runs in self.cloud.runs.items():
            self.cloud.runs[project] = tuple(replace(run, **fields) if run.id == run_id else run for run in runs)

    def register(self, model: str, run_id: str, logged_model: str) -> ModelVersion:
        self.cloud.call(f"register {model}")
        before = self.cloud.versions.get(model, ())
        version = ModelVersion(len(before) + 1, run_id)
        self.cloud.versions[model] = (*before, version)
        return version


@dataclass
class FakeSources:
    cloud: Cloud

    def head(self) -> Head:
        return Head("c" * 40, "Ann")

    def describe(self, path: str) -> SourceTree:
        return SourceTree("c" * 40, "t" * 40, (), FolderFiles(Path(path)))

    def uncommitted(self, paths: Sequence[str]) -> tuple[str, ...]:
        return tuple(file for file in self.cloud.uncommitted if file.startswith(tuple(paths)))

    def signature_fault(self) -> str:
        return self.cloud.signature_fault

    def export(self, commit: str, path: str, target: Path) -> None:
        (target / "exported").write_text(path)


@dataclass
class Recorder:
    """A listener that remembers."""

    events: list[str] = field(default_factory=list)

    def started(self, step: Any, project: str) -> None:
        self.events.append(f"{project} started {type(step).__name__}")

    def said(self, project: str, line: str) -> None:
        self.events.append(f"{project} said {line}")

    def ended(self, step: Any, project: str, error: ReconcilerError | None) -> None:
        self.events.append(f"{project} {'failed' if error else 'ended'} {type(step).__name__}")
