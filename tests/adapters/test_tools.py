"""Programs that are asked for their versions: those of this machine, and some that misbehave."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.adapters import tools
from reconciler.adapters.tools import LocalTools
from reconciler.core.doctor.finding import Verdict
from reconciler.core.doctor.tools import Provider, judge_provider, numbers
from reconciler.errors import SettingsMissing, TimedOut

Say = Callable[[str, str], None]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Puts a program of a test's own, a shell script, alone on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def write(name: str, script: str) -> None:
        file = tmp_path / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    return write


@pytest.fixture
def local() -> LocalTools:
    return LocalTools(os.environ, threading.Event())


def test_those_of_this_machine_tell_their_versions(local):
    for version in (local.python(), local.git(), local.terraform()):
        assert numbers(version) > (1,)


def test_terraform_may_warn_before_it_tells(program, local):
    program("terraform", 'echo "Warning: {odd}" >&2; echo; echo \'{"terraform_version": "1.13.1"}\'')
    assert local.terraform() == "1.13.1"


def test_a_terraform_that_tells_no_json_tells_its_first_line(program, local):
    program("terraform", "echo Terraform v1.12.0; echo on linux_amd64")
    assert local.terraform() == "Terraform v1.12.0"


def test_a_program_that_is_not_there_is_told(program, local):
    with pytest.raises(SettingsMissing, match="git is not installed, or not on PATH"):
        local.git()


def test_a_program_that_fails_is_told_in_its_last_words(program, local):
    program("docker", "echo; echo Is the docker daemon running? >&2; exit 1")
    with pytest.raises(SettingsMissing, match="docker does not work: Is the docker daemon running"):
        local.docker()


def test_a_program_that_hangs_is_not_waited_for(program, local, monkeypatch):
    monkeypatch.setattr(tools, "SECONDS", 0.5)
    program("docker", "while :; do :; done")
    with pytest.raises(TimedOut, match=r"docker version did not end within 0\.5 s"):
        local.docker()


def test_the_provider_comes_from_where_a_person_says(tmp_path):
    (tmp_path / ".terraformrc").write_text("")
    found = LocalTools({"HOME": str(tmp_path)}, threading.Event()).provider()
    assert (found.place, found.fault) == ("where your Terraform CLI configuration says", "")


def test_the_provider_comes_from_a_mirror_of_this_machine(tmp_path, monkeypatch):
    monkeypatch.setattr(tools.provider, "likely_folders", lambda _env: (tmp_path,))
    monkeypatch.setattr(tools.provider.trust, "TOP", tmp_path)
    target = tmp_path / "registry.terraform.io/hashicorp/aws/5.100.0" / tools.provider.this_machine()
    target.mkdir(parents=True)
    found = LocalTools({"HOME": str(tmp_path)}, threading.Event()).provider()
    assert found == Provider(str(tmp_path))


def test_a_mirror_that_somebody_else_may_write_is_told_and_not_named_as_the_place(tmp_path, monkeypatch):
    monkeypatch.setattr(tools.provider, "likely_folders", lambda _env: (tmp_path,))
    monkeypatch.setattr(tools.provider, "REGISTRY", "registry.terraform.io")
    monkeypatch.setattr(tools, "_unreachable", lambda _url: "ProxyError")
    monkeypatch.setattr(tools.provider.trust, "TOP", tmp_path)
    target = tmp_path / "registry.terraform.io/hashicorp/aws/5.100.0" / tools.provider.this_machine()
    target.mkdir(parents=True)
    target.chmod(0o777)
    found = LocalTools({"HOME": str(tmp_path)}, threading.Event()).provider()
    assert (found.place, found.fault) == ("registry.terraform.io", "ProxyError")
    assert found.refused == f"not from {tmp_path}: {target} may be written by others (mode 777)"
    judged = judge_provider(found)
    assert judged.verdict is Verdict.WARNING
    assert str(target) in judged.found
    assert "chmod go-w" in judged.fix


def test_a_registry_that_cannot_be_reached_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(tools.provider, "likely_folders", lambda _env: ())
    monkeypatch.setattr(tools.provider, "REGISTRY", "127.0.0.1:9")
    found = LocalTools({"HOME": str(tmp_path)}, threading.Event()).provider()
    assert (found.place, found.fault) == ("127.0.0.1:9", "ConnectionError")
