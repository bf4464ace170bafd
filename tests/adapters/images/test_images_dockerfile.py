from pathlib import Path

import pytest

from reconciler.adapters.images.dockerfile import DOCKER_HUB, dockerfile, rebased, requirement_files, write_context
from reconciler.core.desired import BaseImages
from reconciler.errors import BuildFailed
from reconciler.mlproject import CondaEnvironment, CondaPackage, Environment, PythonEnvironment

GOLDEN = Path(__file__).parent / "golden"
PLAIN = PythonEnvironment("3.11.9", (), ("scikit-learn>=1.7", "-r requirements.txt"))


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("python", PLAIN),
        ("python-with-build-dependencies", PythonEnvironment("3.12", ("setuptools==80",), ("numpy",))),
        ("python-without-dependencies", PythonEnvironment()),
        ("conda", CondaEnvironment("conda.yaml")),
        ("conda-with-an-odd-name", CondaEnvironment("env/it's mine.yaml")),
    ],
)
def test_the_dockerfile_is_the_golden_one(name, environment: Environment):
    assert dockerfile(environment, "3.17.2") == (GOLDEN / f"{name}.Dockerfile").read_text()


def test_requirements_keep_their_lines_and_their_order():
    environment = PythonEnvironment(
        "3.12", ("pip", "wheel"), ("b; python_version < '3.13'", "--extra-index-url x", "a")
    )
    assert list(requirement_files(environment).items()) == [
        (".reconcile-build-requirements.txt", "pip\nwheel\n"),
        (".reconcile-requirements.txt", "b; python_version < '3.13'\n--extra-index-url x\na\n"),
    ]


def test_the_context_holds_the_whole_project_whatever_its_dockerignore_says(tmp_path):
    project, context = tmp_path / "project", tmp_path / "context"
    context.mkdir()
    (project / "data").mkdir(parents=True)
    (project / ".dockerignore").write_text("*\n")
    (project / "data" / "rows.csv").write_text("1\n")
    (project / "run.sh").write_text("#!/bin/sh\n")
    (project / "run.sh").chmod(0o755)
    (project / "link").symlink_to("run.sh")
    before = sorted(project.rglob("*"))
    write_context(project, PLAIN, "3.17.2", context, lambda _: None, DOCKER_HUB)
    assert {str(file.relative_to(context)) for file in context.rglob("*")} == {
        "Dockerfile",
        "project",
        "project/.dockerignore",
        "project/.reconcile-requirements.txt",
        "project/data",
        "project/data/rows.csv",
        "project/link",
        "project/run.sh",
    }
    assert (context / "project" / "run.sh").stat().st_mode & 0o111
    assert (context / "project" / "link").readlink() == Path("run.sh")
    assert sorted(project.rglob("*")) == before


MIRROR = BaseImages("public.ecr.aws/docker/library/python", "registry.example:5000/mambaorg/micromamba")


def test_images_are_built_from_the_registry_that_the_manifest_names():
    assert dockerfile(PLAIN, "3.17.2", MIRROR).startswith("FROM public.ecr.aws/docker/library/python:3.11.9-slim\n")
    for conda, base in (
        (MIRROR.conda, "registry.example:5000/mambaorg/micromamba:2.3.2"),
        ("mirror/micromamba:2.4", "mirror/micromamba:2.4"),
        ("mirror/micromamba@sha256:0", "mirror/micromamba@sha256:0"),
    ):
        text = dockerfile(CondaEnvironment("conda.yaml"), "3.17.2", BaseImages("", conda))
        assert text.startswith(f"FROM {base}\n")


def test_a_dockerfile_of_mlflow_s_is_built_from_it_too_or_refused():
    text = "# made\nFROM python:3.11.7-slim\nRUN x\n"
    assert rebased(text, MIRROR) == "# made\nFROM public.ecr.aws/docker/library/python:3.11.7-slim\nRUN x\n"
    assert rebased(text, DOCKER_HUB) == text
    with pytest.raises(BuildFailed, match=r"begins with 'FROM ubuntu:22\.04'"):
        rebased("FROM ubuntu:22.04\n", MIRROR)


def test_builds_of_another_machine_are_left_out_of_what_conda_is_given_and_the_project_stays_as_it_is(tmp_path):
    project, context = tmp_path / "project", tmp_path / "context"
    context.mkdir()
    (project / "env").mkdir(parents=True)
    text = "name: base\ndependencies:\n- numpy=1.26.4=py310h_0\n- pip:\n  - -r r.txt\nprefix: /home/me\n"
    (project / "env" / "conda.yaml").write_text(text)
    packages = (CondaPackage("numpy", "1.26.4", "py310h_0"),)
    said = []
    write_context(project, CondaEnvironment("env/conda.yaml", packages), "3", context, said.append, DOCKER_HUB)
    cleaned = "name: base\ndependencies:\n- numpy=1.26.4\n- pip:\n  - -r r.txt\n"
    assert (context / "project/env/.reconcile-conda.yaml").read_text() == cleaned
    assert "--file env/.reconcile-conda.yaml" in (context / "Dockerfile").read_text()
    assert (project / "env" / "conda.yaml").read_text() == text
    assert said == ["env/conda.yaml names builds of another machine, which are left out"]
