import hashlib
import json
import threading
from pathlib import Path

import pytest

from reconciler.adapters.images import mlflow_cli
from reconciler.adapters.images.content import fingerprint
from reconciler.adapters.images.mlflow_cli import MlflowCli
from reconciler.adapters.images.sandbox import SandboxImages
from reconciler.core.observed import ModelVersion
from reconciler.errors import BuildFailed, Interrupted


def unchanged() -> None:
    """The version is what it was when its build was planned."""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def images(aws, store, tracking_uri, cancel, server, monkeypatch) -> SandboxImages:
    monkeypatch.setattr(mlflow_cli, "PAUSES", ())
    return SandboxImages(aws, store, MlflowCli(tracking_uri, cancel), server)


def layer_folder(aws, store: Path, image: str) -> Path:
    """Where the image leads: from its tag over its manifest to the folder."""
    return store / manifest_of(aws, image)["layers"][0]["digest"].removeprefix("sha256:")


def manifest_of(aws, image: str) -> dict:
    path, _, tag = image.partition("/")[2].partition(":")
    found = aws.client("ecr").batch_get_image(repositoryName=path, imageIds=[{"imageTag": tag}])
    return json.loads(found["images"][0]["imageManifest"])


def test_a_training_image_leads_to_a_copy_of_the_project(images, aws, store, image, project, repository):
    said: list[str] = []
    images.build_training(project, image, said.append)
    folder = layer_folder(aws, store, image)
    assert fingerprint(folder) == fingerprint(project)
    assert images.tags(repository) == {"abc123"}
    assert said == [f"image {repository}:abc123 holds sha256:{folder.name[:12]}"]


def test_the_mlflow_servers_image_leads_to_what_it_would_be_built_from(images, aws, store, image, server):
    images.build_server(image, print)
    assert fingerprint(layer_folder(aws, store, image)) == fingerprint(server)


def test_building_again_after_a_crash_changes_nothing(images, store, image, project, repository):
    images.build_training(project, image, print)
    said: list[str] = []
    images.build_training(project, image, said.append)
    assert said == [f"image {repository}:abc123 is there already"]
    assert len(list(store.iterdir())) == 1


def test_a_copy_whose_tag_was_never_written_is_used_again(images, aws, store, image, project):
    images.build_training(project, image, print)
    images.build_training(project, image.replace("abc123", "def456"), print)
    assert layer_folder(aws, store, image) == layer_folder(aws, store, image.replace("abc123", "def456"))
    assert len(list(store.iterdir())) == 1


@pytest.mark.parametrize("version", [1, 2], ids=["at-the-root", "in-a-folder"])
def test_a_model_image_holds_the_mlmodel_at_its_root(version, images, aws, store, image):
    images.build_model("churn", ModelVersion(version, ""), image, unchanged, print)
    assert "python_function" in (layer_folder(aws, store, image) / "MLmodel").read_text()


def test_a_model_image_is_labelled_with_what_it_was_made_of(images, aws, store, image, repository):
    images.build_model("churn", ModelVersion(1, "r1", "m-1", 1_700_000_000_000), image, unchanged, print)
    digest = manifest_of(aws, image)["config"]["digest"].removeprefix("sha256:")
    blob = (store / f"{digest}.json").read_bytes()
    assert hashlib.sha256(blob).hexdigest() == digest
    assert json.loads(blob)["config"]["Labels"] == {
        "reconciler.model": "churn",
        "reconciler.version": "1",
        "reconciler.run": "r1",
        "reconciler.logged-model": "m-1",
        "reconciler.registered": "1700000000000",
    }


def test_a_version_that_became_another_model_meanwhile_leaves_no_image(images, store, image, repository):
    def changed() -> None:
        raise BuildFailed("version 1 of churn is another model")

    with pytest.raises(BuildFailed, match="is another model"):
        images.build_model("churn", ModelVersion(1, ""), image, changed, print)
    assert (list(store.iterdir()), images.tags(repository)) == ([], frozenset())


def test_a_model_that_needs_conda_is_refused_and_nothing_is_kept(images, store, image, repository):
    with pytest.raises(BuildFailed, match=r"version 4 of churn was logged with .* not have: graphviz=2\.50, openjdk"):
        images.build_model("churn", ModelVersion(4, ""), image, unchanged, print)
    assert (list(store.iterdir()), images.tags(repository)) == ([], frozenset())


def test_a_version_without_a_model_is_refused_and_nothing_is_kept(images, store, image, repository):
    with pytest.raises(BuildFailed, match="hold no MLmodel"):
        images.build_model("churn", ModelVersion(3, ""), image, unchanged, print)
    assert list(store.iterdir()) == []
    assert images.tags(repository) == frozenset()


def test_a_version_that_does_not_exist_is_told_in_one_line(images, store, image):
    with pytest.raises(BuildFailed) as error:
        images.build_model("churn", ModelVersion(99, ""), image, unchanged, print)
    assert error.value.what.startswith("mlflow artifacts download models:/churn/99 failed: ")
    assert "\n" not in error.value.what
    assert list(store.iterdir()) == []


def test_a_download_can_be_interrupted(images, store, image, cancel):
    threading.Timer(0.3, cancel.set).start()
    with pytest.raises(Interrupted):
        images.build_model("churn", ModelVersion(1, ""), image, unchanged, print)
    assert list(store.iterdir()) == []


def test_the_layer_is_a_digest_that_others_can_check(images, aws, store, image, project):
    """The sandbox's own side finds the folder by this name: 64 hex digits, and no more."""
    images.build_training(project, image, print)
    assert len(layer_folder(aws, store, image).name) == len(hashlib.sha256().hexdigest())
