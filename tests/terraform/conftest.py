"""The stacks, copied out of the repository, and Terraform with a provider it can find."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.adapters.terraform import provider

STACKS = Path(__file__).resolve().parents[2] / "terraform" / "stacks"
INHERITED = ("PATH", "HOME", "HTTPS_PROXY", "SSL_CERT_FILE")


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended."""

    code: int
    out: str

    def __str__(self) -> str:
        return f"exit {self.code}\n{self.out}"


@dataclass(frozen=True, slots=True)
class Stack:
    """An initialised copy of one stack."""

    folder: Path
    env: Mapping[str, str]

    def terraform(self, *words: str, seconds: int = 300, **more: str) -> Ran:
        """Run Terraform in the copy; `more` is added to its environment."""
        ended = subprocess.run(
            ("terraform", *words),
            cwd=self.folder,
            env={**self.env, **more},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        return Ran(ended.returncode, ended.stdout + ended.stderr)


MakeStack = Callable[..., Stack]


@pytest.fixture(scope="session")
def terraform_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which Terraform finds its provider, in a mirror or in the registry, and no account."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    env = {**inherited, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1", "AWS_REGION": "eu-west-1"}
    found = provider.mirrors(provider.likely_folders(os.environ), provider.this_machine())
    if found:
        configuration = tmp_path_factory.mktemp("terraform") / "terraform.rc"
        configuration.write_text(provider.configuration(found))
        env["TF_CLI_CONFIG_FILE"] = str(configuration)
    return env


@pytest.fixture(scope="session")
def make_stack(terraform_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> MakeStack:
    """Copy a kind of stack and initialise the copy, without a backend unless its settings are given."""

    def make(kind: str, *backend: str, **env: str) -> Stack:
        folder = tmp_path_factory.mktemp(kind) / kind
        shutil.copytree(STACKS / kind, folder, ignore=shutil.ignore_patterns(".terraform*"))
        stack = Stack(folder, {**terraform_environment, **env})
        settings = [f"-backend-config={setting}" for setting in backend] or ["-backend=false"]
        ran = stack.terraform("init", "-no-color", *settings)
        if ran.code != 0:
            pytest.fail(f"Terraform finds no AWS provider, neither in a mirror nor in the registry:\n{ran.out}")
        return stack

    return make


@pytest.fixture(scope="session")
def stacks() -> Path:
    return STACKS
