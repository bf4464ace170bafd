"""Images of the embedded sandbox: content-addressed folders, under the tags of its ECR. No container engine."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from reconciler.adapters.aws.session import Aws
from reconciler.adapters.images import content, ecr
from reconciler.adapters.images.labels import labels
from reconciler.adapters.images.mlflow_cli import MlflowCli
from reconciler.adapters.images.model_files import check_model, model_root
from reconciler.core.observed import ModelVersion, StoredImage
from reconciler.ports import Check, Say

Fill = Callable[[Path], Path]
"""Makes an image's content somewhere in the folder it is given, and returns where."""


class SandboxImages:
    """Keeps an image's content in `store/<sha256 hex>/`, and names that digest as its layer in ECR."""

    def __init__(self, aws: Aws, store: Path, mlflow: MlflowCli, server_source: Path) -> None:
        self._aws = aws
        self._server_source = server_source
        self._store = store
        self._mlflow = mlflow

    def tags(self, repository: str) -> frozenset[str]:
        """Tags in a repository; empty when there is no such repository. Raises ReadFailed."""
        return ecr.tags(self._aws, repository)

    def stored(self, repository: str) -> Mapping[str, StoredImage]:
        """The image behind each tag of a repository. Raises ReadFailed."""
        return ecr.stored(self._aws, repository)

    def build_training(self, source: Path, image: str, say: Say) -> None:
        """Keep an exported MLflow project. Raises BuildFailed, AwsFailed."""

        def fill(scratch: Path) -> Path:
            content.copy(source, scratch / "project")
            return scratch / "project"

        self._record(image, fill, say)

    def build_model(self, model: str, version: ModelVersion, image: str, check: Check, say: Say) -> None:
        """Keep the files of a registered version, MLmodel at their root, labelled with its origin.

        Raises BuildFailed, AwsFailed, Interrupted, and what `check` does.
        """

        def fill(scratch: Path) -> Path:
            self._mlflow.download(model, version, scratch / "model", say)
            check()
            root = model_root(scratch / "model")
            check_model(root, f"version {version.number} of {model}", say)
            return root

        self._record(image, fill, say, labels(model, version))

    def build_server(self, image: str, say: Say) -> None:
        """Keep what the MLflow server's image would be built from; nothing runs it. Raises BuildFailed, AwsFailed."""

        def fill(scratch: Path) -> Path:
            (scratch / "server").mkdir()
            content.copy(self._server_source, scratch / "server")
            return scratch / "server"

        self._record(image, fill, say)

    def _record(self, image: str, fill: Fill, say: Say, labels: Mapping[str, str] | None = None) -> None:
        address = ecr.parse(image)
        if ecr.exists(self._aws, address):
            say(f"image {address.repository}:{address.tag} is there already")
            return
        with content.incoming(self._store) as scratch:
            layer = content.keep(fill(scratch), self._store)
            config = _keep_config(labels or {}, scratch / "config.json", self._store)
        ecr.put(self._aws, address, layer, config)
        say(f"image {address.repository}:{address.tag} holds {layer.digest[:19]}")


def _keep_config(labels: Mapping[str, str], scratch: Path, store: Path) -> ecr.Blob:
    """An image's configuration, as far as there is one: its labels. It is kept beside the layers when it has any.

    https://github.com/opencontainers/image-spec/blob/main/config.md
    """
    blob = json.dumps({"config": {"Labels": labels}} if labels else {}, sort_keys=True).encode()
    digest = hashlib.sha256(blob).hexdigest()
    if labels:
        scratch.write_bytes(blob)
        scratch.replace(store / f"{digest}.json")
    return ecr.Blob(f"sha256:{digest}", len(blob))
