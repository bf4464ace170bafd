"""The one stack that makes the bucket its own state is kept in.

Its folder stays until the state has moved, so that a run that was stopped is gone on with: `backend_override.tf` keeps
the state local, and `init -migrate-state` without it moves the state into the bucket. The way back is the same one.
"""

import shlex
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.adapters.terraform import folders, own
from reconciler.adapters.terraform.backend import Stack
from reconciler.adapters.terraform.failures import Attempt, failure
from reconciler.adapters.terraform.folders import Initialised
from reconciler.adapters.terraform.initialise import Initialiser
from reconciler.adapters.terraform.runner import Runner, Tool
from reconciler.adapters.terraform.streaming import Ending
from reconciler.adapters.terraform.transcript import Transcript
from reconciler.errors import SettingsMissing
from reconciler.ports import Cancel, Say

LOCAL = 'terraform {\n  backend "local" {}\n}\n'


def unfinished(initialiser: Initialiser) -> Mapping[str, Any]:
    """Variables of an `establish` of the stack that did not come to its end; empty when there is none."""
    known = initialiser.known()
    code = known and Initialised(known / _place(initialiser)).code
    return folders.read_variables(code) if code and code.is_dir() else {}


def made(initialiser: Initialiser, say: Say, cancel: Cancel) -> Initialised:
    """The stack's folder. Raises SettingsMissing when a state lies where it may be anybody's, Interrupted, TimedOut.

    Such a state is neither believed nor taken away: Terraform would destroy what it names.
    """
    folder = initialiser.own(say, cancel) / _place(initialiser)
    elsewhere = (initialiser.work, *initialiser.work.glob(f"{own.PREFIX}*"))
    states = (base / _place(initialiser) for base in elsewhere)
    stranger = next((place for place in states if place != folder and (place / "code").exists()), None)
    if stranger and not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        theirs, ours = shlex.quote(str(stranger)), shlex.quote(str(folder))
        what = f"{stranger} holds the beginning of a bootstrap that you may not have made there"
        raise SettingsMissing(what, f"if it is yours, go on with it: mv {theirs} {ours}; otherwise: rm -r {theirs}")
    return Initialised(folder)


def _place(initialiser: Initialiser) -> Path:
    return Path("founding", initialiser.backend.bucket, initialiser.backend.environment)


@dataclass(frozen=True, slots=True)
class Founding:
    """A stack in a folder of its own, with its state there or in the bucket."""

    tool: Tool
    initialiser: Initialiser
    made: Initialised
    stack: Stack
    lock_timeout: int
    """Seconds"""
    say: Say

    def establish(self, variables: Mapping[str, Any]) -> None:
        """Apply with a local state, and move it into the bucket. Raises TerraformFailed, Interrupted."""
        self._prepare()
        self._stay_local()
        self._change("apply", variables)
        self._move_into_bucket()
        shutil.rmtree(self.made.folder)

    def dissolve(self, variables: Mapping[str, Any], empty: Callable[[], None]) -> None:
        """Take the state out of the bucket, empty that, and destroy. Raises TerraformFailed, AwsFailed, Interrupted."""
        self._prepare()
        if not self._is_local:
            self._move_out_of_bucket()
        empty()
        self._stay_local()
        self._change("destroy", variables)
        shutil.rmtree(self.made.folder)

    @property
    def _override(self) -> Path:
        return self.made.code / "backend_override.tf"

    @property
    def _is_local(self) -> bool:
        state = self.made.code / "terraform.tfstate"
        return state.exists() and state.stat().st_size > 0

    def _prepare(self) -> None:
        """The newest code, beside the state of an earlier run that was stopped."""
        folders.renew_code(self.made, self.initialiser.stacks / self.stack.kind)
        self.initialiser.provide(self.made, self.say)

    def _stay_local(self) -> None:
        self._override.write_text(LOCAL, encoding="utf-8")
        self._checked("init", lambda runner: runner.initialise({}))

    def _move_into_bucket(self) -> None:
        self._override.unlink()
        self.say(f"moving the state into {self._address}")
        self._checked("init", lambda runner: runner.move_state(self._bucket))

    def _move_out_of_bucket(self) -> None:
        self._override.unlink(missing_ok=True)
        self._checked("init", lambda runner: runner.initialise(self._bucket))
        self._override.write_text(LOCAL, encoding="utf-8")
        self.say(f"moving the state out of {self._address}")
        self._checked("init", lambda runner: runner.move_state({}))

    @property
    def _bucket(self) -> Mapping[str, str]:
        return self.initialiser.backend.settings(self.stack)

    @property
    def _address(self) -> str:
        return self.initialiser.backend.address(self.stack)

    def _change(self, command: str, variables: Mapping[str, Any]) -> None:
        file = folders.write_variables(self.made.code, variables)
        self._checked(command, lambda runner: runner.change(command, file, self.lock_timeout))

    def _checked(self, command: str, run: Callable[[Runner], Ending]) -> None:
        transcript = Transcript(self.say)
        ending = run(Runner(self.tool, self.made.code, self.initialiser.environment(self.made), transcript.tell))
        if ending.code != 0:
            raise failure(Attempt(command, str(self.stack), self._address), ending, transcript.errors)
