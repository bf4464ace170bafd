"""The Terraform stacks: applied and destroyed, each with a state of its own."""

import json
import shutil
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reconciler.adapters.terraform import events, folders, founding
from reconciler.adapters.terraform.backend import ALREADY_TAKEN, Backend, Stack
from reconciler.adapters.terraform.events import Diagnostic
from reconciler.adapters.terraform.failures import INSTALL, Attempt, awaits_role, failure
from reconciler.adapters.terraform.founding import Founding
from reconciler.adapters.terraform.initialise import Initialiser
from reconciler.adapters.terraform.ledger import Ledger
from reconciler.adapters.terraform.locks import kept_lock
from reconciler.adapters.terraform.runner import Runner, Tool
from reconciler.adapters.terraform.streaming import Ending, Limits
from reconciler.adapters.terraform.transcript import Transcript
from reconciler.core.drift import ResourceDrift
from reconciler.core.statelock import Remains
from reconciler.errors import Interrupted, SettingsMissing, TerraformFailed
from reconciler.ports import Cancel, Say

__all__ = ["Backend", "Limits", "PythonTerraform"]

LOCK_TIMEOUT = 60
ROLE_PAUSES = (15.0, 30.0, 45.0)
"""Seconds before an apply is made again that failed for nothing but roles that AWS cannot assume: a new one is known
everywhere only after a while.
The provider itself waits two minutes with some resources, and not at all with others.
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency"""
PLAN = "run.tfplan"
CHANGES = 2
"""How `terraform plan` ends when something would change."""

How = Callable[[Runner, Path], Ending]
"""Runs one command; the path is the file with the variables."""


