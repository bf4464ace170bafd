"""How a workflow is played: its jobs in their order, with every combination, and those of called workflows."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from support.workflows import contexts, permissions, plan
from support.workflows.expressions import Scope, holds, interpolate, resolve
from support.workflows.files import Job, Workflow
from support.workflows.job import play_here
from support.workflows.results import CANCELLED, FAILURE, SKIPPED, SUCCESS, JobRun, Run
from support.workflows.stage import Called, Ended, Secrets, Stage, group, narrow
from support.workflows.triggers import inputs
from support.workflows.values import Wrong, text

_OWN = "./.github/workflows/"


def play(stage: Stage, workflow: Workflow, given: Mapping[str, Any]) -> Run:
    """Play one workflow that an event started."""
    fork = stage.event.untrusted
    known = Secrets({} if fork else stage.repository.secrets, frozenset() if fork else None)
    trigger = workflow.on[stage.event.name]
    try:
        declared = trigger.get("inputs", {}) if stage.event.name == "workflow_dispatch" else {}
        called = Called(workflow, inputs(declared or {}, given, workflow.file), known)
        base = _contexts(stage, called)
        stage.run.concurrency = group(workflow.raw.get("concurrency"), narrow(base, "workflow.concurrency"))
        _play_workflow(stage, called)
    except Wrong as wrong:
        stage.run.refused = str(wrong)
        stage.log.say(f"  ✗ GitHub refuses {workflow.file}: {wrong}")
    return stage.run


def _contexts(stage: Stage, called: Called) -> dict[str, Any]:
    github = contexts.github(stage.event, {**stage.context, "token": ""})
    return {"github": github, "inputs": called.inputs, "vars": stage.repository.variables}


def _play_workflow(stage: Stage, called: Called) -> dict[str, Ended]:
    ended: dict[str, Ended] = {}
    for job in plan.ordered(called.workflow.jobs):
        ended[job.id] = _play_job(stage, called, job, ended)
    return ended


def _play_job(stage: Stage, called: Called, job: Job, ended: Mapping[str, Ended]) -> Ended:
    """A job with all combinations of its matrix."""
    needs = {name: {"result": ended[name].result, "outputs": ended[name].outputs} for name in job.needs}
    base = {**_contexts(stage, called), "needs": needs}
    before = [ended[name].result for name in plan.ancestors(job, called.workflow.jobs)]
    status = {"success": all(one == SUCCESS for one in before), "failure": FAILURE in before}
    status |= {"always": True, "cancelled": False}
    condition, title = job.raw.get("if", "success()"), called.prefix + str(job.raw.get("name", job.id))
    if not holds(condition, replace(narrow(base, "job.if"), status=status)):
        stage.log.skipped(title, f"if {condition}" if "if" in job.raw else "as what it needs did not succeed")
        stage.run.jobs.append(JobRun(title, conclusion=SKIPPED, why=str(condition)))
        return Ended(SKIPPED)
    return _play_combinations(stage, called, job, base)


def _play_combinations(stage: Stage, called: Called, job: Job, base: Mapping[str, Any]) -> Ended:
    strategy = resolve(job.raw.get("strategy", {}), narrow(base, "job.strategy"))
    every = plan.combinations(strategy["matrix"]) if "matrix" in strategy else [{}]
    ends, outputs = [], dict[str, str]()
    for index, matrix in enumerate(every):
        told = {"job-index": float(index), "job-total": float(len(every)), "fail-fast": strategy.get("fail-fast", True)}
        scope = {**base, "matrix": matrix, "strategy": told}
        template = str(job.raw.get("name", job.id))
        name = called.prefix + plan.title(template, interpolate(template, narrow(scope, "job.name")), matrix)
        if FAILURE in ends and strategy.get("fail-fast", True):
            stage.log.skipped(name, "as another of its matrix failed")
            stage.run.jobs.append(JobRun(name, conclusion=CANCELLED))
            ends.append(CANCELLED)
            continue
        ended = _play_one(stage, called, job, name, scope)
        ends.append(ended.result)
        outputs |= {key: value for key, value in ended.outputs.items() if value or key not in outputs}
    return Ended(next((end for end in (FAILURE, CANCELLED) if end in ends), SUCCESS), outputs)


def _play_one(stage: Stage, called: Called, job: Job, name: str, scope: Mapping[str, Any]) -> Ended:
    granted = permissions.granted(
        job.raw.get("permissions"),
        called.workflow.raw.get("permissions"),
        called.bound,
        untrusted=stage.event.untrusted,
    )
    if "uses" in job.raw:
        return _play_called(stage, called, job, name, scope, granted)
    return play_here(stage, called, job, name, scope, granted)


def _play_called(
    stage: Stage, called: Called, job: Job, name: str, scope: Mapping[str, Any], granted: permissions.Permissions
) -> Ended:
    uses = str(job.raw["uses"])
    workflow = stage.workflows.get(uses.removeprefix(_OWN)) if uses.startswith(_OWN) else None
    if workflow is None or "workflow_call" not in workflow.on:
        raise Wrong(f"job {job.id}: {uses} is no workflow of the repository's own that can be called")
    declared = workflow.on["workflow_call"]
    given = {key: resolve(value, narrow(scope, "job.with")) for key, value in job.raw.get("with", {}).items()}
    inner = Called(
        workflow,
        inputs(declared.get("inputs") or {}, given, uses),
        _passed(called.secrets, job, declared.get("secrets") or {}, scope),
        granted,
        f"{name} / ",
    )
    ended = _play_workflow(stage, inner)
    told = {**_contexts(stage, inner), "jobs": {one: {"outputs": end.outputs} for one, end in ended.items()}}
    outputs = {
        key: text(resolve(one["value"], narrow(told, "workflow.outputs")))
        for key, one in (declared.get("outputs") or {}).items()
    }
    ends = {one.result for one in ended.values()}
    result = FAILURE if FAILURE in ends else CANCELLED if CANCELLED in ends else SUCCESS
    return Ended(SKIPPED if ends == {SKIPPED} else result, outputs)


def _passed(known: Secrets, job: Job, declared: Mapping[str, Any], scope: Mapping[str, Any]) -> Secrets:
    """A called workflow sees what it is given by name, or everything; an environment's own only under those names."""
    passed = job.raw.get("secrets", {})
    if passed == "inherit":
        return known
    if unknown := set(passed) - set(declared):
        raise Wrong(f"job {job.id} passes the secrets {', '.join(sorted(unknown))}, which are not asked for")
    if missing := [name for name, one in declared.items() if (one or {}).get("required") and name not in passed]:
        raise Wrong(f"job {job.id} does not pass the secrets {', '.join(missing)}")
    readable = Scope({**scope, "secrets": known.values})
    values = {name: text(resolve(value, readable)) for name, value in passed.items()}
    return Secrets(values, frozenset(passed))
