"""Requirements as pip reads them: the lines of an environment, and the files that they refer to.

https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reconciler.mlproject.findings import Findings
from reconciler.mlproject.packages import CONDAS_ALONE, HARMLESS, NO_SUCH_ON_PYPI, PYPI_NAMES, elsewhere
from reconciler.mlproject.values import Files, PipLines, leads_out, shown
from reconciler.mlproject.yaml_file import text_of

_COMMENT = re.compile(r"(^|\s)#.*$")
_OPTIONS = re.compile(r"\s-.*$")
"""Of one requirement: https://pip.pypa.io/en/stable/reference/requirements-file-format/#per-requirement-options"""
_REFERENCE = re.compile(r"^(?P<kind>-r|-c|--requirement|--constraint)(?:\s*=\s*|\s*)(?P<path>\S.*)$")
_EDITABLE = re.compile(r"^(?:-e|--editable)(?:\s*=\s*|\s*)(?P<target>\S.*)$")
_ADDRESS = re.compile(r"^[a-z+]+://|^file:|^git\+|^[^@\s]+@[^@]+:", re.IGNORECASE)
_ARCHIVES = (".whl", ".tar.gz", ".zip")
_MAKES_A_PACKAGE = ("pyproject.toml", "setup.py", "setup.cfg")
_MOST_FILES = 50
"""That refer to one another."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, and where it stands."""

    text: str
    file: str
    number: int
    key: str = ""


def sort_lines(lines: Iterable[Line], base: str, files: Files, findings: Findings) -> PipLines:
    """Sort lines by kind, following references to files. Paths in `lines` are relative to the folder `base`."""
    return _Walk(files, findings).lines(lines, base)


class _Walk:
    def __init__(self, files: Files, findings: Findings) -> None:
        self._files, self._findings = files, findings
        self._names = frozenset(files.names)
        self._open: list[str] = []
        self._read = 0

    def lines(self, lines: Iterable[Line], base: str) -> PipLines:
        return PipLines.joined(self._sort(line, base) for line in _clean(lines))

    def _sort(self, line: Line, base: str) -> PipLines:
        if reference := _REFERENCE.match(line.text):
            inner = self._file(reference["path"].strip().strip("\"'"), line, base)
            if reference["kind"] in {"-r", "--requirement"}:
                return inner
            return PipLines(constraints=inner.requirements + inner.constraints, options=inner.options)
        if editable := _EDITABLE.match(line.text):
            target = _OPTIONS.sub("", editable["target"]).strip().strip("\"'")
            self._check_path(target, line, base)
            return PipLines(requirements=(target,))
        if line.text.startswith("-"):
            return PipLines(options=(line.text,))
        self._check(line, base)
        return PipLines(requirements=(line.text,))

    def _file(self, path: str, line: Line, base: str) -> PipLines:
        if _ADDRESS.match(path) or "${" in path:
            return PipLines(options=(line.text,))
        name = posixpath.normpath(posixpath.join(base, path))
        if name in self._open:
            return PipLines()
        if leads_out(name) or not self._holds(name):
            self._absent(path, name, line)
            return PipLines()
        self._read += 1
        text = text_of(name, self._files, self._findings, of_pip=True) if self._read <= _MOST_FILES else ""
        self._open.append(name)
        found = self.lines(_numbered(text or "", name), posixpath.dirname(name))
        self._open.pop()
        return found

    def _holds(self, name: str) -> bool:
        return name in self._names or self._files.read(name) is not None

    def _absent(self, path: str, name: str, line: Line) -> None:
        out = leads_out(name)
        why = "leads out of the project's folder, of which alone an image is made" if out else "is not in the commit"
        remedy = "copy it into the folder" if out else "add the file and commit it, or take the line away"
        self._findings.add(line.file, line.number, line.key, f"{path} {why}; {remedy}")

    def _check(self, line: Line, base: str) -> None:
        from packaging.requirements import InvalidRequirement, Requirement

        text = _OPTIONS.sub("", line.text).strip().rstrip("; ")
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            self._check_path(text.partition(";")[0].strip(), line, base)
            return
        except RecursionError:
            self._findings.add(line.file, line.number, line.key, f"{shown(text)} is nested too deeply")
            return
        try:
            counts = requirement.marker is None or requirement.marker.evaluate(_LINUX)
        except (ValueError, LookupError, TypeError, RecursionError):
            what = f"{shown(text)} has a condition that pip cannot decide"
            self._findings.add(line.file, line.number, line.key, what)
            return
        if counts and (requirement.url or text.endswith(_ARCHIVES)):
            self._check_path(requirement.url or text, line, base)
            if requirement.url and not re.match("[a-z+]+:|.*[$]", requirement.url, re.IGNORECASE):
                what = f"{shown(text)} is no requirement; write {requirement.url} alone"
                self._findings.add(line.file, line.number, line.key, what)
        if counts:
            self._check_name(requirement.name, line)

    def _check_path(self, text: str, line: Line, base: str) -> None:
        """A path in the folder, with extras behind it or not; else it is no requirement at all."""
        path = re.sub(r"\[[\w, .-]*\]$", "", text)
        if "$" in path:
            return
        if re.match("file://+", path, re.IGNORECASE):
            what = f"{shown(path)} lies on the machine that wrote it; write a name and a version: pandas==2.2.3"
            self._findings.add(line.file, line.number, line.key, what)
            return
        if _ADDRESS.match(path):
            return
        name = posixpath.normpath(posixpath.join(base, path))
        if name in self._names:
            return
        if name == "." or any(one.startswith(f"{name}/") for one in self._names):
            made_by = [posixpath.normpath(posixpath.join(name, one)) for one in _MAKES_A_PACKAGE]
            if not self._names & set(made_by):
                what = f"{shown(path)} is no package: it has no pyproject.toml and no setup.py"
                self._findings.add(line.file, line.number, line.key, what)
            return
        if path.startswith((".", "/")) or path.endswith(_ARCHIVES) or "/" in path:
            self._absent(path, name, line)
        else:
            what = f"{shown(text)} is no requirement; write a name and, where it matters, a version: pandas>=2"
            self._findings.add(line.file, line.number, line.key, what)

    def _check_name(self, name: str, line: Line) -> None:
        known = name.lower().replace("_", "-").replace(".", "-")
        system = elsewhere(known)
        if system and known not in HARMLESS:
            what = f"{name} is for {system}, and jobs run on Linux"
            marker = 'sys_platform == "win32"' if system == "Windows" else 'sys_platform == "darwin"'
            self._findings.add(line.file, line.number, line.key, f"{what}; take it out, or write {name}; {marker}")
        elif known in CONDAS_ALONE:
            what = f"{name} is a package of conda, which pip does not have; name it in a conda_env, or take it out"
            self._findings.add(line.file, line.number, line.key, what)
        elif known in NO_SUCH_ON_PYPI:
            what = f"{name} is conda's name; pip has it as {PYPI_NAMES[known]}"
            self._findings.add(line.file, line.number, line.key, what)


_LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"}


def _clean(lines: Iterable[Line]) -> Iterator[Line]:
    for line in lines:
        if text := _COMMENT.sub("", line.text).strip():
            yield Line(text, line.file, line.number, line.key)


def _numbered(text: str, name: str) -> Iterator[Line]:
    """Lines with their numbers; one that goes on behind a backslash has that of its beginning."""
    begun, held = 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
        begun = begun if held else number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            held += line[:-1] + " "
            continue
        yield Line(held + line, name, begun)
        held = ""
    if held:
        yield Line(held, name, begun)
