"""Turns the images of the sandbox's registry into processes: what Batch and SageMaker run."""

import shutil
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.sandbox.aws.runtime import Command
from reconciler.sandbox.child_environ import MARK, NAME, ROLE, SAFE_PATH, around_proxies, for_child
from reconciler.sandbox.environments import Environment, Environments, Purpose
from reconciler.sandbox.folders import project_name
from reconciler.sandbox.keys import Keys
from reconciler.sandbox.network import LOOPBACK
from reconciler.sandbox.processes import working_folders

Say = Callable[[str], None]

SCRATCH = "tmp"
"""Folder of the sandbox's home that jobs and model servers leave their temporary files in; emptied at each start."""
SET_UP = 60.0
"""Seconds for which a copy is kept though no process works in it: its job is just being started."""


@dataclass(frozen=True, slots=True)
class LocalRuntime:
    """Runs images on this machine. Everything that it writes is under `home`."""

    home: Path
    aws_endpoint: str
    mlflow_url: str
    keys: Keys
    environ: Mapping[str, str]
    """The supervisor's environment variables."""

    @property
    def images(self) -> Path:
        """Folder of content-addressed image copies: `images/<sha256 hex>/…`."""
        return self.home / "images"

    def job(self, image: Path, argv: Sequence[str], env: Mapping[str, str], say: Say) -> Command:
        """Command that runs `argv` in a private copy of a training image. May take minutes.

        Raises RuntimeError with a one-line reason.
        """
        name = project_name(image)
        environment = self._environment(image, Purpose.JOB, say)
        child = self._environ(environment, "job", name or image.name[:12], env)
        return Command(tuple(argv), _private_copy(image, self.home / "jobs", self.environ[MARK]), child)

    def model_server(self, image: Path, port: int, env: Mapping[str, str], say: Say) -> Command:
        """Command that serves the model in `image` on 127.0.0.1:`port` as SageMaker's containers do. May take minutes.

        Raises RuntimeError with a one-line reason.
        """
        if not (image / "MLmodel").is_file():
            raise RuntimeError("the image holds no MLflow model: there is no file named MLmodel in it")
        environment = self._environment(image, Purpose.SERVING, say)
        # An image is never written to, not even compiled modules of the model's own code.
        more = {"__pyfunc_model_path__": str(image), "PYTHONDONTWRITEBYTECODE": "1", **SAFE_PATH}
        child = self._environ(environment, "model server", image.name[:12], {**env, **more})
        # An older MLflow starts uvicorn itself, and cannot be told where that looks for modules.
        where = image if environment.serves_asgi else environment.bin
        return Command(_server_argv(environment, image, port), where, child)

    def _environment(self, image: Path, purpose: Purpose, say: Say) -> Environment:
        environments = Environments(self.home / "environments", {**self.environ, ROLE: "environment"})
        return environments.provide(image, purpose, say)

    def _environ(self, environment: Environment, role: str, name: str, asked: Mapping[str, str]) -> dict[str, str]:
        """What a container finds: `asked` wins over defaults, and the sandbox over `asked`."""
        home, scratch = self.home / "user", self.home / SCRATCH
        for folder in (home, scratch):
            folder.mkdir(parents=True, exist_ok=True)
        base = for_child(self.environ, role, home, (environment.bin,))
        defaults = {"AWS_DEFAULT_REGION": "us-east-1", "MLFLOW_TRACKING_URI": self.mlflow_url}
        # Another server is not told our password.
        ours = asked.get("MLFLOW_TRACKING_URI", self.mlflow_url) == self.mlflow_url
        sandbox = {
            "PATH": base["PATH"],
            "HOME": base["HOME"],
            "TMPDIR": str(scratch),  # MLflow leaves folders behind
            "AWS_ENDPOINT_URL": self.aws_endpoint,
            **(self.keys.for_mlflow() if ours else {}),
            "AWS_EC2_METADATA_DISABLED": "true",
            "GIT_PYTHON_REFRESH": "quiet",
            MARK: base[MARK],
            ROLE: role,
            NAME: name,
        }
        return {**base, **defaults, **asked, **around_proxies({**base, **asked}), **sandbox}


def _server_argv(environment: Environment, image: Path, port: int) -> tuple[str, ...]:
    where = ("--host", LOOPBACK, "--port", str(port))
    if environment.serves_asgi:
        elsewhere = ("--app-dir", str(environment.bin))  # else uvicorn looks for modules in the image first
        return (environment.python, "-m", "uvicorn", *where, *elsewhere, "mlflow.pyfunc.scoring_server.app:app")
    serve = ("models", "serve", "--env-manager", "local", "--model-uri", str(image))
    return (environment.python, "-m", "mlflow", *serve, *where)


def _private_copy(image: Path, folder: Path, mark: str) -> Path:
    """A copy of the image to work in: a job must not write into the image. Copies that no job uses are removed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder, mark)
        return Path(shutil.copytree(image, folder / uuid.uuid4().hex[:12], symlinks=True))
    except OSError as error:
        raise RuntimeError(f"the image cannot be copied: {error}") from error


def _sweep(folder: Path, mark: str) -> None:
    used = working_folders(mark)
    for copy in folder.iterdir():
        try:
            fresh = time.time() - copy.stat().st_ctime < SET_UP
        except FileNotFoundError:
            continue  # another job that begins has just removed it
        if not fresh and not any(inside.is_relative_to(copy) for inside in used):
            shutil.rmtree(copy, ignore_errors=True)
