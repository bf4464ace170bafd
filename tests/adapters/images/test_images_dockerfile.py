from pathlib import Path

import pytest

from reconciler.adapters.images.dockerfile import dockerfile, requirement_files, write_context
from reconciler.mlproject import CondaEnvironment, Environment, PythonEnvironment

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
    write_context(project, PLAIN, "3.17.2", context, lambda _: None)
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
