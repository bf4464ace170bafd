"""`terraform init`, once for each kind of stack, backend and code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.adapters.terraform import environment, folders, own, provider
from reconciler.adapters.terraform.backend import Backend, Stack
from reconciler.adapters.terraform.failures import Attempt, failure
from reconciler.adapters.terraform.folders import Initialised
from reconciler.adapters.terraform.ledger import Entry
from reconciler.adapters.terraform.locks import kept_lock
from reconciler.adapters.terraform.provider import Found
from reconciler.adapters.terraform.runner import Runner, Tool
from reconciler.adapters.terraform.transcript import Transcript
from reconciler.ports import Cancel, Say

LOCK_FILE = ".terraform.lock.hcl"
"""With it beside the code of a stack, Terraform takes no other provider than one of its hashes."""

NO_PROVIDER = "Failed to query available provider packages"


@dataclass(frozen=True, slots=True)
class Initialiser:
    """Makes folders that Terraform can run in, under `work`; the stacks' own folders are only read."""

    stacks: Path
    work: Path
    backend: Backend
    env: Mapping[str, str]
    told: set[str] = field(default_factory=set)
    """What this run has said already."""
    made: list[Path] = field(default_factory=list)
    """The folder that this run made, should nobody remember it."""

    def initialised(self, tool: Tool, stack: Stack, say: Say, entry: Entry) -> Initialised:
        """The folder of a kind of stack. Raises SettingsMissing, TerraformFailed, Interrupted.

        The first stack of a kind makes it for all of them. Has that one no state yet, Terraform locks and writes one.
        """
        code = self.stacks / stack.kind
        name = folders.fingerprint(code, self.backend.settings(stack), {"binary": tool.binary})
        # One at a time, whatever the stack: they share a cache of providers that knows no locks.
        with folders.locked(self.work / "init.lock", tool.cancel):
            made = Initialised(self._own(say) / self.backend.environment / stack.kind / name)
            if not made.ready.exists():
                say(f"initialising Terraform for the {stack.kind} stack")
                folders.start_afresh(made, code)
                self._initialise(tool, stack, made, say, entry)
                made.ready.touch()
        return made

    def own(self, say: Say, cancel: Cancel) -> Path:
        """The folder that all of them are in. Raises Interrupted, TimedOut."""
        with folders.locked(self.work / "init.lock", cancel):
            return self._own(say)

    def known(self) -> Path | None:
        """The same, if there is one."""
        forgotten = (folder for folder in self.made if own.is_ours(folder))
        return own.known(self.work, self.env) or next(forgotten, None)

    def _own(self, say: Say) -> Path:
        if folder := self.known():
            return folder
        self.made[:] = [own.make(self.work, self.env, say)]
        return self.made[0]

    def environment(self, made: Initialised) -> dict[str, str]:
        """The environment of every run in an initialised folder."""
        common = {**environment.base(self.env), "TF_DATA_DIR": str(made.data)}
        if made.cli_configuration.exists():
            return {**common, "TF_CLI_CONFIG_FILE": str(made.cli_configuration)}
        locked = (made.code / LOCK_FILE).is_file()
        cache = environment.plugin_cache(self.env, _cache(made), locked=locked)
        return {**common, **environment.own_configuration(self.env), **cache}

    def provide(self, made: Initialised, say: Say) -> Found:
        """Tell Terraform where the provider is found, if a machine has it, and say it."""
        _cache(made).mkdir(parents=True, exist_ok=True)
        if provider.has_own_configuration(self.env):
            self._say_once("the AWS provider comes from where your Terraform CLI configuration says", say)
            return Found((), {})
        found = provider.look(provider.likely_folders(self.env), provider.this_machine())
        for folder, reason in found.refused.items():
            self._say_once(f"the AWS provider in {folder} is left alone: {reason}", say)
        self._say_once(f"the AWS provider comes from {', '.join(map(str, found.mirrors)) or provider.REGISTRY}", say)
        if found.mirrors:
            made.cli_configuration.write_text(provider.configuration(found.mirrors), encoding="utf-8")
        else:
            self._leave_to_the_registry(made, found)
        return found

    def _initialise(self, tool: Tool, stack: Stack, made: Initialised, say: Say, entry: Entry) -> None:
        found = self.provide(made, say)
        if found.mirrors:
            if self._init(tool, stack, made, entry):
                return
            self._say_once(f"no mirror has a version that fits: the AWS provider comes from {provider.REGISTRY}", say)
            self._leave_to_the_registry(made, found)
        self._init(tool, stack, made, entry, last=True)

    def _leave_to_the_registry(self, made: Initialised, found: Found) -> None:
        """Terraform would look into the folders that were refused, were it not told."""
        made.cli_configuration.unlink(missing_ok=True)
        if found.refused:
            made.cli_configuration.write_text(provider.registry_alone(_cache(made)), encoding="utf-8")

    def _say_once(self, line: str, say: Say) -> None:
        """In a run: every kind of stack is initialised in the same way."""
        if line not in self.told:
            self.told.add(line)
            say(line)

    def _init(self, tool: Tool, stack: Stack, made: Initialised, entry: Entry, *, last: bool = False) -> bool:
        # It warns of a lock file for one platform alone: ours is private and belongs to this machine.
        transcript = Transcript(_keep_quiet)
        env = {**self.environment(made), **self.backend.workspace(stack)}
        ending = Runner(tool, made.code, env, transcript.tell, entry.began).initialise(self.backend.settings(stack))
        entry.ended(kept_lock(ending, transcript.errors))
        if ending.code == 0:
            return True
        if not last and any(found.summary == NO_PROVIDER for found in transcript.errors):
            return False
        attempt = Attempt("init", str(stack), self.backend.address(stack))
        raise failure(attempt, ending, transcript.errors)


def _cache(made: Initialised) -> Path:
    """Of all that is in our own folder: every initialised one is three steps into it."""
    return made.folder.parents[2] / "providers"


def _keep_quiet(_line: str) -> None:
    pass
