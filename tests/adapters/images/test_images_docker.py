import os
import threading
import time
from pathlib import Path

import pytest

from reconciler.adapters.images import ecr, engine, mlflow_cli
from reconciler.adapters.images.docker import DockerImages
from reconciler.core.observed import ModelVersion
from reconciler.errors import BuildFailed, Interrupted


def unchanged() -> None:
    """The version is what it was when its build was planned."""


BUILDKIT = "github.com/docker/buildx v0.24.0 abcdef"


@pytest.fixture
def images(aws, tracking_uri, cancel, docker, server, monkeypatch) -> DockerImages:
    monkeypatch.setattr(mlflow_cli, "PAUSES", ())
    monkeypatch.setattr(engine, "PAUSES", (0.0, 0.0))
    return DockerImages(aws, tracking_uri, cancel, server)


def test_a_training_image_is_built_and_pushed(images, docker, image, project):
    said: list[str] = []
    docker.will("build", say="step 1/9")
    images.build_training(project, image, said.append)
    (build,), (push,) = docker.calls("build"), docker.calls("push")
    assert build["argv"][:3] == ["build", "--platform=linux/amd64", f"--tag={image}"]
    assert "project/train.py" in build["files"]
    assert build["dockerfile"].startswith("FROM python:3.12-slim\n")
    assert push["argv"] == ["push", image]
    assert said == ["step 1/9", "push done"]


def test_a_model_image_is_built_from_what_mlflow_describes(images, docker, image):
    images.build_model("churn", ModelVersion(1, "r1", "m-1", 1_700_000_000_000), image, unchanged, print)
    (build,) = docker.calls("build")
    assert "_serve(" in build["dockerfile"]
    assert "model_dir/MLmodel" in build["files"]
    assert len(docker.calls("push")) == 1


def test_a_model_image_is_labelled_with_what_it_was_made_of(images, docker, image):
    images.build_model("churn", ModelVersion(1, "r1", "m-1", 1_700_000_000_000), image, unchanged, print)
    (build,) = docker.calls("build")
    assert [word.removeprefix("--label=") for word in build["argv"] if word.startswith("--label")] == [
        "reconciler.model=churn",
        "reconciler.version=1",
        "reconciler.run=r1",
        "reconciler.logged-model=m-1",
        "reconciler.registered=1700000000000",
    ]


def test_a_version_that_became_another_model_meanwhile_is_neither_built_nor_pushed(images, docker, image):
    def changed() -> None:
        raise BuildFailed("version 1 of churn is another model")

    with pytest.raises(BuildFailed, match="is another model"):
        images.build_model("churn", ModelVersion(1, ""), image, changed, print)
    assert not docker.calls("build")
    assert not docker.calls("push")


def test_a_model_that_needs_conda_is_refused_before_anything_is_built(images, docker, image):
    with pytest.raises(BuildFailed, match=r"version 4 of churn was logged with .* not have: graphviz=2\.50, openjdk"):
        images.build_model("churn", ModelVersion(4, ""), image, unchanged, print)
    assert not docker.calls("build")
    assert not docker.calls("push")


def test_the_mlflow_servers_image_is_built_from_its_own_folder(images, docker, image):
    images.build_server(image, print)
    (build,) = docker.calls("build")
    assert (build["dockerfile"], "entrypoint.py" in build["files"]) == ("FROM scratch\n", True)
    assert len(docker.calls("push")) == 1


def test_one_plain_docker_manifest_is_asked_of_buildkit(images, docker, image, project):
    docker.will("buildx-version", say=BUILDKIT)
    images.build_training(project, image, print)
    (build,) = docker.calls("build")
    assert {"--provenance=false", "--output=type=docker"} <= set(build["argv"])


@pytest.mark.parametrize("answer", [{"say": "podman 5.4", "code": 0}, {"say": "unknown command", "code": 1}])
def test_one_plain_docker_manifest_is_asked_of_other_engines_by_environment(answer, images, docker, image, project):
    docker.will("buildx-version", **answer)
    images.build_training(project, image, print)
    (build,) = docker.calls("build")
    assert not any(word.startswith(("--provenance", "--output")) for word in build["argv"])
    assert (build["env"]["BUILDX_NO_DEFAULT_ATTESTATIONS"], build["env"]["BUILDAH_FORMAT"]) == ("1", "docker")


def test_the_password_is_given_to_docker_alone_and_forgotten(images, docker, aws, image, project, monkeypatch):
    monkeypatch.setenv("DOCKER_CONTEXT", "colima")
    docker.will("context-inspect", say="unix:///home/ada/.colima/docker.sock")
    said: list[str] = []
    images.build_training(project, image, said.append)
    (login,), (push,), (build,) = docker.calls("login"), docker.calls("push"), docker.calls("build")
    _, password = ecr.login(aws)
    assert login["stdin"] == password
    assert login["argv"] == ["login", "--username=AWS", "--password-stdin", image.partition("/")[0]]
    assert login["env"] == push["env"]
    assert login["env"]["DOCKER_HOST"] == "unix:///home/ada/.colima/docker.sock"
    assert login["env"]["DOCKER_CONTEXT"] is None
    assert not Path(login["env"]["DOCKER_CONFIG"]).exists()
    assert build["env"]["DOCKER_CONFIG"] == os.environ.get("DOCKER_CONFIG")
    assert build["env"]["DOCKER_CONTEXT"] == "colima"
    assert password not in " ".join(said)


