"""Folders of new projects, from the template that came with the program."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from reconciler.errors import SourceUnusable

TEMPLATE = Path(__file__).resolve().parent.parent / "templates" / "project"
_NAME = "{{ project }}"


def project_files(name: str) -> Mapping[str, str]:
    """The files of a new project, text by name."""
    files = sorted(path for path in TEMPLATE.iterdir() if path.is_file())
    return {path.name: path.read_text(encoding="utf-8").replace(_NAME, name) for path in files}


@contextmanager
def new_folder(folder: Path, files: Mapping[str, str]) -> Iterator[None]:
    """A folder that is there as a whole, once all goes well inside. Raises SourceUnusable."""
    if folder.exists() or folder.is_symlink():
        raise SourceUnusable(f"{folder} is there already, and nothing is overwritten", "choose another name")
    draft = folder.with_name(f".{folder.name}.new")
    try:
        _write(draft, files)
        yield
        draft.rename(folder)
    except OSError as fault:
        raise SourceUnusable(f"{folder} cannot be written: {fault.strerror}") from fault
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _write(folder: Path, files: Mapping[str, str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
