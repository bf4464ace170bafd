"""A folder to write manifests into, and a source of trees that needs no git."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from reconciler.errors import ManifestInvalid, SourceUnusable
from reconciler.manifest import Context, load, resolve
from reconciler.mlproject import FolderFiles
from reconciler.ports import SourceTree

HEADER = """\
version: 1
platform: acme
environment: prod
region: eu-west-1
state_bucket: acme-tfstate
mlflow: {tracking_uri: https://mlflow.acme.example}
"""
"""Six lines: what follows starts on line 7."""

PROJECT = "name: x\nentry_points:\n  main: {command: python train.py}\n"
Problems = Callable[..., tuple[str, ...]]


@pytest.fixture
def header() -> str:
    return HEADER


@pytest.fixture
def problems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Problems:
    """The problems of a manifest's text, in a file that the user calls `m.yaml`; none when it is valid."""
    monkeypatch.chdir(tmp_path)

    def found(text: str, environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
        Path("m.yaml").write_text(text, encoding="utf-8")
        try:
            load(Path("m.yaml"), environment or {})
        except ManifestInvalid as error:
            return error.problems
        return ()

    return found


@dataclass
class Trees:
    """Sources with a tree for each folder that it was told of."""

    root: Path
    trees: dict[str, SourceTree] = field(default_factory=dict)

    def track(self, path: str, uncommitted: tuple[str, ...] = ()) -> None:
        """As if everything that stands there had been committed."""
        self.trees[path] = SourceTree("c" * 40, "7" * 40, uncommitted, FolderFiles(self.root / path))

    def describe(self, path: str) -> SourceTree:
        if path not in self.trees:
            raise SourceUnusable(f"{path} is not in commit 0123: git does not track it", f"git add {path}")
        return replace(self.trees[path], files=FolderFiles(self.root / path))

    def export(self, commit: str, path: str, target: Path) -> None:
        raise AssertionError("resolving a manifest exports nothing")


@dataclass
class Checkout:
    """A project root with the stacks' code and any number of MLflow projects."""

    root: Path
    trees: Trees = field(init=False)

    def __post_init__(self) -> None:
        self.trees = Trees(self.root)
        for kind in ("platform", "training", "deployment", "mlflow-server", "bootstrap"):
            self.write(f"terraform/stacks/{kind}/main.tf", f"# {kind}\n")
        self.write("terraform/stacks/mlflow-server/image/Dockerfile", "FROM scratch\n")

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def project(self, name: str, **files: str) -> None:
        """A folder that git tracks, with an MLproject file."""
        folder = f"ml-projects/{name}"
        self.write(f"{folder}/MLproject", PROJECT)
        self.trees.track(folder)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.fixture
def desired(checkout, header):
    """The desired state of a manifest's text, below the usual header."""

    def resolved(body: str, environment=None, tracking_uri=None, header=header):
        path = checkout.write("manifests/prod.yaml", header + body + "\n")
        context = Context(checkout.root, checkout.trees, checkout.root / "terraform" / "stacks", tracking_uri)
        return resolve(load(path, environment or {}), context)

    return resolved