@pytest.mark.parametrize("answer", [{"say": "unknown command", "code": 125}, {"say": "<no value>", "code": 0}])
def test_an_engine_without_contexts_is_left_to_find_itself(answer, images, docker, image, project, monkeypatch):
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    docker.will("context-inspect", **answer)
    images.build_training(project, image, print)
    assert docker.calls("push")[0]["env"]["DOCKER_HOST"] is None


def test_an_image_that_is_there_is_not_built_again(images, docker, aws, image, project, repository):
    ecr.put(aws, ecr.parse(image), ecr.Blob("sha256:" + "a" * 64, 1), ecr.Blob("sha256:" + "b" * 64, 1))
    said: list[str] = []
    images.build_training(project, image, said.append)
    assert said == [f"image {repository}:abc123 is there already"]
    assert not docker.calls("info")
    assert not docker.calls("build")


def test_a_missing_docker_is_told_with_a_remedy(images, image, project, monkeypatch, tmp_path):
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(BuildFailed, match="docker is not installed, or not on PATH") as error:
        images.build_training(project, image, print)
    assert error.value.remedy.startswith("install Docker")


def test_an_engine_that_does_not_run_is_told_with_a_remedy(images, docker, image, project):
    docker.will("info", say="Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", code=1)
    with pytest.raises(BuildFailed) as error:
        images.build_training(project, image, print)
    assert error.value.what.startswith("docker cannot build: Cannot connect to the Docker daemon")
    assert "start Docker" in error.value.remedy
    assert not docker.calls("build")


LIMIT = "ERROR: toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase"


def test_a_build_that_a_registry_refused_is_tried_once_more(images, docker, image, project, monkeypatch):
    monkeypatch.setattr("reconciler.adapters.images.engine.REGISTRY_PAUSE", 0)
    docker.will("build", say=LIMIT, code=1)
    images.build_training(project, image, print)
    assert (len(docker.calls("build")), len(docker.calls("push"))) == (2, 1)


def test_a_registry_that_goes_on_refusing_is_told_as_that_with_the_ways_out(
    images, docker, image, project, monkeypatch
):
    monkeypatch.setattr("reconciler.adapters.images.engine.REGISTRY_PAUSE", 0)
    for _ in range(2):
        docker.will("build", say=LIMIT, code=1)
    with pytest.raises(BuildFailed, match="toomanyrequests") as error:
        images.build_training(project, image, print)
    assert "docker login" in error.value.remedy
    assert "images: {python: public.ecr.aws/docker/library/python}" in error.value.remedy
    images.build_training(project, image, print)
    assert len(docker.calls("build")) == 3, "the next run builds again"


def test_a_failed_build_is_told_and_nothing_is_pushed(images, docker, image, project):
    docker.will("build", say="ERROR: no such package", code=1)
    with pytest.raises(BuildFailed, match=r"could not build .*: ERROR: no such package"):
        images.build_training(project, image, print)
    assert len(docker.calls("build")) == 1
    assert not docker.calls("login")
    assert not docker.calls("push")


def test_a_project_that_mlflow_could_not_run_is_never_built(images, docker, image, project):
    (project / "MLproject").write_text("docker_env: {image: x}\n")
    with pytest.raises(BuildFailed, match="docker_env"):
        images.build_training(project, image, print)
    assert not docker.calls("build")


def test_a_push_that_fails_once_is_tried_again(images, docker, image, project):
    docker.will("push", say="net/http: TLS handshake timeout", code=1)
    said: list[str] = []
    images.build_training(project, image, said.append)
    assert len(docker.calls("push")) == 2
    assert "net/http: TLS handshake timeout; trying again in 0 s" in said


@pytest.mark.parametrize(("command", "target"), [("login", "amazonaws.com"), ("push", ":abc123")])
def test_what_keeps_failing_is_told(command, target, images, docker, image, project):
    for _ in range(3):
        docker.will(command, say="denied: not you", code=1)
    with pytest.raises(BuildFailed, match=f"docker {command} to .*{target} failed: denied: not you"):
        images.build_training(project, image, print)
    assert len(docker.calls(command)) == 3


def test_a_push_that_lost_a_race_is_no_failure(images, docker, aws, image, project, repository):
    for _ in range(3):
        docker.will("push", say="tag invalid: the image tag already exists and is immutable", code=1)
    said: list[str] = []

    def somebody_is_faster(line: str) -> None:
        said.append(line)
        ecr.put(aws, ecr.parse(image), ecr.Blob("sha256:" + "a" * 64, 1), ecr.Blob("sha256:" + "b" * 64, 1))

    images.build_training(project, image, somebody_is_faster)
    assert said[-1] == f"image {repository}:abc123 was pushed by somebody else"


def test_a_build_can_be_interrupted(images, docker, image, project, cancel: threading.Event):
    docker.will("build", say="a long step", sleep=60)
    started = time.monotonic()
    with pytest.raises(Interrupted):
        images.build_training(project, image, lambda line: cancel.set())
    assert time.monotonic() - started < 15
    assert not docker.calls("push")


def test_a_version_that_does_not_exist_is_never_built(images, docker, image):
    with pytest.raises(BuildFailed, match="mlflow models generate-dockerfile models:/churn/99 failed"):
        images.build_model("churn", ModelVersion(99, ""), image, unchanged, print)
    assert not docker.calls("build")
