"""The container engine, by the `docker` command."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.adapters.images.ecr import Address
from reconciler.adapters.process import Command, Finished, persist, run, silent
from reconciler.errors import BuildFailed, SettingsMissing
from reconciler.ports import Cancel, Say

PLATFORM = "linux/amd64"
"""What Batch and SageMaker run, whatever machine builds."""
ASK_SECONDS = 60
BUILD_SECONDS = 3600
PUSH_SECONDS = 1800
PAUSES = (2.0, 10.0)
"""Between attempts to sign in or push."""
REGISTRY_PAUSE = 20.0
"""Before a build is tried once more that a registry refused. Else it is tried once: it is slow, and pip has retries."""
MIRROR = (
    "the next run tries again; if that goes on, sign in on this machine (docker login), or name a mirror in the "
    "manifest: images: {python: public.ecr.aws/docker/library/python}"
)
_REGISTRY = (
    "toomanyrequests",
    "429 too many requests",
    "you have reached your unauthenticated pull rate limit",
    "you have reached your pull rate limit",
    "unexpected status from head request",
    "unexpected status from get request",
    "received unexpected http status: 5",
    "tls handshake timeout",
    "error pulling image configuration",
)
"""How Docker says that a registry would not, or could not, give a base image.

https://docs.docker.com/docker-hub/usage/pulls/, https://github.com/moby/buildkit/issues/1495
"""

# SageMaker refuses OCI manifests and indexes ("Unsupported manifest media type"): whichever engine stands behind the
# command is asked for one plain Docker manifest.
_PLAIN = {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1", "BUILDAH_FORMAT": "docker"}
_PLAIN_FLAGS = ("--provenance=false", "--output=type=docker")


@dataclass(frozen=True, slots=True)
class Engine:
    """Docker, or what answers to its name."""

    cancel: Cancel

    def check(self) -> None:
        """Raises BuildFailed when there is no engine, or none that runs."""
        try:
            finished = self._ask("docker", "info")
        except SettingsMissing as fault:
            raise BuildFailed(fault.what, "install Docker: https://docs.docker.com/engine/install/") from fault
        if not finished.ok:
            raise BuildFailed(f"docker cannot build: {finished.last}", "start Docker: `sudo systemctl start docker`")

    def build(self, context: Path, address: Address, say: Say, labels: Mapping[str, str]) -> None:
        """Build the folder's Dockerfile. Raises BuildFailed, TimedOut, Interrupted."""
        flags = _PLAIN_FLAGS if self._has_buildkit() else ()
        noted = (f"--label={key}={value}" for key, value in labels.items())
        argv = ("docker", "build", f"--platform={PLATFORM}", *flags, *noted, f"--tag={address}", str(context))
        finished = self._build(argv, say)
        if not finished.ok and (trouble := of_registry(finished)) and not self.cancel.wait(REGISTRY_PAUSE):
            say(f"a registry refused: {trouble}; the build is tried once more")
            finished = self._build(argv, say)
        if not finished.ok:
            trouble = of_registry(finished)
            what = f"docker could not build {address}: {trouble or finished.last}"
            raise BuildFailed(what, MIRROR if trouble else "its output says why")

    def _build(self, argv: Sequence[str], say: Say) -> Finished:
        return run(Command(tuple(argv), env=_PLAIN), timeout=BUILD_SECONDS, cancel=self.cancel, say=say)

    def push(self, address: Address, login: tuple[str, str], say: Say) -> None:
        """Push with a login that no other program sees. Raises BuildFailed, TimedOut, Interrupted."""
        with tempfile.TemporaryDirectory(prefix="reconcile-login-") as private:
            env = {**self._host(), **_private(Path(private))}
            user, password = login
            argv = ("docker", "login", f"--username={user}", "--password-stdin", address.registry)
            self._insist(Command(argv, env=env, stdin=password), ASK_SECONDS, silent)
            self._insist(Command(("docker", "push", str(address)), env=env), PUSH_SECONDS, say)

    def _insist(self, command: Command, seconds: float, say: Say) -> None:
        finished = persist(command, timeout=seconds, cancel=self.cancel, say=say, pauses=PAUSES)
        if not finished.ok:
            what = f"{' '.join(command.argv[:2])} to {command.argv[-1]} failed: {finished.last}"
            raise BuildFailed(what, "check the network, and the role's rights in ECR")

    def _has_buildkit(self) -> bool:
        """Podman answers to `docker buildx` as well, and knows none of its flags."""
        return any("docker/buildx" in line for line in self._ask("docker", "buildx", "version").tail)

    def _host(self) -> dict[str, str | None]:
        """Where the engine listens: a private configuration does not know the person's contexts."""
        context = self._ask("docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
        return {"DOCKER_HOST": context.last} if context.ok and "://" in context.last else {}

    def _ask(self, *argv: str) -> Finished:
        return run(Command(argv), timeout=ASK_SECONDS, cancel=self.cancel)


def of_registry(finished: Finished) -> str:
    """The line that says that a registry gave no base image; empty when the build failed for something else."""
    return next((line for line in finished.tail if any(words in line.lower() for words in _REGISTRY)), "")


def _private(folder: Path) -> dict[str, str | None]:
    auth_file = str(folder / "auth.json")  # Podman's
    return {"DOCKER_CONFIG": str(folder), "DOCKER_CONTEXT": None, "REGISTRY_AUTH_FILE": auth_file}
