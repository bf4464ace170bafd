"""How steps are played: scripts are run, the repository's own actions gone into, foreign ones stood in for."""

import re
from collections.abc import Mapping
from typing import Any

from support.workflows import foreign, machine, tools
from support.workflows.contexts import WHERE
from support.workflows.expressions import Scope, holds, interpolate, resolve
from support.workflows.files import Step, action
from support.workflows.frame import Frame
from support.workflows.log import masks
from support.workflows.machine import Ended
from support.workflows.results import FAILURE, SKIPPED, SUCCESS, StepRun
from support.workflows.triggers import inputs
from support.workflows.values import Wrong, text, true

MINUTES = 15.0
"""Nothing here takes longer, whatever a workflow allows."""


def play(frame: Frame, steps: tuple[Step, ...]) -> None:
    """Play steps in their order; each asks whether those before it went well. Raises Wrong."""
    for step in steps:
        scope = frame.scope()
        title = interpolate(step.title, scope) if "name" in step.raw else step.title
        condition = step.raw.get("if", "success()")
        if holds(condition, Scope(_only("step.if", scope), scope.status)):
            run = _play(frame, step, title)
        else:
            run = StepRun(title, SKIPPED, SKIPPED)
            frame.job.log.step(SKIPPED, f"{_unversioned(title)}  [skipped: {_why(step)}]", depth=frame.depth)
        frame.steps[step.id] = {"outputs": run.outputs, "outcome": run.outcome, "conclusion": run.conclusion}
        frame.failed = frame.failed or run.conclusion == FAILURE
        frame.job.result.steps.append(run)


def _play(frame: Frame, step: Step, title: str) -> StepRun:
    env = frame.env_of(step.raw.get("env", {}))
    scope = Scope(_only("step", frame.scope_with(env)))
    shown = _unversioned(title) + (f"  [if {_short(step.raw['if'])}]" if "if" in step.raw else "")
    if "run" in step.raw:
        ended, outputs = _script(frame, step, env, scope, shown)
    elif str(step.raw["uses"]).startswith("./"):
        ended, outputs = _own_action(frame, step, env, scope, shown)
    else:
        ended, outputs = _foreign_action(frame, step, env, scope, shown)
    return _judged(frame, step, title, ended, outputs, scope)


def _judged(frame: Frame, step: Step, title: str, ended: Ended, outputs: Mapping[str, str], scope: Scope) -> StepRun:
    outcome = FAILURE if ended.code else SUCCESS
    tolerated = true(resolve(step.raw.get("continue-on-error", False), scope))
    if ended.code:
        went_on = ", and the job goes on" if tolerated else ""
        frame.job.log.output(f"exit code {ended.code}{went_on}", depth=frame.depth)
    return StepRun(title, outcome, SUCCESS if tolerated else outcome, ended.output, outputs)


def _script(frame: Frame, step: Step, env: Mapping[str, str], scope: Scope, shown: str) -> tuple[Ended, dict[str, str]]:
    if frame.needs_shell and "shell" not in step.raw:
        raise Wrong(f"{shown}: a script of an action needs its `shell`")
    script = interpolate(str(step.raw["run"]), scope)
    frame.job.log.step("▸", shown, script, depth=frame.depth)
    told = "".join(f"{name}={value}\n" for name, value in env.items() if value)
    frame.job.log.output(told, depth=frame.depth)
    if re.search(r"\bmake\b", script):
        tools.prepare(frame.job.machine.workspace, frame.job.machine.installed)
    settings = {**frame.defaults, **{key: step.raw[key] for key in ("shell", "working-directory") if key in step.raw}}
    folder = frame.job.machine.workspace / interpolate(settings.get("working-directory", "."), scope)
    files = frame.job.machine.command_files()
    minutes = min(float(step.raw.get("timeout-minutes", MINUTES)), MINUTES)
    ended = frame.job.machine.run(script, settings.get("shell", ""), folder, {**frame.variables(env), **files}, minutes)
    frame.job.log.secrets |= masks(ended.output)
    frame.job.log.output(ended.output, depth=frame.depth)
    return _heard(frame, files, ended)


