"""python-terraform with processes of our own: streamed, limited in time, and stopped in order.

Kept of python-terraform 0.10.1 is its building of command lines. Worked around:

- it captures whole outputs, and its children share our process group: `cmd` is replaced;
- any misspelt attribute is a Terraform command: refused;
- `apply` needs `skip_plan`, and `destroy` passes a `-force` that Terraform dropped;
- variables become files in the common temporary folder, logged, and are made for `{}` too: never handed in;
- its `init` passes variables and a parallelism, which Terraform's does not take: not used.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_terraform import IsFlagged, IsNotFlagged, Terraform

from reconciler.adapters.terraform.streaming import Ending, Launch, Limits, Tell, nobody, stream
from reconciler.ports import Cancel


@dataclass(frozen=True, slots=True)
class Tool:
    """The Terraform program, and what stops it."""

    binary: str
    cancel: Cancel
    limits: Limits


class Runner(Terraform):  # type: ignore[misc]  # python-terraform has no types
    """Runs Terraform in one folder with exactly one environment; every line of its output goes to `tell`.

    `began` is told the id of each process.
    """

    def __init__(
        self, tool: Tool, folder: Path, env: Mapping[str, str], tell: Tell, began: Callable[[int], None] = nobody
    ) -> None:
        super().__init__(working_dir=str(folder), terraform_bin_path=tool.binary, is_env_vars_included=False)
        self._tool = tool
        self._folder = folder
        self._env = dict(env)
        self._tell = tell
        self._began = began

    def __getattr__(self, item: str) -> Any:
        raise AttributeError(item)

    def initialise(self, backend: Mapping[str, str]) -> Ending:
        """`terraform init` against a backend."""
        return self.cmd("init", backend_config=dict(backend), reconfigure=IsFlagged, input=False, json=IsFlagged)

    def move_state(self, backend: Mapping[str, str]) -> Ending:
        """`terraform init` that takes the state along from where it was; Terraform tells nothing in JSON here."""
        return self.cmd(
            "init", backend_config=dict(backend), migrate_state=IsFlagged, force_copy=IsFlagged, input=False
        )

    def change(self, command: str, variables: Path, lock_timeout: int) -> Ending:
        """`terraform apply` or `terraform destroy`; `lock_timeout` is in seconds."""
        options = {"var": None, "var_file": str(variables), "lock_timeout": f"{lock_timeout}s", "json": IsFlagged}
        ending: Ending
        if command == "destroy":
            ending = self.destroy(force=IsNotFlagged, auto_approve=True, **options)
        else:
            ending = self.apply(skip_plan=True, **options)
        return ending

    def look(self, variables: Path, out: str) -> Ending:
        """`terraform plan` into the file `out`, without a lock; it ends with 2 when something would change."""
        ending: Ending = self.plan(var=None, var_file=str(variables), lock=False, out=out, json=IsFlagged)
        return ending

    def show(self, plan: str) -> Ending:
        """`terraform show` of a plan's file, as one line of JSON."""
        return self.cmd("show", plan, json=IsFlagged)

    def untaint(self, address: str, lock_timeout: int) -> Ending:
        """`terraform untaint`, which needs no variables and tells nothing in JSON."""
        return self.cmd("untaint", address, lock_timeout=f"{lock_timeout}s")

    def cmd(self, cmd: str, *args: str, **kwargs: Any) -> Ending:
        """Run one command, in place of python-terraform's own way to do so."""
        argv = self.generate_cmd_string(cmd, *args, **kwargs)
        launch = Launch(argv, self._folder, self._env, self._began)
        return stream(launch, self._tell, self._tool.cancel, self._tool.limits)
