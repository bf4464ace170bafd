"""What a sandbox believes, unpickles and executes was written by its owner."""

import json
import os
import pickle
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.sandbox import SandboxError, down, find, status, up
from reconciler.sandbox.aws import state
from reconciler.sandbox.home import check, is_ours, prepare
from reconciler.sandbox.processes import mark_of
from reconciler.sandbox.record import Sandbox, publish, published
from reconciler.sandbox.seal import Seal, users_seal
from support.access import KEYS

NOBODY = 65534
GIT = ("git", "-c", "user.name=mallory", "-c", "user.email=mallory@example.invalid", "-c", "commit.gpgsign=false")


def git(where: Path, *words: str) -> None:
    subprocess.run((*GIT, *words), cwd=where, check=True, capture_output=True)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A home that nothing is wrong with."""
    home = tmp_path / "work" / ".sandbox"
    prepare(home)
    (home / "ports.json").touch(mode=0o600)
    (home / "aws.pickle").touch(mode=0o600)
    (home / "control.lock").touch(mode=0o644)
    (home / "images").mkdir()
    check(home)
    return home


def refused(home: Path) -> SandboxError:
    with pytest.raises(SandboxError) as raised:
        check(home)
    return raised.value


def test_a_home_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        prepare(tmp_path / "a" / "b")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o710, 0o701, 0o777, 0o1777, 0o770])
def test_a_home_that_others_may_enter_or_change_is_refused_with_what_to_type(own: Path, mode: int) -> None:
    own.chmod(mode)
    error = refused(own)
    assert f"{own} may be read or changed by others" in error.what
    assert f"chmod 700 {own}" in error.remedy
    own.chmod(0o700)
    check(own)


@pytest.mark.parametrize("name", ["ports.json", "aws.pickle", "keys.json", "sandbox.json", "aws.pickle.other.json"])
@pytest.mark.parametrize("mode", [0o644, 0o660, 0o602])
def test_a_file_that_is_believed_and_others_may_read_or_change_is_refused(own: Path, name: str, mode: int) -> None:
    (own / name).touch()
    (own / name).chmod(mode)
    error = refused(own)
    assert f"{own / name} may be read or changed by others" in error.what
    assert f"chmod 600 {own / name}" in error.remedy


@pytest.mark.parametrize("name", ["aws.pickle", "keys.json", "sandbox.log", "images", "environments", "mlflow"])
def test_a_symbolic_link_is_refused_wherever_it_leads(own: Path, tmp_path: Path, name: str) -> None:
    target = tmp_path / "elsewhere"
    target.mkdir(mode=0o700)
    (own / name).unlink(missing_ok=True) if name != "images" else (own / name).rmdir()
    (own / name).symlink_to(target)
    assert f"{own / name} is a symbolic link" in refused(own).what


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
@pytest.mark.parametrize("name", [".", "aws.pickle", "images", "control.lock"])
def test_what_belongs_to_another_user_is_refused(own: Path, name: str) -> None:
    os.chown(own / name, NOBODY, NOBODY)
    error = refused(own)
    assert "not to you" in error.what
    assert "RECONCILE_SANDBOX_HOME" in error.remedy


def test_a_file_in_the_place_of_a_home_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(SandboxError, match="cannot be made"):
        prepare(tmp_path / "home")
    assert "is not a folder" in refused(tmp_path / "home").what


@pytest.mark.parametrize("kind", ["committed", "staged", "a repository of its own"])
def test_a_home_that_git_tracks_is_refused_whatever_its_modes_are(own: Path, kind: str) -> None:
    where = own if kind == "a repository of its own" else own.parent
    git(where, "init", "--quiet")
    check(own)
    git(where, "add", "--force", str(own / "ports.json"))
    if kind == "committed":
        git(where, "commit", "--quiet", "--message", "evil")
    error = refused(own)
    assert "git tracks what the sandbox would believe" in error.what
    assert "ports.json" in error.what
    assert "git rm -r --cached" in error.remedy


def test_what_git_tracks_elsewhere_and_what_is_ignored_is_nobodys_business(own: Path) -> None:
    git(own.parent, "init", "--quiet")
    (own.parent / ".gitignore").write_text(".sandbox/\n")
    git(own.parent, "add", "--all")
    git(own.parent, "commit", "--quiet", "--message", "team")
    check(own)


def test_a_repository_configures_nothing_that_is_run(own: Path, tmp_path: Path) -> None:
    git(own.parent, "init", "--quiet")
    script = tmp_path / "evil"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/executed\n")
    script.chmod(0o755)
    git(own.parent, "config", "core.fsmonitor", str(script))
    check(own)
    assert not (tmp_path / "executed").exists()


def test_variables_of_git_do_not_lead_it_astray(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(own.parent, "init", "--quiet")
    git(own.parent, "add", "--force", str(own / "ports.json"))
    git(tmp_path, "init", "--quiet", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    assert "git tracks" in refused(own).what


class Evil:
    """Executes what it likes in whoever unpickles it."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[Callable[..., object], tuple[Path]]:
        return Path.touch, (self._mark,)


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_sandbox_that_came_with_a_repository_is_never_started(tmp_path: Path, said: list[str], umask: int) -> None:
    """`git add -f`, clone, `reconcile sandbox up`: refused, and nothing executed."""
    theirs, clone, mark = tmp_path / "theirs", tmp_path / "clone", tmp_path / "executed"
    home = theirs / ".sandbox"
    home.mkdir(parents=True)
    header, content = json.dumps(state.FORMAT).encode(), pickle.dumps(Evil(mark))
    (home / "aws.pickle").write_bytes(b"\n".join((header, Seal(b"x").of(header + content), content)))
    (home / "ports.json").write_text('{"aws": 20101, "mlflow": 20102}')
    (theirs / ".gitignore").write_text(".sandbox/\n")
    git(theirs, "init", "--quiet")
    git(theirs, "add", "--force", "--all")
    git(theirs, "commit", "--quiet", "--message", "A model")
    before = os.umask(umask)
    try:
        git(tmp_path, "clone", "--quiet", str(theirs), str(clone))
    finally:
        os.umask(before)
    for command in (up, down):
        with pytest.raises(SandboxError) as raised:
            command(clone / ".sandbox", said.append)
        assert ("chmod 700" if umask == 0o022 else "git rm") in raised.value.remedy
    with pytest.raises(SandboxError):
        status(clone / ".sandbox")
    (clone / ".sandbox").chmod(0o700)
    for file in (clone / ".sandbox").iterdir():
        file.chmod(0o600)
    with pytest.raises(SandboxError, match="git tracks what the sandbox would believe"):
        up(clone / ".sandbox", said.append)
    assert not mark.exists()
    assert said == []


