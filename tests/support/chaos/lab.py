"""A cloud, a repository and reconcilers: what a trial does, and what it looks at afterwards."""

import json
import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler.adapters.aws.lease import S3Leases
from reconciler.adapters.aws.session import Aws
from reconciler.adapters.aws.state import S3StateStore
from reconciler.adapters.terraform.ledger import Ledger
from reconciler.core.statelock import is_left
from support.access import KEYS
from support.chaos import lifecycle, resources
from support.chaos.cloud import QuickCloud, Snapshot, backend
from support.chaos.gate import Mode
from support.chaos.lifecycle import MANIFEST, Repository, Step
from support.chaos.starter import Ran, Starter

BUCKET = "chaos-test-tfstate"
RERUNS = 3
STRANGERS = ("chaos-test-churn-of-others", "chaos-testing", "elsewhere")
"""Names beside and below ours, of things that carry none of our tags."""
Thing = tuple[str, str]
"""Kind and id of something in AWS."""


@dataclass(frozen=True)
class Stage:
    """The world before a step, and how many calls the step makes when nothing happens."""

    before: Snapshot
    calls: int
    works: int
    """Of them Terraform's own."""
    after: Snapshot


@dataclass
class Lab:
    """Everything for trials, in a folder."""

    folder: Path
    cloud: QuickCloud = field(init=False)
    repository: Repository = field(init=False)
    foreign: frozenset[Thing] = frozenset()

    def __post_init__(self) -> None:
        self.cloud = QuickCloud(self.folder / "cloud")
        self.repository = Repository(self.folder / "team")
        self.repository.begin()
        self.starter = Starter(self.folder / "out.txt")
        self.door = self.cloud.door("door")
        self._stages: dict[str, Stage] = {}
        self._plant()

    def close(self) -> None:
        self.starter.close()
        self.cloud.close()

    def _plant(self) -> None:
        """Things of others."""
        for name in STRANGERS:
            for kind, want in _FOREIGN:
                resources.create(self.cloud.client, resources.Resource(kind, kind, name, want), {})
        self.foreign = frozenset(things())

    def stage(self, step: Step) -> Stage:
        """Live through the steps before, once, and through the step itself to count its calls. Stands at the step."""
        for each in lifecycle.STEPS[: lifecycle.STEPS.index(step) + 1]:
            if each.name not in self._stages:
                if self._stages:
                    self.cloud.restore(list(self._stages.values())[-1].after)
                self.repository.commit(each)
                self.repository.forget_terraform()
                self._stages[each.name] = self._measure(each)
        self.repository.commit(step)
        return self._stages[step.name]

    def _measure(self, step: Step) -> Stage:
        before, gate = self.cloud.save(), self.cloud.gate
        gate.arm()
        ran = self.run(*step.words)
        stage = Stage(before, len(gate.calls), gate.works, self.cloud.save())
        faults = self.faults(step)
        assert ran.code == 0, f"{step.name} fails although nothing happens: {ran}"
        assert not faults, "\n".join([f"{step.name} leaves faults although nothing happens", *faults])
        return stage

    def run(self, *words: str) -> Ran:
        """`reconcile`, to its end."""
        self.cloud.gate.pid = self.starter.begin(("-m", MANIFEST, *words), self.door, self.repository.root)
        self.starter.go()
        return self.starter.end()

    def rest(self) -> None:
        """Wait for what a dead reconciler left running: Terraform alone goes on without it."""
        deadline = time.monotonic() + 20
        while self.cloud.terraform.running and time.monotonic() < deadline:
            time.sleep(0.01)

    def trial(self, step: Step, before: Snapshot, at: int, mode: Mode) -> "Trial":
        """One step with something happening at call `at`, and run again until it ends well."""
        self.cloud.restore(before)
        self.repository.forget_terraform()
        self.cloud.gate.arm(at, mode)
        first = self.run(*step.words)
        calls, fired = list(self.cloud.gate.calls), self.cloud.gate.fired
        self.cloud.gate.arm()
        runs = [first]
        while runs[-1].code != 0 and len(runs) <= RERUNS:
            runs.append(self.run(*step.words))
        return Trial(step, at, mode, fired, calls, runs, self.faults(step))

    def faults(self, step: Step) -> list[str]:
        """What is wrong with the world once a step is done."""
        self.rest()
        check = self.run("--dry-run", "--detailed-exitcode")
        found = [f"a dry run ends with {check.code}: {check.out}"] if check.code else []
        found += [f"{count} jobs named {name}" for name, count in jobs().items() if count > 1]
        found += [f"{count} versions of {run}" for run, count in self._versions().items() if count > 1]
        return found + self._strays(step) + self._serving(step)

    def _versions(self) -> Counter[str]:
        models = self.cloud.mlflow.registry.models
        runs = self.cloud.mlflow.registry.runs
        digests = (
            next(tag["value"] for tag in runs[one["run_id"]]["data"]["tags"] if tag["key"] == "reconciler.digest")
            for versions in models.values()
            for one in versions
        )
        return Counter(digests)

    def _strays(self, step: Step) -> list[str]:
        """Resources of ours that no state knows, of states that are not there, and foreign ones that were touched."""
        there, states = frozenset(things()), self.states()
        known = frozenset(
            (one["type"], instance["attributes"]["id"])
            for state in states.values()
            for one in state["resources"]
            for instance in one["instances"]
            if one["type"] != "terraform_data"
        )
        newest = {_name(thing) for thing in known}
        lost = [thing for thing in sorted(there - known - self.foreign) if _name(thing) not in newest]
        found = [f"lost: {thing}" for thing in lost]
        found += [f"gone: {thing}" for thing in sorted(known - there)]
        found += [f"foreign and gone: {thing}" for thing in sorted(self.foreign - there)]
        found += self._stuck()
        left = [key for key, state in states.items() if state["resources"] and _project(key) not in step.pins]
        return found + [f"the state of a retired project: {key}" for key in left if _project(key)]

    def _stuck(self) -> list[str]:
        """Locks that the next run would not know for those of a dead Terraform, and a lease that nobody gave back."""
        aws = Aws(resources.REGION, f"http://127.0.0.1:{self.cloud.aws.port}", KEYS.aws)
        store = S3StateStore(aws, BUCKET, lifecycle.ENVIRONMENT)
        ledger = Ledger(self.repository.root / ".reconcile" / "terraform" / "processes")
        locks = store.locks().items()
        stuck = [key for key, lock in locks if not is_left(lock, ledger.dead(f"s3://{BUCKET}/{key}"))]
        seen = S3Leases(aws, BUCKET, lifecycle.ENVIRONMENT).read()
        held = ["the lease is held by nobody who lives"] if seen and not seen.lease.released else []
        return [*(f"locked for ever: {key}" for key in stuck), *held]

    def _serving(self, step: Step) -> list[str]:
        """Projects that do not serve what is pinned."""
        endpoints = backend("sagemaker").endpoints
        prefix = f"{lifecycle.PLATFORM}-{lifecycle.ENVIRONMENT}"
        found = []
        for name, pin in step.pins.items():
            endpoint = endpoints.get(f"{prefix}-{name}")
            serves = endpoint.endpoint_config_name if endpoint else ""
            if bool(pin) != bool(endpoint) or not serves.startswith(f"{prefix}-{name}-v{pin}-" if pin else ""):
                found.append(f"{name} serves {serves or 'nothing'}, pinned is {pin}")
        return found

    def objects(self) -> list[str]:
        pages = self.cloud.client("s3").get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return [one["Key"] for page in pages for one in page.get("Contents", ())]

    def states(self) -> Mapping[str, Any]:
        s3 = self.cloud.client("s3")
        keys = [key for key in self.objects() if key.endswith(".tfstate")]
        return {key: json.loads(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()) for key in keys}


