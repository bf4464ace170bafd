"""Watching a real folder: what is looked at again, and what is not."""

import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import pytest

from reconciler.adapters.watcher import Watcher
from reconciler.commands.watch import Saves, ground_of, watch, watch_command
from reconciler.errors import ManifestInvalid, ReconcilerError, Refused
from reconciler.reconcile import Options

PATIENCE = 20.0
"""Seconds that a notice of the operating system may take at most."""


class Watched:
    """A watch that runs, with a look that only counts."""

    def __init__(self, manifest: Path) -> None:
        self.looks: SimpleQueue[int] = SimpleQueue()
        self.error: ReconcilerError | None = None
        self.saves: Saves = SimpleQueue()
        self.codes: SimpleQueue[int] = SimpleQueue()
        self.code = 0
        self._manifest = manifest
        self._count = 0
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        with Watcher(self.saves.put) as watcher:
            self.codes.put(watch(ground_of(self._manifest), self.saves, watcher, self._look))

    def _look(self) -> int:
        self._count += 1
        self.looks.put(self._count)
        if self.error:
            raise self.error
        return self.code

    def __enter__(self) -> "Watched":
        self._thread.start()
        self.looked()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> int:
        self.saves.put(None)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        self.codes.put(code := self.codes.get(timeout=PATIENCE))
        return code

    def looked(self) -> int:
        """Wait for the next look."""
        return self.looks.get(timeout=PATIENCE)


@pytest.fixture
def manifest(team) -> Path:
    return team / "manifests" / "prod.yaml"


def by_renaming(path: Path, text: str) -> None:
    """As most editors save."""
    (path.parent / f".{path.name}.swp").write_text("scratch")
    path.rename(path.with_name(f"{path.name}~"))
    fresh = path.with_name("4913")
    fresh.write_text(text)
    fresh.rename(path)


def in_place(path: Path, text: str) -> None:
    path.write_text(text)


@pytest.mark.parametrize("save", [in_place, by_renaming])
@pytest.mark.parametrize("name", ["manifests/prod.yaml", "ml-projects/churn/MLproject"])
def test_a_save_is_looked_at_however_the_editor_saves(
    manifest: Path, team: Path, name: str, save: Callable[[Path, str], None], capsys
):
    with Watched(manifest) as watched:
        save(team / name, (team / name).read_text() + "\n")
        watched.looked()
    assert f"changed: {name}\n" in capsys.readouterr().err


def test_a_commit_is_looked_at_for_only_what_is_committed_is_trained(manifest, team, git):
    (team / "ml-projects" / "churn" / "train.py").write_text("print(1)\n")
    with Watched(manifest) as watched:
        git(team, "add", "--all")
        git(team, "commit", "--quiet", "--message", "train")
        watched.looked()


def test_what_git_would_not_see_is_not_looked_at(manifest, team):
    with Watched(manifest) as watched:
        (team / "ml-projects" / "churn" / "train.log").write_text("ignored by .gitignore")
        (team / "ml-projects" / "churn" / "__pycache__").mkdir()
        (team / "manifests" / "other.yaml").write_text("version: 1")
        (team / "ml-projects" / "unlisted").mkdir()
        (team / "ml-projects" / "unlisted" / "MLproject").write_text("name: unlisted\n")
        (team / "ml-projects" / "churn" / "train.py").write_text("the one that counts")
        assert watched.looked() == 2
    assert watched.looks.empty()


def test_a_project_that_the_manifest_names_before_its_folder_is_there_is_watched_once_it_is(manifest, team):
    with Watched(manifest) as watched:
        manifest.write_text(manifest.read_text() + "  ranker: {source: elsewhere/ranker}\n")
        watched.looked()
        folder = team / "elsewhere" / "ranker"
        folder.mkdir(parents=True)
        watched.looked()
        (folder / "MLproject").write_text("name: ranker\n")
        watched.looked()


def test_an_error_is_shown_and_the_watch_goes_on(manifest, team, capsys):
    with Watched(manifest) as watched:
        watched.error = ManifestInvalid((f"{manifest}:9: projects.churn.trainig: an unknown key",))
        manifest.write_text(manifest.read_text() + "  broken: [\n")
        watched.looked()
        watched.error = None
        (team / "ml-projects" / "churn" / "MLproject").write_text("name: churn\n\n")
        watched.looked()
        assert watched.stop() == 0
    assert "prod.yaml:9: projects.churn.trainig" in capsys.readouterr().err


def test_a_look_that_was_interrupted_ends_the_watch(manifest):
    with Watched(manifest) as watched:
        watched.code = 130
        manifest.write_text(manifest.read_text() + "\n")
        watched.looked()
        assert watched.stop() == 130


def test_apply_is_for_the_sandbox_alone(manifest):
    with pytest.raises(Refused, match="is not for the sandbox"):
        watch_command(manifest, Options(), apply=True)


def test_a_path_without_a_manifest_is_told_at_once(manifest):
    with pytest.raises(ManifestInvalid, match="does not exist"):
        watch_command(manifest.with_name("nothing.yaml"), Options(), apply=False)
