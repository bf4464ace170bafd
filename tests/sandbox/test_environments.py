"""Environments made for a folder."""

import os
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from reconciler.sandbox import uv
from reconciler.sandbox.environments import Environments, Purpose
from reconciler.sandbox.needs import EnvironmentFailed, Needs

TINY = {"python_env.yaml": "dependencies: [iniconfig==1.1.1]"}


@dataclass
class Creator:
    """Stands for uv: makes an empty environment, or fails as it is told."""

    failures: list[BaseException] = field(default_factory=list)
    seen: list[Needs] = field(default_factory=list)
    sources: list[list[str]] = field(default_factory=list)

    def __call__(self, target: Path, needs: Needs, source: Path, environ: Mapping[str, str], say: object) -> None:
        self.seen.append(needs)
        self.sources.append(sorted(path.name for path in source.iterdir()))
        (target / "bin").mkdir(parents=True, exist_ok=True)
        if self.failures:
            raise self.failures.pop(0)
        (target / "bin" / "python").touch()


@pytest.fixture
def creator() -> Creator:
    return Creator()


@pytest.fixture
def environments(tmp_path: Path, creator: Creator) -> Environments:
    return Environments(tmp_path / "environments", os.environ, creator)


def left_behind(environments: Environments) -> list[str]:
    return [path.name for path in environments.folder.iterdir() if path.suffix != ".lock"]


def imports(environment, *modules):
    """Which of the modules an environment has."""
    tried = "; ".join(f"print({one!r} if find_spec({one!r}) else '')" for one in modules)
    code = f"from importlib.util import find_spec; {tried}"
    words = (environment.python, "-I", "-c", code)
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=True).stdout.split()


def test_a_folder_that_the_sandboxs_packages_satisfy_gets_links_to_them(folder, environments, creator, said):
    environment = environments.provide(folder({"train.py": "x"}), Purpose.JOB, said.append)
    assert environment.serves_asgi
    assert not creator.seen
    assert not said
    assert imports(environment, "mlflow", "sklearn", "pandas", "boto3", "moto", "reconciler", "uv") == [
        "mlflow",
        "sklearn",
        "pandas",
    ]
    assert (environment.bin / "mlflow").exists()
    assert not (environment.bin / "uv").exists()
    mlflow = subprocess.run(
        (environment.bin / "mlflow", "--version"), capture_output=True, text=True, timeout=60, check=True
    )
    assert mlflow.stdout.startswith("mlflow, version ")
    assert environments.provide(folder({"x": ""}, "other"), Purpose.JOB, said.append) == environment


def test_a_package_that_is_asked_for_comes_with_its_programs_and_nothing_else_does(folder, environments, said):
    files = {"python_env.yaml": "dependencies: [mlflow-skinny, boto3, uv]"}
    environment = environments.provide(folder(files), Purpose.JOB, said.append)
    assert imports(environment, "mlflow", "boto3", "botocore", "sklearn", "pandas") == ["mlflow", "boto3", "botocore"]
    assert (environment.bin / "uv").exists()


def test_a_model_has_mlflow_whole_whatever_it_asks_for_as_the_image_that_mlflow_makes(folder, environments, said):
    files = {"MLmodel": "{}", "python_env.yaml": "dependencies: [mlflow-skinny]"}
    environment = environments.provide(folder(files), Purpose.SERVING, said.append)
    assert imports(environment, "mlflow", "sklearn", "uvicorn", "boto3") == ["mlflow", "sklearn", "uvicorn"]


def test_an_environment_is_made_once_for_all_folders_that_ask_for_the_same(folder, environments, creator, said):
    first = environments.provide(folder(TINY), Purpose.JOB, said.append)
    second = environments.provide(folder(TINY, "other"), Purpose.JOB, said.append)
    assert first == second
    assert len(creator.seen) == 1
    assert said[0] == "creating a Python environment, once: the sandbox's own lacks iniconfig==1.1.1"


@pytest.mark.parametrize(
    ("purpose", "dependencies", "added"),
    [
        (Purpose.JOB, "[iniconfig==1.1.1]", {"mlflow-skinny"}),
        (Purpose.JOB, "[iniconfig==1.1.1, mlflow==2.9.2]", set()),
        (Purpose.SERVING, "[iniconfig==1.1.1]", {"mlflow-skinny", "pandas", "uvicorn", "fastapi"}),
        (Purpose.SERVING, "[MLflow-Skinny==3.17.2, pandas<1]", {"uvicorn", "fastapi"}),
    ],
)
def test_mlflow_and_what_serving_needs_are_added_unless_named(
    folder, environments, creator, purpose, dependencies, added
):
    environments.provide(folder({"python_env.yaml": f"dependencies: {dependencies}"}), purpose, str)
    lines = creator.seen[0].lines[len(dependencies.split(",")) :]
    assert {line.partition("==")[0].partition(";")[0] for line in lines} == added


@pytest.mark.parametrize(
    "failure", [KeyboardInterrupt(), EnvironmentFailed("no such version"), OSError(28, "disk full")]
)
def test_a_creation_that_is_cut_short_leaves_nothing_and_is_tried_again(folder, environments, creator, said, failure):
    creator.failures.append(failure)
    with pytest.raises((KeyboardInterrupt, EnvironmentFailed)):
        environments.provide(folder(TINY), Purpose.JOB, said.append)
    assert left_behind(environments) == []
    environments.provide(folder(TINY), Purpose.JOB, said.append)
    assert len(left_behind(environments)) == 1


