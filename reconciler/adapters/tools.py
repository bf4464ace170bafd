"""The programs on this machine."""

import importlib.util
import json
import platform
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import requests

from reconciler.adapters.process import Command, run
from reconciler.adapters.terraform import provider
from reconciler.core.doctor.tools import Provider
from reconciler.errors import SettingsMissing
from reconciler.ports import Cancel

SECONDS = 8.0
"""A program that is asked for its version answers in one, also on a busy machine."""
REGISTRY_SECONDS = 4.0


class LocalTools:
    """Found on the PATH of `env`, the environment of this process."""

    def __init__(self, env: Mapping[str, str], cancel: Cancel) -> None:
        self._env = env
        self._cancel = cancel

    def python(self) -> str:
        """Version of the Python that runs this."""
        return platform.python_version()

    def git(self) -> str:
        """Its version. Raises SettingsMissing, TimedOut, Interrupted."""
        return self._ask("git", "--version").removeprefix("git version ")

    def terraform(self) -> str:
        """Its version. Raises SettingsMissing, TimedOut, Interrupted."""
        told = self._ask("terraform", "version", "-json")
        with suppress(ValueError, KeyError, TypeError):
            # Warnings about the user's configuration may stand before it.
            return str(json.loads(told[f"\n{told}".rindex("\n{") :])["terraform_version"])
        return told.partition("\n")[0]

    def provider(self) -> Provider:
        """Where Terraform gets the AWS provider from, in the order in which it is looked for."""
        if provider.has_own_configuration(self._env):
            return Provider("where your Terraform CLI configuration says")
        found = provider.look(provider.likely_folders(self._env), provider.this_machine())
        refused = "; ".join(f"not from {folder}: {reason}" for folder, reason in found.refused.items())
        if found.mirrors:
            return Provider(str(found.mirrors[0]), refused=refused)
        fault = _unreachable(f"https://{provider.REGISTRY}/.well-known/terraform.json")
        return Provider(provider.REGISTRY, fault, refused)

    def docker(self) -> str:
        """Version of the engine. Raises SettingsMissing when there is none that runs, TimedOut, Interrupted."""
        return self._ask("docker", "version", "--format", "{{.Server.Version}}")

    def has_mlflow(self) -> bool:
        """Whether the package `mlflow` is installed."""
        return importlib.util.find_spec("mlflow") is not None

    def _ask(self, *words: str) -> str:
        changes = {"CHECKPOINT_DISABLE": "1", "LC_ALL": "C"}
        said: list[str] = []
        finished = run(Command(words, changes, Path("/")), timeout=SECONDS, cancel=self._cancel, say=said.append)
        if not finished.ok:
            raise SettingsMissing(f"{words[0]} does not work: {finished.last}")
        return "\n".join(said).strip()


def _unreachable(url: str) -> str:
    """Why an address cannot be reached; empty when it can."""
    try:
        requests.head(url, timeout=REGISTRY_SECONDS).raise_for_status()
    except requests.RequestException as fault:
        return type(fault).__name__
    return ""
