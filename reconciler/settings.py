"""The process environment, read here and nowhere else."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.core.redaction import Redactor

_PLAIN_LOCALES = ("C", "POSIX")


@dataclass(frozen=True, slots=True)
class Settings:
    """What this machine and this shell say; every name means what it means to other tools."""

    variables: Mapping[str, str]
    """The whole environment: the manifest takes its `TF_VAR_*` defaults from it, Terraform its credentials."""

    @property
    def profile(self) -> str | None:
        """AWS_PROFILE"""
        return self.variables.get("AWS_PROFILE") or None

    @property
    def aws_endpoint(self) -> str | None:
        """AWS_ENDPOINT_URL"""
        return self.variables.get("AWS_ENDPOINT_URL") or None

    @property
    def tracking_uri(self) -> str | None:
        """MLFLOW_TRACKING_URI"""
        return self.variables.get("MLFLOW_TRACKING_URI") or None

    @property
    def mlflow_login(self) -> tuple[str, str] | None:
        """MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"""
        user, password = (self.variables.get(f"MLFLOW_TRACKING_{part}") for part in ("USERNAME", "PASSWORD"))
        return (user, password) if user and password else None

    @property
    def mlflow_token(self) -> str | None:
        """MLFLOW_TRACKING_TOKEN"""
        return self.variables.get("MLFLOW_TRACKING_TOKEN") or None

    @property
    def sandbox_home(self) -> Path | None:
        """RECONCILE_SANDBOX_HOME: where the embedded cloud keeps what it holds, when not in `.sandbox`."""
        home = self.variables.get("RECONCILE_SANDBOX_HOME")
        return Path(home).absolute() if home else None

    @property
    def redactor(self) -> Redactor:
        """Hides the values of variables whose names say that they are secret."""
        return Redactor.of(self.variables)

    @property
    def github_repository(self) -> str:
        """GITHUB_REPOSITORY: owner/name; empty outside a workflow."""
        return self._first("GITHUB_REPOSITORY")

    @property
    def github_token(self) -> str:
        """GITHUB_TOKEN: of a workflow's job; empty outside."""
        return self._first("GITHUB_TOKEN")

    @property
    def github_api(self) -> str:
        """GITHUB_API_URL: another one on a GitHub of one's own."""
        return self._first("GITHUB_API_URL") or "https://api.github.com"

    @property
    def actor(self) -> str:
        """GITHUB_ACTOR, GITLAB_USER_LOGIN, USER: who runs this; empty when nothing says so."""
        return self._first("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME")

    @property
    def trigger(self) -> str:
        """RECONCILE_TRIGGER, GITHUB_EVENT_NAME, CI_PIPELINE_SOURCE: why this runs."""
        return self._first("RECONCILE_TRIGGER", "GITHUB_EVENT_NAME", "CI_PIPELINE_SOURCE") or "by hand"

    @property
    def run_url(self) -> str:
        """Of the CI run: from GITHUB_SERVER_URL, GITHUB_REPOSITORY and GITHUB_RUN_ID, or CI_JOB_URL; else empty."""
        server, repository, run = (
            self.variables.get(f"GITHUB_{part}") for part in ("SERVER_URL", "REPOSITORY", "RUN_ID")
        )
        return (
            f"{server}/{repository}/actions/runs/{run}" if server and repository and run else self._first("CI_JOB_URL")
        )

    def _first(self, *names: str) -> str:
        return next((self.variables[name] for name in names if self.variables.get(name)), "")

    @property
    def ci(self) -> bool:
        """CI: nobody watches."""
        return bool(self.variables.get("CI"))

    @property
    def dumb(self) -> bool:
        """TERM: a terminal that shows text and no more."""
        return self.variables.get("TERM", "").lower() in ("dumb", "unknown")

    @property
    def coloured(self) -> bool | None:
        """NO_COLOR, FORCE_COLOR, TERM, CI: whether text has colours; None: where it goes to a terminal."""
        forced = self.variables.get("FORCE_COLOR")
        if self.variables.get("NO_COLOR") or forced == "0":
            return False
        if forced:
            return True
        return False if self.dumb or self.ci else None

    @property
    def ascii(self) -> bool:
        """LC_ALL, LC_CTYPE, LANG: the locale is C, which knows no other characters."""
        # Python itself sets LC_CTYPE where it finds LANG=C.
        chosen = self._first("LC_ALL") or (self._first("LC_CTYPE") if not self._coerced else "") or self._first("LANG")
        return chosen in _PLAIN_LOCALES

    @property
    def _coerced(self) -> bool:
        return self.variables.get("LC_CTYPE") == "C.UTF-8" and self.variables.get("LANG") in _PLAIN_LOCALES

    @classmethod
    def read(cls) -> "Settings":
        """The environment of this process."""
        return cls(dict(os.environ))
