"""`terraform init`, once for each kind of stack, backend and code."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.adapters.terraform import environment, folders, provider
from reconciler.adapters.terraform.backend import Backend, Stack
from reconciler.adapters.terraform.failures import Attempt, failure
from reconciler.adapters.terraform.folders import Initialised
from reconciler.adapters.terraform.ledger import Entry
from reconciler.adapters.terraform.runner import Runner, Tool
from reconciler.adapters.terraform.transcript import Transcript
from reconciler.ports import Say

NO_PROVIDER = "Failed to query available provider packages"


@dataclass(frozen=True, slots=True)
class Initialiser:
    """Makes folders that Terraform can run in, under `work`; the stacks' own folders are only read."""

    stacks: Path
    work: Path
    backend: Backend
    env: Mapping[str, str]

    def initialised(self, tool: Tool, stack: Stack, say: Say, entry: Entry) -> Initialised:
        """The folder of a kind of stack. Raises SettingsMissing, TerraformFailed, Interrupted.

        The first stack of a kind makes it for all of them. Has that one no state yet, Terraform locks and writes one.
        """
        code = self.stacks / stack.kind
        name = folders.fingerprint(code, self.backend.settings(stack), {"binary": tool.binary})
        made = Initialised(self.work / self.backend.environment / stack.kind / name)
        # One at a time, whatever the stack: they share a cache of providers that knows no locks.
        with folders.locked(self.work / "init.lock", tool.cancel):
            if not made.ready.exists():
                say(f"initialising Terraform for the {stack.kind} stack")
                folders.start_afresh(made, code)
                self._initialise(tool, stack, made, entry)
                made.ready.touch()
        return made

    def environment(self, made: Initialised) -> dict[str, str]:
        """The environment of every run in an initialised folder."""
        common = {**environment.base(self.env), "TF_DATA_DIR": str(made.data)}
        if made.cli_configuration.exists():
            return {**common, "TF_CLI_CONFIG_FILE": str(made.cli_configuration)}
        cache = environment.plugin_cache(self.env, self.work / "providers")
        return {**common, **environment.own_configuration(self.env), **cache}

    def provide(self, made: Initialised) -> None:
        """Say where the provider is found, if a machine has it."""
        (self.work / "providers").mkdir(parents=True, exist_ok=True)
        if found := self._mirrors():
            made.cli_configuration.write_text(provider.configuration(found), encoding="utf-8")

    def _initialise(self, tool: Tool, stack: Stack, made: Initialised, entry: Entry) -> None:
        self.provide(made)
        if made.cli_configuration.exists():
            if self._init(tool, stack, made, entry):
                return
            # No mirror has a version that the stack takes: the registry may.
            made.cli_configuration.unlink()
        self._init(tool, stack, made, entry, last=True)

    def _mirrors(self) -> tuple[Path, ...]:
        if provider.has_own_configuration(self.env):
            return ()
        return provider.mirrors(provider.likely_folders(self.env), provider.this_machine())

    def _init(self, tool: Tool, stack: Stack, made: Initialised, entry: Entry, *, last: bool = False) -> bool:
        # It warns of a lock file for one platform alone: ours is private and belongs to this machine.
        transcript = Transcript(_keep_quiet)
        env = {**self.environment(made), **self.backend.workspace(stack)}
        ending = Runner(tool, made.code, env, transcript.tell, entry.began).initialise(self.backend.settings(stack))
        entry.ended(ending.code)
        if ending.code == 0:
            return True
        if not last and any(found.summary == NO_PROVIDER for found in transcript.errors):
            return False
        attempt = Attempt("init", str(stack), self.backend.address(stack))
        raise failure(attempt, ending, transcript.errors)


def _keep_quiet(_line: str) -> None:
    pass
