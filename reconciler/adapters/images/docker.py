"""Container images, built by Docker and pushed to ECR."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from reconciler.adapters.aws.session import Aws
from reconciler.adapters.images import content, ecr
from reconciler.adapters.images.dockerfile import DOCKER_HUB, rebased, write_context
from reconciler.adapters.images.engine import Engine
from reconciler.adapters.images.labels import labels
from reconciler.adapters.images.mlflow_cli import MlflowCli, installed_version
from reconciler.adapters.images.model_files import check_model, model_root
from reconciler.core.desired import BaseImages
from reconciler.core.observed import ModelVersion, StoredImage
from reconciler.errors import BuildFailed
from reconciler.mlproject import Environment, FolderFiles, ProjectInvalid, read_files
from reconciler.ports import Cancel, Check, Say

MODEL = "model_dir"
"""Where MLflow puts the model beside the Dockerfile that it writes."""
Prepare = Callable[[Path], None]
"""Writes a build context, its Dockerfile included, into an empty folder."""


class DockerImages:
    """Builds images for linux/amd64 under immutable tags: one that is in ECR already is not built again.

    `server_source` holds the Dockerfile of the MLflow server.
    """

    def __init__(
        self, aws: Aws, tracking_uri: str, cancel: Cancel, server_source: Path, base: BaseImages = DOCKER_HUB
    ) -> None:
        self._aws = aws
        self._base = base
        self._server_source = server_source
        self._engine = Engine(cancel)
        self._mlflow = MlflowCli(tracking_uri, cancel)

    def tags(self, repository: str) -> frozenset[str]:
        """Tags in a repository; empty when there is no such repository. Raises ReadFailed."""
        return ecr.tags(self._aws, repository)

    def stored(self, repository: str) -> Mapping[str, StoredImage]:
        """The image behind each tag of a repository. Raises ReadFailed."""
        return ecr.stored(self._aws, repository)

    def build_training(self, source: Path, image: str, say: Say) -> None:
        """Build and push an exported MLflow project with its own environment.

        Raises BuildFailed, AwsFailed, TimedOut, Interrupted.
        """

        def prepare(context: Path) -> None:
            write_context(source, _environment(source), installed_version(), context, say, self._base)

        self._publish(image, prepare, say)

    def build_model(self, model: str, version: ModelVersion, image: str, check: Check, say: Say) -> None:
        """Build and push the serving image that MLflow describes for a registered version, labelled with its origin.

        Raises BuildFailed, AwsFailed, TimedOut, Interrupted, and what `check` does.
        """

        def prepare(context: Path) -> None:
            self._mlflow.generate_dockerfile(model, version, context, say)
            check()
            check_model(model_root(context / MODEL), f"version {version.number} of {model}", say)
            self._rebase(context)

        self._publish(image, prepare, say, labels(model, version))

    def build_server(self, image: str, say: Say) -> None:
        """Build and push the MLflow server's image. Raises BuildFailed, AwsFailed, TimedOut, Interrupted."""

        def prepare(context: Path) -> None:
            content.copy(self._server_source, context)
            self._rebase(context)

        self._publish(image, prepare, say)

    def _rebase(self, context: Path) -> None:
        file = context / "Dockerfile"
        file.write_text(rebased(file.read_text(encoding="utf-8"), self._base), encoding="utf-8")

    def _publish(self, image: str, prepare: Prepare, say: Say, labels: Mapping[str, str] | None = None) -> None:
        address = ecr.parse(image)
        if ecr.exists(self._aws, address):
            say(f"image {address.repository}:{address.tag} is there already")
            return
        self._engine.check()
        with tempfile.TemporaryDirectory(prefix="reconcile-image-") as context:
            prepare(Path(context))
            self._engine.build(Path(context), address, say, labels or {})
        self._push(address, say)

    def _push(self, address: ecr.Address, say: Say) -> None:
        try:
            self._engine.push(address, ecr.login(self._aws), say)
        except BuildFailed:
            if not ecr.exists(self._aws, address):  # else another run was faster: the tag is immutable
                raise
            say(f"image {address.repository}:{address.tag} was pushed by somebody else")


def _environment(source: Path) -> Environment:
    """What an exported project needs to run. Raises BuildFailed."""
    try:
        return read_files(FolderFiles(source)).environment
    except ProjectInvalid as error:
        raise BuildFailed(str(error), "mend it and commit; reconcile validate tells all of it") from error
