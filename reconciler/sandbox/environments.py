"""Chooses the Python environment for a folder: the sandbox's own where it will do, else one made for it."""

import hashlib
import json
import platform
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from enum import Enum
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from reconciler.sandbox import linked, uv
from reconciler.sandbox.folders import read_needs
from reconciler.sandbox.installed import OwnEnvironment, unmet
from reconciler.sandbox.locks import exclusive
from reconciler.sandbox.needs import EnvironmentFailed, Needs, name_of, parse

Say = Callable[[str], None]
Create = Callable[[Path, Needs, Path, Mapping[str, str], Say], None]
"""Makes an environment in a folder: see uv.create."""

MLFLOW = frozenset(map(canonicalize_name, ("mlflow", "mlflow-skinny")))
SETUPTOOLS = canonicalize_name("setuptools")
SHOWN = 12
"""Packages that are named where some are left out: an export of a whole environment has hundreds."""
SAID = 200
"""Lines of what uv said that stand in the log of a job whose environment it could not make."""
SERVES_ASGI = "lib/python*/site-packages/mlflow/pyfunc/scoring_server/app.py"


class Purpose(Enum):
    """What an environment is for: the packages that it needs whatever the folder says, beside MLflow."""

    JOB = ()
    SERVING = ("pandas", "uvicorn", "fastapi")


@dataclass(frozen=True, slots=True)
class Environment:
    """A Python environment that is ready to use."""

    bin: Path
    serves_asgi: bool
    """Whether its MLflow has the scoring server that uvicorn can run (MLflow 3; older ones bring their own)."""

    @property
    def python(self) -> str:
        """Path of its interpreter."""
        return str(self.bin / "python")


@dataclass(frozen=True, slots=True)
class Environments:
    """The environments of one sandbox."""

    folder: Path
    environ: Mapping[str, str]
    """Environment variables for uv: the user's indexes, proxies and caches."""
    create: Create = uv.create

    def provide(self, source: Path, purpose: Purpose, say: Say) -> Environment:
        """The environment for the project or model in `source`; may take minutes the first time.

        Raises EnvironmentFailed with a one-line reason.
        """
        needs = read_needs(source)
        _say_left_out(needs.left_out, say)
        missing = unmet(needs, OwnEnvironment(), platform.python_version())
        if not missing:
            return self._linked(needs, purpose, say)
        needs = _complete(needs, purpose)
        target = self.folder / _key(needs, source)

        def create(made: Path) -> None:
            began = time.monotonic()
            say(f"creating a Python environment, once: the sandbox's own lacks {', '.join(missing)}")
            self._install(made, needs, _local_copy(needs, source, made.parent / "source"), say)
            say(f"created the environment in {time.monotonic() - began:.0f} s")

        try:
            _make_once(target, create, say)
        except EnvironmentFailed as error:
            for line in error.output.splitlines()[-SAID:]:
                say(line)
            raise
        return Environment(target / "bin", serves_asgi=any(target.glob(SERVES_ASGI)))

    def _linked(self, needs: Needs, purpose: Purpose, say: Say) -> Environment:
        """One that holds links to the sandbox's own packages: made in a moment, and kept."""
        names = linked.closure(_asked(needs, purpose))
        known = json.dumps([linked.versions(names), platform.python_version(), sys.prefix], sort_keys=True)
        target = self.folder / f"linked-{hashlib.sha256(known.encode()).hexdigest()[:16]}"
        _make_once(target, lambda made: linked.link(made, target, names), say)
        return Environment(target / "bin", serves_asgi=True)

    def _install(self, target: Path, needs: Needs, source: Path, say: Say) -> None:
        """Install, leaving out what conda asked for and PyPI turns out not to know."""
        try:
            self.create(target, needs, source, self.environ, say)
        except uv.UnknownPackages as error:
            unknown = error.names & needs.uncertain
            if not unknown:
                raise
            _say_left_out(sorted(unknown), say)
            self._install(target, needs.without(unknown), source, say)


def _make_once(target: Path, make: Callable[[Path], None], say: Say) -> None:
    """Make an environment aside and move it into place: no interruption leaves half of one under its name.

    Raises EnvironmentFailed.
    """
    aside = target.with_suffix(".part")
    try:
        with exclusive(target.with_suffix(".lock"), uv.TIMEOUT, lambda: say("waiting for its environment")):
            if (target / "bin" / "python").exists():
                return
            shutil.rmtree(aside, ignore_errors=True)
            try:
                make(aside / "environment")
                shutil.rmtree(target, ignore_errors=True)  # its Python may be gone from this machine
                (aside / "environment").rename(target)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise EnvironmentFailed(f"the environment cannot be created: {error}") from error


def _asked(needs: Needs, purpose: Purpose) -> list[Requirement]:
    """What an image on AWS would be given: what the folder asks for, and MLflow with all its packages.

    An image for training gets that only where nothing else brings MLflow; one for serving gets it always.
    """
    named = [one for line in needs.lines + needs.build if (one := parse(line))]
    brings = "mlflow-skinny" in linked.closure(named)
    if purpose is Purpose.SERVING or not brings:
        named.append(Requirement("mlflow"))
    return [*named, Requirement("pip"), *map(Requirement, purpose.value)]


def _say_left_out(names: Sequence[str], say: Say) -> None:
    if names:
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        say(f"left out of what conda would install, since pip has no such package: {', '.join(names[:SHOWN])}{more}")


def _complete(needs: Needs, purpose: Purpose) -> Needs:
    """With MLflow and what serving needs, unless the folder says which version of it."""
    named = {name_of(line) for line in needs.lines}
    more = tuple(package for package in purpose.value if canonicalize_name(package) not in named)
    own = metadata.version("mlflow-skinny")
    mlflow = () if named & MLFLOW else _mlflow(own)
    return replace(needs, lines=needs.lines + more + mlflow, build=needs.build + _setuptools(needs, own))


def _mlflow(own: str) -> tuple[str, ...]:
    """The sandbox's version; older Pythons get the newest that still knows them."""
    return (f'mlflow-skinny=={own}; python_version >= "3.10"', 'mlflow-skinny; python_version < "3.10"')


def _setuptools(needs: Needs, own: str) -> tuple[str, ...]:
    """What another MLflow than the sandbox's may need: older ones import pkg_resources and do not say so."""
    pins = {
        name: one.specifier for line in needs.lines + needs.build if (one := parse(line)) and (name := name_of(line))
    }
    older = any(name in MLFLOW and not pin.contains(own) for name, pin in pins.items())
    return ("setuptools<81",) if older and not pins.get(SETUPTOOLS) else ()


def _key(needs: Needs, source: Path) -> str:
    """The same for folders that ask for the same; a folder that installs its own files is alone with them."""
    content = [sorted(map(str, part)) if isinstance(part, tuple | frozenset) else str(part) for part in astuple(needs)]
    own_files = source.name if _installs_own_files(needs) else ""
    text = json.dumps([content, own_files, platform.python_version()])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _local_copy(needs: Needs, source: Path, copy: Path) -> Path:
    """A folder to install from: building a package writes into its source, and images must stay as they are."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    if not _installs_own_files(needs):
        return copy.parent
    shutil.rmtree(copy, ignore_errors=True)
    return Path(shutil.copytree(source, copy, symlinks=True))


def _installs_own_files(needs: Needs) -> bool:
    return any(parse(line) is None for line in needs.lines)
