"""Workflow and action files, read and checked: a key that is not played here is an error, never left out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from support.workflows.values import Wrong

_WORKFLOW = ("name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs")
_JOB = (
    *("name", "needs", "if", "permissions", "runs-on", "environment", "concurrency", "outputs", "env", "defaults"),
    *("steps", "timeout-minutes", "strategy", "continue-on-error", "uses", "with", "secrets"),
)
_CALLING = ("name", "needs", "if", "permissions", "concurrency", "strategy", "uses", "with", "secrets")
_STEP = (
    *("id", "if", "name", "uses", "run", "working-directory", "shell", "with", "env", "continue-on-error"),
    "timeout-minutes",
)


@dataclass(frozen=True)
class Step:
    """One step of a job or of a composite action."""

    raw: Mapping[str, Any]
    number: int

    @property
    def id(self) -> str:
        """What `steps.…` calls it."""
        return str(self.raw.get("id") or f"__{self.number}")

    @property
    def title(self) -> str:
        """Its name, or what it does."""
        if "name" in self.raw:
            return str(self.raw["name"])
        does = str(self.raw["uses"]) if "uses" in self.raw else str(self.raw["run"]).strip().splitlines()[0]
        return f"Run {does}"


@dataclass(frozen=True)
class Job:
    """One job, before its matrix is laid out."""

    id: str
    raw: Mapping[str, Any]

    @property
    def needs(self) -> tuple[str, ...]:
        """Jobs that it comes after."""
        needs = self.raw.get("needs", ())
        return (needs,) if isinstance(needs, str) else tuple(needs)

    @property
    def steps(self) -> tuple[Step, ...]:
        """In their order."""
        return steps_of(self.raw["steps"], f"job {self.id}")


@dataclass(frozen=True)
class Workflow:
    """One file of `.github/workflows`."""

    file: str
    raw: Mapping[str, Any]
    on: Mapping[str, Mapping[str, Any]]
    """Each event that it is for, with its filters."""
    jobs: Mapping[str, Job] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.raw.get("name") or self.file)


@dataclass(frozen=True)
class Action:
    """A composite action of the repository's own."""

    folder: Path
    raw: Mapping[str, Any]

    @property
    def steps(self) -> tuple[Step, ...]:
        """In their order."""
        return steps_of(self.raw["runs"]["steps"], f"action {self.folder.name}")


def workflows(root: Path) -> dict[str, Workflow]:
    """All of a repository's, by the name of their file. Raises Wrong."""
    folder = root / ".github" / "workflows"
    found = sorted(path for path in folder.glob("*") if path.suffix in (".yml", ".yaml"))
    return {path.name: workflow(path.name, path.read_text()) for path in found}


def workflow(file: str, text: str) -> Workflow:
    """One workflow. Raises Wrong."""
    raw = yaml.load(text, _Loader)
    _check(raw, _WORKFLOW, file)
    jobs = {name: _job(file, name, job) for name, job in raw["jobs"].items()}
    for job in jobs.values():
        if unknown := set(job.needs) - set(jobs):
            raise Wrong(f"{file}: job {job.id} needs {', '.join(sorted(unknown))}, which is not there")
    return Workflow(file, raw, _events(raw["on"]), jobs)


def action(folder: Path) -> Action:
    """The composite action in a folder. Raises Wrong."""
    path = next((folder / name for name in ("action.yml", "action.yaml") if (folder / name).is_file()), None)
    if path is None:
        raise Wrong(f"{folder} holds no action.yml: was the repository checked out before?")
    raw = yaml.load(path.read_text(), _Loader)
    if raw["runs"]["using"] != "composite":
        raise Wrong(f"{path}: only composite actions are played here")
    return Action(folder, raw)


def steps_of(raw: Sequence[Mapping[str, Any]], where: str) -> tuple[Step, ...]:
    """Steps, checked. Raises Wrong."""
    for number, step in enumerate(raw):
        _check(step, _STEP, f"{where}, step {number + 1}")
        if ("run" in step) == ("uses" in step):
            raise Wrong(f"{where}, step {number + 1}: one of `run` and `uses` is needed")
    return tuple(Step(step, number) for number, step in enumerate(raw))


def _job(file: str, name: str, raw: Mapping[str, Any]) -> Job:
    _check(raw, _CALLING if "uses" in raw else _JOB, f"{file}: job {name}")
    if "uses" not in raw and not {"runs-on", "steps"} <= set(raw):
        raise Wrong(f"{file}: job {name} has no `runs-on`, or no `steps`")
    return Job(name, raw)


def _events(on: Any) -> dict[str, Mapping[str, Any]]:
    match on:
        case str():
            return {on: {}}
        case list():
            return {name: {} for name in on}
        case _:
            return {name: {"schedules": what} if name == "schedule" else what or {} for name, what in on.items()}


def _check(raw: Any, known: Sequence[str], where: str) -> None:
    if not isinstance(raw, Mapping):
        raise Wrong(f"{where} is no mapping")
    if unknown := [str(key) for key in raw if key not in known]:
        raise Wrong(f"{where}: {', '.join(unknown)} is not known here")


class _Loader(yaml.SafeLoader):
    """As GitHub reads YAML: `on` is a word, not a truth value, and a date is a text."""


_BOOL, _DATE = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"
_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in found if tag not in (_BOOL, _DATE)]
    for letter, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile("^(true|false)$", re.IGNORECASE), list("tTfF"))
