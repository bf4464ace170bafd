"""The container engine, by the `docker` command."""

import tempfile
from collections.abc import Mapping
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
"""Between attempts to sign in or push. A build is tried once: it is slow, and pip has retries of its own."""

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
        finished = run(Command(argv, env=_PLAIN), timeout=BUILD_SECONDS, cancel=self.cancel, say=say)
        if not finished.ok:
            raise BuildFailed(f"docker could not build {address}: {finished.last}", "its output says why")

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


def _private(folder: Path) -> dict[str, str | None]:
    auth_file = str(folder / "auth.json")  # Podman's
    return {"DOCKER_CONFIG": str(folder), "DOCKER_CONTEXT": None, "REGISTRY_AUTH_FILE": auth_file}
