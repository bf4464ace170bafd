"""The stacks, copied out of the repository, and Terraform with a provider it can find."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.adapters.terraform import provider
from reconciler.sandbox.aws import AwsServer, Timing
from support.access import ACCESS, KEYS
from support.checkout import FRUGAL
from support.running_provider import installed, running
from support.stack_cloud import BUCKET, REGION, Applied, Cloud, Scripts

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
    env = {
        **inherited,
        **FRUGAL,
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        "AWS_REGION": "eu-west-1",
    }
    found = provider.look(provider.likely_folders(os.environ), provider.this_machine()).mirrors
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


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One sandbox for the tests of a module, with a bucket for states."""
    home = tmp_path_factory.mktemp("cloud")
    server = AwsServer(home, 0, Scripts(home / "images"), ACCESS, Timing(startup=20.0, rollback=0.2, poll=0.05))
    server.start()
    found = Cloud(f"http://127.0.0.1:{server.port}", home / "images")
    found.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield found
    server.stop()


@pytest.fixture(scope="module")
def shared_provider() -> Iterator[Callable[[Stack], Mapping[str, str]]]:
    """What makes the stacks of a module share one provider process, which the first of them starts."""
    shared: dict[str, str] = {}
    with ExitStack() as started:

        def reach(stack: Stack) -> Mapping[str, str]:
            if not shared:
                shared.update(started.enter_context(running(installed(stack.folder), stack.env)))
            return shared

        yield reach


@pytest.fixture
def on_cloud(
    cloud: Cloud, make_stack: MakeStack, shared_provider: Callable[[Stack], Mapping[str, str]]
) -> Callable[..., Applied]:
    """Initialise a stack that keeps its state on the cloud: one of the environment, or one of a project."""

    def make(kind: str, project: str | None = None) -> Applied:
        key = f"{kind}.tfstate" if project else f"prod/{kind}.tfstate"
        prefix = ("workspace_key_prefix=prod/projects",) if project else ()
        login = {**KEYS.for_aws(), "AWS_EC2_METADATA_DISABLED": "true"}
        settings = (f"bucket={BUCKET}", f"region={REGION}", f"key={key}", *prefix)
        stack = make_stack(kind, *settings, AWS_ENDPOINT_URL=cloud.url, **login)
        workspace = {"TF_WORKSPACE": project} if project else {}
        return Applied(stack, {**workspace, **shared_provider(stack)})

    return make
