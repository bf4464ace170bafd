import hashlib
import json
import threading
from pathlib import Path

import pytest

from reconciler.adapters.images import mlflow_cli
from reconciler.adapters.images.content import fingerprint
from reconciler.adapters.images.mlflow_cli import MlflowCli
from reconciler.adapters.images.sandbox import SandboxImages
from reconciler.errors import BuildFailed, Interrupted


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def images(aws, store, tracking_uri, cancel, server, monkeypatch) -> SandboxImages:
    monkeypatch.setattr(mlflow_cli, "PAUSES", ())
    return SandboxImages(aws, store, MlflowCli(tracking_uri, cancel), server)


def layer_folder(aws, store: Path, image: str) -> Path:
    """Where the image leads: from its tag over its manifest to the folder."""
    path, _, tag = image.partition("/")[2].partition(":")
    found = aws.client("ecr").batch_get_image(repositoryName=path, imageIds=[{"imageTag": tag}])
    manifest = json.loads(found["images"][0]["imageManifest"])
    return store / manifest["layers"][0]["digest"].removeprefix("sha256:")


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
    images.build_model("churn", version, image, print)
    assert "python_function" in (layer_folder(aws, store, image) / "MLmodel").read_text()


def test_a_version_without_a_model_is_refused_and_nothing_is_kept(images, store, image, repository):
    with pytest.raises(BuildFailed, match="hold no MLmodel"):
        images.build_model("churn", 3, image, print)
    assert list(store.iterdir()) == []
    assert images.tags(repository) == frozenset()


def test_a_version_that_does_not_exist_is_told_in_one_line(images, store, image):
    with pytest.raises(BuildFailed) as error:
        images.build_model("churn", 99, image, print)
    assert error.value.what.startswith("mlflow artifacts download models:/churn/99 failed: ")
    assert "\n" not in error.value.what
    assert list(store.iterdir()) == []


def test_a_download_can_be_interrupted(images, store, image, cancel):
    threading.Timer(0.3, cancel.set).start()
    with pytest.raises(Interrupted):
        images.build_model("churn", 1, image, print)
    assert list(store.iterdir()) == []


def test_the_layer_is_a_digest_that_others_can_check(images, aws, store, image, project):
    """The sandbox's own side finds the folder by this name: 64 hex digits, and no more."""
    images.build_training(project, image, print)
    assert len(layer_folder(aws, store, image).name) == len(hashlib.sha256().hexdigest())
