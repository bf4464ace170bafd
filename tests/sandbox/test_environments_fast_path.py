"""Whether the sandbox's own environment will do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from packaging.specifiers import SpecifierSet

from reconciler.sandbox.installed import OwnEnvironment, unmet
from reconciler.sandbox.needs import Needs


@dataclass
class Packages:
    """An environment that holds what a test says."""

    versions: Mapping[str, str]
    asks: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def version(self, name: str) -> str | None:
        return self.versions.get(name)

    def requires(self, name: str) -> Sequence[str]:
        return self.asks.get(name, ())


HERE = Packages(
    {"numpy": "2.1.0", "torch": "2.1.0+cpu", "moto": "5.2.5", "flask": "3.0", "beta": "2.0rc1"},
    {"moto": ["werkzeug", "flask>=2; extra == 'server'", "docker; extra == 'batch'"]},
)


@pytest.mark.parametrize(
    "line",
    [
        "numpy",
        "numpy>=2,<3",
        "numpy==2.1.*",
        "numpy==2.1.0 --hash=sha256:00",
        "torch==2.1.0",
        "moto[server]",
        "beta>=1",
        "absent; python_version < '3'",
    ],
)
def test_a_requirement_that_is_met_needs_no_environment(line):
    assert unmet(Needs(lines=(line,)), HERE, "3.11.7") == ()


@pytest.mark.parametrize(
    "line",
    [
        "absent",
        "numpy<2",
        "numpy==2.1.1",
        "moto[batch]",
        ".",
        "./lib",
        "numpy @ https://x/numpy.whl",
        "git+https://x/y",
    ],
)
def test_a_requirement_that_is_not_met_is_named(line):
    assert unmet(Needs(lines=("numpy", line)), HERE, "3.11.7") == (line,)


@pytest.mark.parametrize(
    ("python", "lacking"),
    [("==3.11.*", ()), (">=3.9,<3.12", ()), ("", ()), ("==3.10.*", ("python==3.10.*",)), ("<3.11", ("python<3.11",))],
)
def test_the_version_of_python_counts(python, lacking):
    assert unmet(Needs(python=SpecifierSet(python)), HERE, "3.11.7") == lacking


@pytest.mark.parametrize(("constraint", "lacking"), [("numpy<3", ()), ("absent<3", ()), ("numpy<2", ("numpy<2",))])
def test_a_constraint_counts_only_for_what_is_there(constraint, lacking):
    assert unmet(Needs(constraints=(constraint,)), HERE, "3.11.7") == lacking


def test_build_tools_and_indexes_do_not_count():
    needs = Needs(build=("pip==1.0", "setuptools==1"), options=("--index-url https://nowhere.invalid",))
    assert unmet(needs, HERE, "3.11.7") == ()


def test_the_running_interpreter_has_what_runs_this_test():
    needs = Needs(lines=("pytest>=8", "mlflow", "psutil", "not-a-package-of-anybody"))
    assert unmet(needs, OwnEnvironment(), "3.11.7") == ("not-a-package-of-anybody",)