def test_a_record_of_somebody_elses_making_is_no_running_sandbox(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    home.chmod(0o755)
    record = {"id": None, "pid": 1, "aws_endpoint": "http://evil.example", "mlflow_url": "http://evil.example"}
    (home / "sandbox.json").write_text(json.dumps({**record, "account": "1", "images": "/"}))
    assert published(home) is None
    assert find(home) is None


def test_a_record_counts_as_long_as_its_home_is_private(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    publish(Sandbox(mark_of(home), 1, "http://a", "http://b", "1", home / "images", home, KEYS), "2026-01-01")
    assert is_ours(home, "sandbox.json")
    assert published(home) is not None
    home.chmod(0o750)
    assert published(home) is None


def test_a_seal_is_made_once_and_kept_outside_of_work_trees(tmp_path: Path) -> None:
    first = users_seal({"XDG_STATE_HOME": str(tmp_path)})
    key = tmp_path / "lean-mlops-control-centre" / "sandbox.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    assert users_seal({"XDG_STATE_HOME": str(tmp_path)}) == first
    assert users_seal({"XDG_STATE_HOME": "relative", "HOME": str(tmp_path)}) != first
    assert (tmp_path / ".local" / "state" / "lean-mlops-control-centre" / "sandbox.key").is_file()
    assert first.fits(first.of(b"a"), b"a")
    assert not first.fits(first.of(b"a"), b"b")
    assert not Seal(b"other").fits(first.of(b"a"), b"a")
    assert first.key.hex() not in repr(first)


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda key: key.chmod(0o644), "may be read or changed by others"),
        (lambda key: key.parent.chmod(0o770), "may be read or changed by others"),
        (lambda key: key.write_bytes(b""), "holds no key"),
        (lambda key: (key.unlink(), key.symlink_to("/dev/null")), "is a symbolic link"),
    ],
)
def test_a_key_that_cannot_be_trusted_is_an_error_of_one_line(
    tmp_path: Path, spoil: Callable[[Path], object], what: str
) -> None:
    users_seal({"XDG_STATE_HOME": str(tmp_path)})
    spoil(tmp_path / "lean-mlops-control-centre" / "sandbox.key")
    with pytest.raises(SandboxError, match=what) as raised:
        users_seal({"XDG_STATE_HOME": str(tmp_path)})
    assert raised.value.remedy


def test_a_state_home_that_cannot_be_written_says_what_to_set(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SandboxError, match="cannot be kept") as raised:
        users_seal({"XDG_STATE_HOME": str(tmp_path / "file")})
    assert "XDG_STATE_HOME" in raised.value.remedy


def test_keys_that_make_no_sense_are_told_in_sentences(tmp_path: Path) -> None:
    prepare(tmp_path / "home")
    (tmp_path / "home" / "keys.json").touch(mode=0o600)
    command = (sys.executable, "-m", "reconciler.sandbox", str(tmp_path / "home"))
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    path = tmp_path / "home" / "keys.json"
    assert f"{path} does not hold the sandbox's keys; delete {path} to have new ones made" in ended.stdout


def test_a_state_of_an_earlier_version_is_kept_and_said_to_whoever_starts_it(home: Path, said: list[str]) -> None:
    prepare(home)
    earlier = home / "aws.pickle"
    earlier.touch(mode=0o600)
    earlier.write_bytes(json.dumps({**state.FORMAT, "sandbox": 2}).encode() + b"\n...")
    up(home, said.append)
    (notice,) = [line for line in said if "starts empty" in line]
    assert notice.startswith("the sandbox starts empty: its saved state cannot be used (another version wrote it")
    assert str(home / "aws.pickle.other-version") in notice
    assert (home / "aws.pickle.other-version").read_bytes().endswith(b"...")
