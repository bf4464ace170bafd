"""A provider is taken only from where root and the caller alone can have put it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.adapters.terraform import provider, trust

TARGET = "linux_amd64"
PLACE = "opt/plugins/registry.terraform.io/hashicorp/aws"
PROGRAM = f"{PLACE}/5.100.0/{TARGET}/terraform-provider-aws_v5.100.0_x5"
PACKED = f"{PLACE}/terraform-provider-aws_5.100.0_{TARGET}.zip"
NOBODY = 65534
STEPS = [str(step) for step in (Path(PROGRAM), *Path(PROGRAM).parents)][:-1]
"""Every folder on the way down to the program, and the program."""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose keeper put the provider into /opt/plugins."""
    monkeypatch.setattr(trust, "TOP", tmp_path)
    for name in (PROGRAM, PACKED):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("#!/bin/sh\n")
    return tmp_path


def found(machine: Path) -> provider.Found:
    return provider.look(provider.likely_folders({"HOME": str(machine / "home")}, [str(machine / "opt")]), TARGET)


def refused(machine: Path) -> str:
    told = found(machine)
    assert told.mirrors == ()
    (reason,) = told.refused.values()
    return reason


def test_what_root_and_the_caller_alone_can_write_is_taken(machine: Path) -> None:
    assert found(machine) == provider.Found((machine / "opt/plugins",), {})


@pytest.mark.parametrize("step", [*STEPS, PACKED])
@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777, 0o1777, 0o2775])
def test_a_step_that_others_may_write_is_one_too_many(machine: Path, step: str, mode: int) -> None:
    (machine / step).chmod(mode)
    assert refused(machine) == f"{machine / step} may be written by others (mode {mode:o})"


@as_root
@pytest.mark.parametrize("step", [*STEPS, PACKED])
def test_a_step_that_belongs_to_somebody_else_is_one_too_many(machine: Path, step: str) -> None:
    os.chown(machine / step, NOBODY, NOBODY)
    assert refused(machine).startswith(f"{machine / step} belongs to ")


@pytest.mark.parametrize("absolute", [True, False])
def test_a_link_is_as_good_as_what_it_leads_through(machine: Path, absolute: bool) -> None:
    (machine / "srv").mkdir()
    (machine / "srv/shared").mkdir()
    (machine / "opt/plugins").rename(machine / "srv/shared/plugins")
    target = machine / "srv/shared/plugins" if absolute else Path("../srv/shared/plugins")
    (machine / "opt/plugins").symlink_to(target)
    assert found(machine).mirrors == (machine / "opt/plugins",)
    (machine / "srv").chmod(0o777)
    assert refused(machine).startswith(f"{machine / 'srv'} may be written by others")


def test_a_link_inside_of_the_mirror_is_followed_too(machine: Path) -> None:
    (machine / "home").mkdir()
    (machine / PROGRAM).rename(machine / "home/program")
    (machine / PROGRAM).symlink_to(machine / "home/program")
    assert found(machine).mirrors
    (machine / "home/program").chmod(0o666)
    assert refused(machine).startswith(f"{machine / 'home/program'} may be written")


def test_a_link_that_leads_to_itself_or_nowhere_is_refused_and_not_an_error(machine: Path) -> None:
    (machine / PROGRAM).unlink()
    (machine / PROGRAM).symlink_to(machine / PROGRAM)
    assert "too many symbolic links" in refused(machine)
    (machine / PROGRAM).unlink()
    (machine / PROGRAM).symlink_to("nowhere")
    assert "No such file" in refused(machine)


def test_one_version_that_somebody_else_put_there_spoils_the_mirror(machine: Path) -> None:
    newer = machine / PLACE / "5.100.99" / TARGET
    newer.mkdir(parents=True)
    newer.chmod(0o777)
    assert str(newer) in refused(machine)


def test_another_mirror_serves_in_the_place_of_one_that_is_refused(machine: Path) -> None:
    own = machine / "home/.terraform.d/plugins" / Path(PACKED).relative_to("opt/plugins")
    own.parent.mkdir(parents=True)
    own.touch()
    (machine / "opt/plugins").chmod(0o777)
    told = found(machine)
    assert told.mirrors == (machine / "home/.terraform.d/plugins",)
    assert set(told.refused) == {machine / "opt/plugins"}


def test_where_everybody_may_write_nothing_is_taken_whoever_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder like /tmp: the sticky bit says who removes, not who makes."""
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    monkeypatch.setattr(trust, "TOP", tmp_path)
    (shared / "mine").touch()
    assert trust.why_not(shared / "mine") == f"{shared} may be written by others (mode 1777)"


@pytest.mark.parametrize("spoilt", [lambda path: path.chmod(0o666), lambda path: path.unlink()])
def test_a_program_is_looked_at_itself(machine: Path, spoilt: Callable[[Path], None]) -> None:
    path = machine / PACKED
    spoilt(path)
    assert (found(machine).mirrors == ()) == path.exists()
