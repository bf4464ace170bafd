"""Requirements files, as pip reads them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.sandbox.needs import EnvironmentFailed

COMMENT = re.compile(r"(^|\s+)#.*$")
REFERENCE = re.compile(r"^(?P<kind>-r|-c|--requirement|--constraint)(?:\s*=\s*|\s*)(?P<path>\S.*)$")
EDITABLE = re.compile(r"^(?:-e|--editable)(?:\s*=\s*|\s*)(?P<target>\S.*)$")


@dataclass(frozen=True, slots=True)
class PipLines:
    """The lines of a requirements file and of all that it refers to, by kind."""

    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    def __add__(self, other: "PipLines") -> "PipLines":
        return PipLines(
            self.requirements + other.requirements,
            self.constraints + other.constraints,
            self.options + other.options,
        )


def read_file(path: Path, root: Path, readers: tuple[Path, ...] = ()) -> PipLines:
    """Read a requirements file of the folder `root`; `readers` are the files that refer to it.

    Raises EnvironmentFailed when the file is missing, unreadable, or not in the folder.
    """
    path = path.resolve()
    if path in readers:
        return PipLines()
    if not path.is_relative_to(root.resolve()):
        raise EnvironmentFailed(f"requirements file {path.name} is outside of the project's folder")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentFailed(f"requirements file {path.name} cannot be read: {_reason(error)}") from error
    return sort_lines(text.replace("\\\n", " ").splitlines(), path.parent, root, (*readers, path))


def sort_lines(lines: Sequence[str], folder: Path, root: Path, readers: tuple[Path, ...] = ()) -> PipLines:
    """Sort lines that are relative to `folder` by kind, following references to other files."""
    return sum((_sort(line, folder, root, readers) for line in _clean(lines)), PipLines())


def _sort(line: str, folder: Path, root: Path, readers: tuple[Path, ...]) -> PipLines:
    if reference := REFERENCE.match(line):
        inner = read_file(folder / reference["path"].strip(), root, readers)
        if reference["kind"] in {"-r", "--requirement"}:
            return inner
        return PipLines(constraints=inner.requirements + inner.constraints, options=inner.options)
    if editable := EDITABLE.match(line):
        return PipLines(requirements=(editable["target"].strip(),))
    return PipLines(options=(line,)) if line.startswith("-") else PipLines(requirements=(line,))


def _clean(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if text := COMMENT.sub("", line).strip():
            yield text


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else (error.strerror or str(error))
