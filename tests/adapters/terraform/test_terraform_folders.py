"""Folders that Terraform runs in."""

import json
import os
import stat
import threading
import time

import pytest

from reconciler.adapters.terraform import folders
from reconciler.adapters.terraform.folders import Initialised, fingerprint, locked, run_folder, start_afresh
from reconciler.errors import Interrupted, SettingsMissing


@pytest.fixture
def code(tmp_path):
    folder = tmp_path / "stack"
    folder.mkdir()
    (folder / "main.tf").write_text("one")
    return folder


@pytest.fixture
def made(tmp_path, code):
    initialised = Initialised(tmp_path / "work" / "now")
    start_afresh(initialised, code)
    return initialised


def age(path) -> None:
    long_ago = time.time() - folders.UNUSED - 1
    os.utime(path, (long_ago, long_ago))


def test_the_fingerprint_follows_files_names_and_settings(code):
    first = fingerprint(code, {"bucket": "a"})
    assert first == fingerprint(code, {"bucket": "a"})
    assert first != fingerprint(code, {"bucket": "b"})
    (code / "main.tf").write_text("two")
    second = fingerprint(code, {"bucket": "a"})
    (code / "main.tf").rename(code / "other.tf")
    assert len({first, second, fingerprint(code, {"bucket": "a"})}) == 3


def test_what_terraform_leaves_behind_does_not_count_and_is_not_copied(tmp_path, code):
    before = fingerprint(code)
    for name in (".terraform/x", "terraform.tfstate", "terraform.tfstate.backup", "tests/a.tftest.hcl"):
        (code / name).parent.mkdir(exist_ok=True)
        (code / name).write_text("x")
    assert fingerprint(code) == before
    made = Initialised(tmp_path / "made")
    start_afresh(made, code)
    assert [path.name for path in made.code.iterdir()] == ["main.tf"]


def test_a_folder_that_is_not_there_is_a_missing_setting(tmp_path):
    with pytest.raises(SettingsMissing, match="there is no Terraform stack"):
        fingerprint(tmp_path / "nowhere")


def test_a_run_has_a_private_copy_and_private_variables(made):
    with run_folder(made, {"word": "s3cret"}) as (folder, variables):
        assert (folder / "main.tf").read_text() == "one"
        assert json.loads(variables.read_text()) == {"word": "s3cret"}
        assert stat.S_IMODE(variables.stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


def test_a_run_that_fails_leaves_nothing(made):
    with pytest.raises(KeyError), run_folder(made, {}) as (folder, _):
        raise KeyError
    assert not folder.exists()


def test_what_a_killed_run_left_is_taken_away_after_a_day_save_a_lost_state(made):
    for name in ("run-old", "run-new", "run-lost"):
        (made.folder / name).mkdir()
    (made.folder / "run-lost" / folders.LOST).touch()
    age(made.folder / "run-old")
    age(made.folder / "run-lost")
    with run_folder(made, {}) as (folder, _):
        assert {path.name for path in made.folder.glob("run-*")} == {"run-new", "run-lost", folder.name}


def test_folders_of_other_code_are_taken_away_after_a_day(tmp_path, code):
    for name in ("old", "used", "lost"):
        (tmp_path / "work" / name / "run-1").mkdir(parents=True)
        (tmp_path / "work" / name / "ready").touch()
    (tmp_path / "work" / "lost" / "run-1" / folders.LOST).touch()
    age(tmp_path / "work" / "old" / "ready")
    age(tmp_path / "work" / "lost" / "ready")
    start_afresh(Initialised(tmp_path / "work" / "now"), code)
    assert {path.name for path in (tmp_path / "work").iterdir()} == {"used", "now", "lost"}


def test_a_folder_is_made_afresh(made, code):
    (made.code / "stale.tf").touch()
    (made.data / "stale").touch()
    start_afresh(made, code)
    assert [path.name for path in made.code.iterdir()] == ["main.tf"]
    assert list(made.data.iterdir()) == []


def test_one_at_a_time_holds_the_lock(tmp_path, cancel):
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        with locked(tmp_path / "lock", cancel):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.02)
            inside.pop()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert most == [1, 1, 1, 1]


def test_waiting_for_the_lock_can_be_interrupted(tmp_path, cancel):
    with locked(tmp_path / "lock", cancel):
        cancel.set()
        with pytest.raises(Interrupted), locked(tmp_path / "lock", cancel):
            pytest.fail("two held the lock")