class PythonTerraform:
    """Runs the root modules in `stacks`; all that Terraform leaves on disk is under `work`.

    `env` is the whole environment that Terraform is given, save what is Terraform's own (TF_CLI_ARGS, TF_VAR_ and
    the like), which is left out. `lock_timeout` is in seconds: how long somebody else's lock is waited for.
    """

    def __init__(  # noqa: PLR0913  # two folders, two worlds, two limits
        self,
        stacks: Path,
        work: Path,
        backend: Backend,
        env: Mapping[str, str],
        cancel: Cancel,
        *,
        lock_timeout: int = LOCK_TIMEOUT,
        limits: Limits = Limits(),  # noqa: B008  # frozen
    ) -> None:
        self._initialiser = Initialiser(stacks.resolve(), work.resolve(), backend, env)
        self._backend = backend
        self._work = work.resolve()
        self._path = env.get("PATH", "")
        self._cancel = cancel
        self._lock_timeout = lock_timeout
        self._limits = limits
        self._ledger = Ledger(self._work / "processes")

    def apply(self, kind: str, project: str | None, variables: Mapping[str, Any], say: Say) -> None:
        """Apply one stack. Raises TerraformFailed, StateLocked, SettingsMissing, Interrupted."""
        self._change("apply", Stack(kind, project), variables, say)

    def destroy(self, kind: str, project: str | None, variables: Mapping[str, Any], say: Say) -> None:
        """Destroy one stack. Raises TerraformFailed, StateLocked, SettingsMissing, Interrupted."""
        self._change("destroy", Stack(kind, project), variables, say)

    def untaint(self, kind: str, project: str | None, address: str, say: Say) -> None:
        """Keep what Terraform would make anew. Raises TerraformFailed, StateLocked, SettingsMissing, Interrupted."""
        self._run(
            "untaint", Stack(kind, project), {}, say, lambda runner, _: runner.untaint(address, self._lock_timeout)
        )

    def remains(self, kind: str, project: str | None) -> tuple[Remains, ...]:
        """When Terraform was started on the stack, on this machine, and died without giving its lock back."""
        return self._ledger.dead(self._backend.address(Stack(kind, project)))

    def establish(self, kind: str, variables: Mapping[str, Any], say: Say) -> None:
        """Apply the stack that makes the state bucket. Raises TerraformFailed, SettingsMissing, Interrupted."""
        self._founding(kind, say).establish(variables)

    def dissolve(self, kind: str, variables: Mapping[str, Any], empty: Callable[[], None], say: Say) -> None:
        """Destroy the stack that made the state bucket. Raises TerraformFailed, AwsFailed, Interrupted."""
        self._founding(kind, say).dissolve(variables, empty)

    def unfinished(self) -> Mapping[str, Any]:
        """Variables of an `establish` that did not come to its end; empty when there is none."""
        return founding.unfinished(self._initialiser)

    def _founding(self, kind: str, say: Say) -> Founding:
        made = founding.made(self._initialiser, say, self._cancel)
        return Founding(self._tool(), self._initialiser, made, Stack(kind, None), self._lock_timeout, say)

    def plan(self, kind: str, project: str | None, variables: Mapping[str, Any], say: Say) -> tuple[ResourceDrift, ...]:
        """What an apply would change, sorted by address. Raises TerraformFailed, SettingsMissing, Interrupted."""
        stack = Stack(kind, project)
        attempt = self._attempt("plan", stack)
        tool = self._tool()
        made = self._initialiser.initialised(tool, stack, say, self._ledger.open(attempt.address))
        env = {**self._initialiser.environment(made), **self._backend.workspace(stack)}
        transcript = Transcript(say)
        with folders.run_folder(made, variables) as (folder, file):
            ending = Runner(tool, folder, env, transcript.tell).look(file, PLAN)
            if ending.code not in (0, CHANGES):
                raise failure(attempt, ending, transcript.errors)
            fields = _changed_fields(tool, folder, env) if transcript.planned else {}
        return tuple(
            ResourceDrift(address, action, fields.get(address, ()))
            for address, action in sorted(transcript.planned.items())
        )

    def _attempt(self, command: str, stack: Stack) -> Attempt:
        """What is about to be tried, unless it cannot be. Raises TerraformFailed, Interrupted."""
        attempt = Attempt(command, str(stack), self._backend.address(stack))
        if stack.project == ALREADY_TAKEN:
            raise TerraformFailed(f"{attempt} is impossible: Terraform keeps that name to itself", "rename the project")
        if self._cancel.is_set():
            raise Interrupted(f"{attempt} was not started", "run again")
        return attempt

    def _change(self, command: str, stack: Stack, variables: Mapping[str, Any], say: Say) -> None:
        self._run(command, stack, variables, say, lambda runner, file: runner.change(command, file, self._lock_timeout))

    def _run(self, command: str, stack: Stack, variables: Mapping[str, Any], say: Say, how: How) -> None:
        attempt = self._attempt(command, stack)
        for pause in (*ROLE_PAUSES, None):
            ending, errors = self._once(attempt, stack, variables, say, how)
            if ending.code == 0:
                return
            if pause is None or ending.stopped or not awaits_role(errors):
                raise failure(attempt, ending, errors)
            say(f"AWS cannot assume a role yet, which may be new: applying again in {pause:.0f} s")
            if self._cancel.wait(pause):
                raise Interrupted(f"{attempt} was not made again", "run again: it goes on where this ended")

    def _once(
        self, attempt: Attempt, stack: Stack, variables: Mapping[str, Any], say: Say, how: How
    ) -> tuple[Ending, tuple[Diagnostic, ...]]:
        tool = self._tool()
        entry = self._ledger.open(attempt.address)
        made = self._initialiser.initialised(tool, stack, say, entry)
        env = {**self._initialiser.environment(made), **self._backend.workspace(stack)}
        transcript = Transcript(say)
        with folders.run_folder(made, variables) as (folder, file):
            ending = how(Runner(tool, folder, env, transcript.tell, entry.began), file)
            entry.ended(kept_lock(ending, transcript.errors))
            saved = folders.keep_lost_state(folder, self._work / f"lost-{uuid.uuid4().hex[:8]}.tfstate")
        if saved:
            raise failure(attempt, ending, transcript.errors, str(saved))
        return ending, transcript.errors

    def _tool(self) -> Tool:
        binary = shutil.which("terraform", path=self._path)
        if binary is None:
            raise SettingsMissing("the program terraform is not on the PATH", INSTALL)
        return Tool(binary, self._cancel, self._limits)


def _changed_fields(tool: Tool, folder: Path, env: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Names of the attributes that the plan in a run's folder changes; none when Terraform does not tell."""
    lines: list[str] = []
    ending = Runner(tool, folder, env, lines.append).show(PLAN)
    return events.changed_fields(json.loads("\n".join(lines))) if ending.code == 0 else {}