@dataclass(frozen=True)
class Trial:
    """What became of one trial."""

    step: Step
    at: int
    mode: Mode
    fired: bool
    calls: list[str]
    runs: list[Ran]
    faults: list[str]

    @property
    def survived(self) -> bool:
        return self.runs[-1].code == 0 and not self.faults

    def __str__(self) -> str:
        call = self.calls[self.at - 1] if self.at <= len(self.calls) else "?"
        told = "\n".join([*self.faults, *(f"--- run {number}: {run}" for number, run in enumerate(self.runs, 1))])
        return f"{self.step.name}, {self.mode} {self.at} ({call}):\n{told}"


def _name(thing: Thing) -> Thing:
    """Without its revision: older ones of a job definition go with it, and cost nothing until then."""
    kind, identity = thing
    return kind, identity.rpartition(":")[0] if kind == "aws_batch_job_definition" else identity


def _project(key: str) -> str:
    """Whose state it is; empty for the environment's own. One without resources means nothing, and may stay."""
    found = re.fullmatch(r".*/projects/([^/]+)/[^/]+", key)
    return found[1] if found else ""


_FOREIGN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("aws_ecr_repository", {}),
    ("aws_cloudwatch_log_group", {}),
    ("aws_iam_role", {}),
    (
        "aws_batch_job_definition",
        {
            "container": {
                "image": "busybox",
                "command": ["true"],
                "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}],
            }
        },
    ),
    ("aws_sagemaker_model", {"image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/others:1"}),
)


def jobs() -> Counter[str]:
    """How many jobs there are of each name."""
    return Counter(job.job_name for job in backend("batch")._jobs.values())


def things() -> list[Thing]:
    """Everything in AWS that a stack may hold."""
    batch, sagemaker = backend("batch"), backend("sagemaker")
    found: dict[str, list[str]] = {
        "aws_ecr_repository": list(backend("ecr").repositories),
        "aws_cloudwatch_log_group": list(backend("logs").groups),
        "aws_iam_role": [role.name for role in backend("iam").roles.values() if "AWSServiceRole" not in role.name],
        "aws_batch_job_definition": [one.arn for one in batch._job_definitions.values() if one.status == "ACTIVE"],
        "aws_batch_job_queue": [one.arn for one in batch._job_queues.values()],
        "aws_batch_compute_environment": [one.name for one in batch._compute_environments.values()],
        "aws_sagemaker_model": list(sagemaker._models),
        "aws_sagemaker_endpoint_configuration": list(sagemaker.endpoint_configs),
        "aws_sagemaker_endpoint": list(sagemaker.endpoints),
        "aws_sns_topic": list(backend("sns").topics),
    }
    return [(kind, name) for kind, names in found.items() for name in names]
