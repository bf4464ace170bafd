"""Environments made of links to the sandbox's own packages: what a folder asks for, what that asks for, and no more.

What an image on AWS would lack is lacked here too: the sandbox's own environment holds much that it needs itself.
"""

import sys
import sysconfig
import venv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

OWN = Path(sysconfig.get_paths()["purelib"])
"""Where the sandbox's own packages are."""
SCRIPT = """\
#!/bin/sh
'''exec' '{python}' "$0" "$@"
' '''
import sys
from {module} import {function}
sys.exit({attribute}())
"""
"""A shebang line may not be as long as a path."""

Files = tuple[tuple[str, ...], ...]


def closure(requirements: Iterable[Requirement]) -> tuple[NormalizedName, ...]:
    """Names of installed packages that these requirements bring, sorted; what is not installed is left out."""
    found: set[NormalizedName] = set()
    asked = [(canonicalize_name(one.name), frozenset(one.extras)) for one in requirements]
    known: set[tuple[NormalizedName, frozenset[str]]] = set()
    while asked:
        name, extras = wanted = asked.pop()
        if wanted in known or name not in _installed():
            continue
        known.add(wanted)
        found.add(name)
        asked += [(canonicalize_name(one.name), frozenset(one.extras)) for one in _asked_by(name, extras)]
    return tuple(sorted(found))


def versions(names: Iterable[NormalizedName]) -> Mapping[str, str]:
    """Versions of installed packages."""
    return {name: metadata.version(name) for name in names}


def link(aside: Path, target: Path, names: Iterable[NormalizedName]) -> None:
    """Make an environment that holds these installed packages in `aside`, to be moved to `target`. Raises OSError."""
    venv.EnvBuilder(symlinks=True, with_pip=False).create(aside)
    chosen = frozenset(names)
    site = aside / OWN.relative_to(sys.prefix)
    entries = [(parts, name) for name in _installed() for parts in _files(name)]
    _place(site, OWN, entries, chosen)
    for name in chosen:
        _write_scripts(aside / "bin", target / "bin" / "python", name)


def _place(
    site: Path, own: Path, entries: Iterable[tuple[tuple[str, ...], NormalizedName]], chosen: frozenset[NormalizedName]
) -> None:
    """Link whole what only the chosen packages have, and go into what they share with others."""
    below: dict[str, list[tuple[tuple[str, ...], NormalizedName]]] = defaultdict(list)
    for parts, name in entries:
        below[parts[0]].append((parts[1:], name))
    for first, rest in below.items():
        owners = {name for _, name in rest}
        if not owners & chosen or first == "__pycache__":
            continue
        if owners <= chosen or not (own / first).is_dir():
            (site / first).symlink_to(own / first)
            continue
        (site / first).mkdir()
        _place(site / first, own / first, [one for one in rest if one[0]], chosen)


def _write_scripts(bin_folder: Path, python: Path, name: NormalizedName) -> None:
    """What the package puts on PATH: its programs, and scripts that call its functions."""
    for entry in metadata.distribution(name).entry_points.select(group="console_scripts"):
        module, _, attribute = entry.value.partition(" ")[0].partition(":")
        function = attribute.partition(".")[0]
        script = bin_folder / entry.name
        script.write_text(SCRIPT.format(python=python, module=module, function=function, attribute=attribute))
        script.chmod(0o755)
    for program in _programs(name):
        if not (bin_folder / program).exists() and (Path(sys.prefix) / "bin" / program).exists():
            (bin_folder / program).symlink_to(Path(sys.prefix) / "bin" / program)


def _programs(name: NormalizedName) -> Iterator[str]:
    start = "../../../bin/"
    return (line.partition(",")[0].removeprefix(start) for line in _record(name) if line.startswith(start))


@lru_cache(maxsize=1)
def _installed() -> Mapping[NormalizedName, metadata.Distribution]:
    found = (one for one in metadata.distributions(path=[str(OWN)]) if one.metadata["Name"])
    return {canonicalize_name(one.metadata["Name"]): one for one in found}


def _asked_by(name: NormalizedName, extras: frozenset[str]) -> Iterator[Requirement]:
    for line in _installed()[name].requires or ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement


def _files(name: NormalizedName) -> Iterator[tuple[str, ...]]:
    for line in _record(name):
        path = line.partition(",")[0].strip('"')
        if path and not path.startswith(("..", "/")):
            yield tuple(path.split("/"))


def _record(name: NormalizedName) -> list[str]:
    return (_installed()[name].read_text("RECORD") or "").splitlines()