def _heard(frame: Frame, files: Mapping[str, str], ended: Ended) -> tuple[Ended, dict[str, str]]:
    """Take in what a script wrote into its files."""
    outputs = machine.told(files["GITHUB_OUTPUT"])
    added = machine.told(files["GITHUB_ENV"])
    if reserved := [name for name in added if name.startswith(("GITHUB_", "RUNNER_")) or name == "NODE_OPTIONS"]:
        raise Wrong(f"GITHUB_ENV may not set {', '.join(reserved)}")
    frame.job.env |= added
    frame.job.path += [line for line in _read(files["GITHUB_PATH"]).splitlines() if line]
    frame.job.result.summary += _read(files["GITHUB_STEP_SUMMARY"])
    if outputs:
        frame.job.log.output("".join(f"→ {name}={value}\n" for name, value in outputs.items()), depth=frame.depth)
    return ended, outputs


def _read(path: str) -> str:
    with open(path) as file:  # noqa: PTH123
        return file.read()


def _own_action(
    frame: Frame, step: Step, env: Mapping[str, str], scope: Scope, shown: str
) -> tuple[Ended, dict[str, str]]:
    uses = str(step.raw["uses"])
    found = action(frame.job.machine.workspace / uses)
    frame.job.log.step("▸", f"{shown}  {_given(step)}".rstrip(), depth=frame.depth)
    given = {key: text(resolve(value, scope)) for key, value in step.raw.get("with", {}).items()}
    told = inputs(found.raw.get("inputs", {}), given, uses)
    github = {**frame.contexts["github"], "action_path": str(found.folder)}
    contexts = {**{name: frame.contexts[name] for name in frame.contexts if name != "secrets"}, "inputs": told}
    inner = Frame(
        frame.job,
        {**contexts, "github": github},
        env={**frame.env, **env},
        own={**frame.own, "GITHUB_ACTION_PATH": str(found.folder)},
        depth=frame.depth + 1,
        needs_shell=True,
    )
    before = len(frame.job.result.steps)
    play(inner, found.steps)
    inside = frame.job.result.steps[before:]
    del frame.job.result.steps[before:]
    ended = Ended(int(inner.failed), "".join(one.output for one in inside))
    declared = found.raw.get("outputs", {})
    return ended, {name: text(resolve(one["value"], inner.scope())) for name, one in declared.items()}


def _foreign_action(
    frame: Frame, step: Step, env: Mapping[str, str], scope: Scope, shown: str
) -> tuple[Ended, dict[str, str]]:
    uses = str(step.raw["uses"])
    given = {key: text(resolve(value, scope)) for key, value in step.raw.get("with", {}).items()}
    with_them = ", ".join(f"{key}: {' '.join(value.split())}" for key, value in given.items())
    frame.job.log.step("▸", f"{shown}  {with_them}".rstrip(), depth=frame.depth)
    try:
        with frame.job.machine.with_variables(env):
            outputs, said = foreign.play(uses, frame.job, given)
    except foreign.Failed as failed:
        frame.job.log.output(f"Error: {failed}", depth=frame.depth)
        return Ended(1, f"{failed}\n"), {}
    frame.job.log.output(said, depth=frame.depth)
    return Ended(0, said), outputs


def _given(step: Step) -> str:
    return ", ".join(f"{key}: {value}" for key, value in step.raw.get("with", {}).items())


def _only(where: str, scope: Scope) -> dict[str, Any]:
    return {name: scope.contexts[name] for name in WHERE[where] if name in scope.contexts}


def _unversioned(title: str) -> str:
    """What runs an action of others, without the commit that it is pinned to."""
    return title.removeprefix("Run ").partition("@")[0] if title.startswith("Run ") and "@" in title else title


def _why(step: Step) -> str:
    return f"if {_short(step.raw['if'])}" if "if" in step.raw else "a step before it failed"


def _short(condition: Any) -> str:
    told = str(condition).strip()
    return told.removeprefix("${{").removesuffix("}}").strip() if told.startswith("${{") else told
