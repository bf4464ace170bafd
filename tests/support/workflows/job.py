"""How a job of steps is played: who lets it in, on which machine, with which rights."""

import json
import secrets
import shutil
import time
from collections.abc import Mapping
from typing import Any

from support.workflows import contexts, permissions
from support.workflows.expressions import Scope, interpolate, resolve
from support.workflows.files import Job
from support.workflows.frame import Frame, Working
from support.workflows.machine import Machine
from support.workflows.repository import Protected
from support.workflows.rest import Token
from support.workflows.results import FAILURE, SUCCESS, JobRun
from support.workflows.stage import Called, Ended, Stage, group, narrow
from support.workflows.steps import play as play_steps
from support.workflows.values import text, true

SHOWN = 70
"""Characters of an output; what a step says of it stands above, whole."""


def play_here(
    stage: Stage, called: Called, job: Job, name: str, scope: Mapping[str, Any], granted: permissions.Permissions
) -> Ended:
    """Play a job of steps on a machine of its own."""
    result = JobRun(name, permissions=granted)
    stage.run.jobs.append(result)
    result.environment = _environment(job.raw.get("environment"), narrow(scope, "job.environment"))
    result.concurrency = group(job.raw.get("concurrency"), narrow(scope, "job.concurrency"))
    protected = _protected(stage, result) if result.environment else None
    readable = called.secrets.within(protected)
    result.secrets = tuple(sorted(name for name, value in readable.items() if value))
    stage.log.secrets |= {value for value in readable.values() if value}
    stage.log.job(name, _facts(result))
    if refused := _kept_out(stage, result, protected):
        result.conclusion, result.why = FAILURE, refused
        stage.log.end(FAILURE, 0, [refused])
        return Ended(FAILURE)
    variables = {**stage.repository.variables, **(protected.variables if protected else {})}
    begun = time.monotonic()
    outputs = _work(stage, called, job, {**scope, "vars": variables}, result, readable)
    stage.log.end(
        result.conclusion, time.monotonic() - begun, [f"{key} = {_short(value)}" for key, value in outputs.items()]
    )
    return Ended(result.conclusion, outputs)


def _work(
    stage: Stage, called: Called, job: Job, scope: Mapping[str, Any], result: JobRun, readable: Mapping[str, str]
) -> dict[str, str]:
    root = stage.folder / "jobs" / str(len(stage.run.jobs))
    machine = Machine(root, stage.repository.name.split("/")[1], stage.installed, stage.given)
    token = f"ghs_{secrets.token_hex(18)}"
    stage.log.secrets.add(token)
    stage.site.tokens[token] = Token(stage.repository.name, result.permissions, result.requests.append)
    event_path = machine.temp / "event.json"
    event_path.write_text(json.dumps(stage.event.payload))
    github = {**scope["github"], "token": token, "job": job.id, "workspace": str(machine.workspace)}
    github["event_path"] = str(event_path)
    runner = {"os": "Linux", "arch": "X64", "temp": str(machine.temp), "name": "runner"}
    full = {**scope, "github": github, "runner": runner, "secrets": {**readable, "GITHUB_TOKEN": token}}
    working = Working(
        stage.event, stage.site, stage.log, machine, result, full, token, stage.folder / "artifacts", stage.door
    )
    working.env = _variables(called, job, full)
    own = contexts.variables(github)
    frame = Frame(working, full, defaults=_defaults(called, job, full), own=own)
    try:
        play_steps(frame, job.steps)
    finally:
        del stage.site.tokens[token]
        shutil.rmtree(root, ignore_errors=True)
    result.conclusion = FAILURE if frame.failed else SUCCESS
    if frame.failed and true(resolve(job.raw.get("continue-on-error", False), narrow(full, "job.name"))):
        result.conclusion = SUCCESS
    declared = job.raw.get("outputs", {})
    outputs = {
        key: interpolate(str(value), narrow(frame.scope().contexts, "job.outputs")) for key, value in declared.items()
    }
    result.outputs = outputs
    for request in result.requests:
        stage.log.say(f"  │  ⇄ {request}")
    return outputs


def _variables(called: Called, job: Job, full: Mapping[str, Any]) -> dict[str, str]:
    of_workflow = {
        key: interpolate(text(value), narrow(full, "workflow.env"))
        for key, value in called.workflow.raw.get("env", {}).items()
    }
    own = {key: interpolate(text(value), narrow(full, "job.env")) for key, value in job.raw.get("env", {}).items()}
    return {**of_workflow, **own}


def _defaults(called: Called, job: Job, full: Mapping[str, Any]) -> dict[str, str]:
    of_workflow = called.workflow.raw.get("defaults", {}).get("run", {})
    own = {**of_workflow, **job.raw.get("defaults", {}).get("run", {})}
    return {key: interpolate(str(value), narrow({**full, "env": {}}, "job.defaults")) for key, value in own.items()}


def _environment(declared: Any, scope: Scope) -> str:
    named = resolve(declared, scope)
    return text(named["name"] if isinstance(named, Mapping) else named)


def _protected(stage: Stage, result: JobRun) -> Protected | None:
    return stage.repository.environments.get(result.environment)


def _kept_out(stage: Stage, result: JobRun, protected: Protected | None) -> str:
    """Why an environment does not let a job in; empty: it does."""
    if not result.environment:
        return ""
    if protected is None:
        # GitHub would make an environment without any protection: nobody who runs this wants that.
        return f"the environment {result.environment} is not there"
    branch = stage.event.ref.removeprefix("refs/heads/")
    if protected.branches and branch not in protected.branches:
        return f'Branch "{branch}" is not allowed to deploy to {result.environment} due to environment protection rules'
    if not protected.reviewers:
        return ""
    who = stage.approves(result.environment, result.name)
    stage.log.say(
        f"  │  waits for {' or '.join(protected.reviewers)}: " + (f"approved by {who}" if who else "rejected")
    )
    return "" if who in protected.reviewers else f"the deployment to {result.environment} was rejected"


def _short(value: str) -> str:
    flat = " ".join(value.split())
    return flat if len(flat) <= SHOWN else f"{flat[: SHOWN - 1]}…"


def _facts(result: JobRun) -> list[str]:
    granted = ", ".join(f"{scope}: {level}" for scope, level in result.permissions.items()) or "none"
    facts = [f"permissions  {granted}"]
    facts += [f"environment  {result.environment}"] if result.environment else []
    facts += [f"secrets      {', '.join(result.secrets)}"] if result.secrets else []
    return [*facts, f"concurrency  {result.concurrency}"] if result.concurrency else facts
