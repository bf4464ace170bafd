import os
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.adapters.images import content
from reconciler.errors import BuildFailed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    (made / "sub").mkdir(parents=True)
    (made / "a").write_text("one")
    (made / "sub" / "b").write_text("two")
    (made / "link").symlink_to("a")
    return made


def replace_link(folder: Path) -> None:
    (folder / "link").unlink()
    (folder / "link").symlink_to("sub/b")


def link_to_copy(folder: Path) -> None:
    (folder / "link").unlink()
    (folder / "link").write_text("a")


def move_letter(folder: Path) -> None:
    (folder / "a").rename(folder / "ao")
    (folder / "ao").write_text("ne")


MATTERS: dict[str, Callable[[Path], object]] = {
    "content": lambda folder: (folder / "a").write_text("One"),
    "name": lambda folder: (folder / "a").rename(folder / "c"),
    "place": lambda folder: (folder / "sub" / "b").rename(folder / "b"),
    "executable": lambda folder: (folder / "a").chmod(0o755),
    "new file": lambda folder: (folder / "empty").touch(),
    "lost file": lambda folder: (folder / "a").unlink(),
    "link target": replace_link,
    "link or file": link_to_copy,
    "letter moved from content to name": move_letter,
}
DOES_NOT_MATTER: dict[str, Callable[[Path], object]] = {
    "time": lambda folder: os.utime(folder / "a", (1, 1)),
    "rights of others": lambda folder: (folder / "a").chmod(0o600),
    "empty folder": lambda folder: (folder / "nothing").mkdir(),
    "nothing at all": lambda folder: None,
}


@pytest.mark.parametrize("change", MATTERS.values(), ids=MATTERS.keys())
def test_the_fingerprint_changes_with_what_a_program_would_see(change, folder):
    before, _ = content.fingerprint(folder)
    change(folder)
    assert content.fingerprint(folder)[0] != before


@pytest.mark.parametrize("change", DOES_NOT_MATTER.values(), ids=DOES_NOT_MATTER.keys())
def test_the_fingerprint_does_not_change_with_anything_else(change, folder):
    before = content.fingerprint(folder)
    change(folder)
    assert content.fingerprint(folder) == before


def test_the_fingerprint_is_the_same_on_every_machine(folder):
    pinned = "d583334053d7729136a446388628c564d286194ae92428ccebe08ac10b4e0c0c"
    assert content.fingerprint(folder) == (pinned, len("one") + len("two") + len("a"))


def test_a_copy_has_the_fingerprint_of_the_original(folder, tmp_path):
    (tmp_path / "copy").mkdir()
    content.copy(folder, tmp_path / "copy")
    assert content.fingerprint(tmp_path / "copy") == content.fingerprint(folder)


def fill_and_keep(store: Path, text: str) -> content.Blob:
    with content.incoming(store) as scratch:
        (scratch / "model").mkdir()
        (scratch / "model" / "file").write_text(text)
        return content.keep(scratch / "model", store)


def test_a_kept_folder_is_found_under_its_digest_and_nothing_else_is_left(tmp_path):
    store = tmp_path / "deep" / "store"
    blob = fill_and_keep(store, "text")
    digest = blob.digest.removeprefix("sha256:")
    assert [entry.name for entry in store.iterdir()] == [digest]
    assert (store / digest / "file").read_text() == "text"
    assert content.fingerprint(store / digest) == (digest, blob.size)


def test_the_same_content_is_kept_once(tmp_path):
    first = fill_and_keep(tmp_path, "text")
    kept = tmp_path / first.digest.removeprefix("sha256:")
    inode = kept.stat().st_ino
    assert fill_and_keep(tmp_path, "text") == first
    assert kept.stat().st_ino == inode
    assert fill_and_keep(tmp_path, "other") != first
    assert len(list(tmp_path.iterdir())) == 2


def test_content_that_fails_halfway_leaves_nothing(tmp_path):
    def fail_halfway() -> None:
        with content.incoming(tmp_path) as scratch:
            (scratch / "half").write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_is_told(tmp_path):
    (tmp_path / "store").write_text("a file where the folder should be")
    with pytest.raises(BuildFailed, match="could not write to"), content.incoming(tmp_path / "store"):
        pass