@pytest.mark.parametrize(
    ("dependencies", "build"),
    [
        ("[iniconfig==1.1.1, mlflow]", ()),
        ("[iniconfig==1.1.1]", ()),
        ("[mlflow==2.9.2]", ("setuptools<81",)),
        ("[mlflow-skinny<3, setuptools]", ("setuptools<81",)),
        ("[mlflow==2.9.2, setuptools==65.5.0]", ()),
    ],
)
def test_an_older_mlflow_gets_the_setuptools_that_it_does_not_ask_for(
    folder, environments, creator, dependencies, build
):
    environments.provide(folder({"python_env.yaml": f"dependencies: {dependencies}"}), Purpose.JOB, str)
    assert creator.seen[0].build == build


def test_two_jobs_that_need_the_same_environment_make_it_once(folder, environments, creator, said):
    source = folder(TINY)
    threads = [threading.Thread(target=environments.provide, args=(source, Purpose.JOB, said.append)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(creator.seen) == 1


def test_what_conda_asks_for_and_nobody_has_is_left_out_and_said(folder, environments, creator, said):
    creator.failures.append(uv.UnknownPackages("strange was not found", frozenset({"strange"})))
    source = folder({"conda.yaml": "dependencies: [strange=1, iniconfig==1.1.1, cudatoolkit=11]"})
    environments.provide(source, Purpose.JOB, said.append)
    left_out = "left out of what conda would install, since pip has no such package: "
    assert [line.removeprefix(left_out) for line in said if left_out in line] == ["cudatoolkit", "strange"]
    assert "strange==1.*" not in creator.seen[-1].lines


def test_what_pip_asks_for_and_nobody_has_is_an_error(folder, environments, creator, said):
    creator.failures.append(uv.UnknownPackages("iniconfig was not found", frozenset({"iniconfig"})))
    with pytest.raises(EnvironmentFailed, match="iniconfig was not found"):
        environments.provide(folder(TINY), Purpose.JOB, said.append)


def test_a_project_that_installs_itself_is_installed_from_a_copy(folder, environments, creator, said):
    files = {"python_env.yaml": "dependencies: [-e .]", "setup.py": ""}
    environments.provide(folder(files), Purpose.JOB, said.append)
    environments.provide(folder(files, "another"), Purpose.JOB, said.append)
    assert creator.sources == [["python_env.yaml", "setup.py"]] * 2


def test_uv_makes_an_environment_that_can_be_moved(tmp_path, said):
    needs = Needs(lines=("iniconfig==1.1.1",), constraints=("pytest<1",), options=("--pre",))
    uv.create(tmp_path / "made", needs, tmp_path, os.environ, said.append)
    moved = (tmp_path / "made").rename(tmp_path / "moved")
    code = "import importlib.metadata as m, sys; print(m.version('iniconfig'), sys.prefix)"
    done = subprocess.run(
        (moved / "bin" / "python", "-c", code), capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.split() == ["1.1.1", str(moved)]
    assert list(moved.glob("lib/python*/site-packages/iniconfig/__pycache__/*.pyc"))


@pytest.mark.parametrize("line", ["iniconfig==999", "no-such-package-anywhere-7c1d"])
def test_uv_says_in_one_line_what_it_cannot_install(tmp_path, said, line):
    with pytest.raises(EnvironmentFailed) as failure:
        uv.create(tmp_path / "made", Needs(lines=(line,)), tmp_path, os.environ, said.append)
    assert line.partition("==")[0] in str(failure.value)
    assert "\n" not in str(failure.value)
    assert isinstance(failure.value, uv.UnknownPackages)
    assert failure.value.names == {line.partition("==")[0]}


def test_a_python_that_cannot_be_had_is_replaced_by_the_sandboxs_own_and_said(tmp_path, said):
    environ = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    needs = Needs(python=SpecifierSet("==3.2.*"), lines=("iniconfig==1.1.1",))
    uv.create(tmp_path / "made", needs, tmp_path, environ, said.append)
    assert said[0].startswith("Python ==3.2.* cannot be had here (")
    assert (tmp_path / "made" / "bin" / "python").exists()


UNSATISFIABLE = """\
Using Python 3.11.7 environment
error: No solution found when resolving dependencies:
  ╰─▶ Because there is no version of {name}==1.21.3 and you require {name}==1.21.3, we can conclude that your
      requirements are unsatisfiable.
"""


@pytest.mark.parametrize(
    ("output", "names"),
    [
        (UNSATISFIABLE.format(name="krb5"), {"krb5"}),
        ("Because only aws-c-cal<=0.10.0 is available and you require aws-c-cal==9, we can conclude", {"aws-c-cal"}),
        ("Because orc was not found in the package registry and you require orc", {"orc"}),
        ("error: " + "because of this " * 200 + "strange was not found in the package registry", {"strange"}),
    ],
)
def test_what_the_index_has_not_in_any_such_version_is_known_by_name(output, names):
    failure = uv._failure(output)
    assert isinstance(failure, uv.UnknownPackages)
    assert failure.names == names


def test_of_a_long_reason_the_conclusion_is_kept_and_stack_traces_are_not():
    stack = "Traceback (most recent call last):\n" + '  File "setup.py", line 3, in <module>\n    ^^^^\n' * 50
    said = "error: Failed to build dbx\n" + stack + "because " * 300 + "\nyou require mlflow>=1.2333\n"
    failure = uv._failure(said)
    assert str(failure).startswith("error: Failed to build dbx")
    assert str(failure).endswith("you require mlflow>=1.2333")
    assert "Traceback" not in str(failure)
    assert 'File "setup.py"' not in str(failure)
    assert failure.output == said


def test_all_that_uv_said_stands_in_the_log_of_the_job(folder, environments, creator, said):
    creator.failures.append(EnvironmentFailed("no solution", "first line\nlast line"))
    with pytest.raises(EnvironmentFailed, match="no solution"):
        environments.provide(folder(TINY), Purpose.JOB, said.append)
    assert said[-2:] == ["first line", "last line"]
