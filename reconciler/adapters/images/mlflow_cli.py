"""MLflow's own command line, which knows how a registered model is fetched and served.

It runs as a process of its own: importing MLflow costs more than a second, and a process can be interrupted.
"""

import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from reconciler.adapters.process import Command, persist, silent
from reconciler.core.observed import ModelVersion
from reconciler.errors import BuildFailed
from reconciler.ports import Cancel, Say

SECONDS = 900
"""For one attempt; a model may be some gigabytes."""
PAUSES = (2.0,)


@dataclass(frozen=True, slots=True)
class MlflowCli:
    """The `mlflow` command of our own Python, on one tracking server."""

    tracking_uri: str
    cancel: Cancel
    login: tuple[str, str] | None = None
    """User and password, where they are not in this process's environment."""

    def download(self, model: str, version: ModelVersion, target: Path, say: Say) -> None:
        """Fetch the files of a registered version into a folder. Raises BuildFailed, TimedOut, Interrupted."""
        say(f"fetching version {version.number} of {model}")
        self._run(("artifacts", "download", "-u", _uri(model, version.number), "-d", str(target)), model, version)

    def generate_dockerfile(self, model: str, version: ModelVersion, target: Path, say: Say) -> None:
        """Write the build context of a serving image into a folder. Raises BuildFailed, TimedOut, Interrupted."""
        say(f"describing the image of version {version.number} of {model}")
        arguments = ("models", "generate-dockerfile", "-m", _uri(model, version.number), "-d", str(target))
        self._run(arguments, model, version)

    def _run(self, arguments: tuple[str, ...], model: str, version: ModelVersion) -> None:
        installed_version()
        command = Command((sys.executable, "-m", "mlflow", *arguments), env=self._environment())
        finished = persist(command, timeout=SECONDS, cancel=self.cancel, say=silent, pauses=PAUSES)
        if not finished.ok and _is_elsewhere(version.source):
            where = f"version {version.number} of {model} lies at {version.source}"
            what = f"{where}, which could not be read: {finished.last}"
            fix = "let whoever builds read that place, or register the model from where MLflow keeps its own"
            raise BuildFailed(what, fix)
        if not finished.ok:
            what = f"mlflow {' '.join(arguments[:2])} {arguments[3]} failed: {finished.last}"
            raise BuildFailed(what, f"is the version there, and does {self.tracking_uri} answer?")

    def _environment(self) -> dict[str, str | None]:
        return {
            **self._credentials(),
            "MLFLOW_TRACKING_URI": self.tracking_uri,
            "MLFLOW_REGISTRY_URI": None,
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "4",
        }

    def _credentials(self) -> dict[str, str | None]:
        if self.login is None:
            return {}
        user, password = self.login
        others = {"MLFLOW_TRACKING_TOKEN": None, "MLFLOW_TRACKING_AWS_SIGV4": None, "MLFLOW_TRACKING_AUTH": None}
        return {**others, "MLFLOW_TRACKING_USERNAME": user, "MLFLOW_TRACKING_PASSWORD": password}


def installed_version() -> str:
    """Version of our own MLflow. Raises BuildFailed when it is not installed."""
    try:
        return version("mlflow")
    except PackageNotFoundError as fault:
        remedy = "pip install 'lean-mlops-control-centre[images]'"
        raise BuildFailed("building images needs MLflow, which is not installed", remedy) from fault


def _uri(model: str, number: int) -> str:
    return f"models:/{model}/{number}"


def _is_elsewhere(source: str) -> bool:
    """Whether a version's files are fetched past the MLflow server, with the rights of whoever fetches them.

    https://mlflow.org/docs/latest/self-hosting/architecture/artifact-store/
    """
    scheme = source.partition(":")[0]
    return scheme in {"s3", "gs", "wasbs", "abfss", "dbfs", "hdfs", "ftp", "sftp", "http", "https", "file"}
