"""`--out` and `--plan`: plans in files."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reconciler.core.basis import Basis, Side
from reconciler.core.desired import Demands, Platform
from reconciler.errors import ReconcilerError, Refused
from reconciler.reconcile import Options
from reconciler.render import format as form
from reconciler.render.document import failure_document
from reconciler.settings import Settings


class PlanFile:
    """What `--out` writes: whatever happens, the file is of this run when it ends."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.platform: Platform | None = None
        """Of the manifest, once it is known."""
        self.content: dict[str, Any] | None = None

    def write(self) -> None:
        """Write the content at once, for the owner alone. Raises ReconcilerError."""
        if self._path is None or self.content is None:
            return
        try:
            handle, fresh = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)
            with os.fdopen(handle, "w") as file:
                file.write(json.dumps(self.content, indent=2) + "\n")
            Path(fresh).replace(self._path)
        except OSError as error:
            raise _unwritable(self._path, str(error.strerror)) from error


@contextmanager
def plan_file(path: Path | None) -> Iterator[PlanFile]:
    """The file of one command; it is written on failure too. Raises ReconcilerError when it cannot be written."""
    if path is not None:
        _check(path)
    file = PlanFile(path)
    try:
        yield file
    except ReconcilerError as error:
        error.retell(Settings.read().redactor)
        file.content = failure_document(error, file.platform)
        file.write()
        raise
    file.write()


def _check(path: Path) -> None:
    """Before anything is done, so that nothing is done that could not be told."""
    if path.exists() and not path.is_file():
        raise _unwritable(path, "it is no regular file")
    if not os.access(path.parent, os.W_OK):
        raise _unwritable(path, f"{path.parent} is no folder that can be written to")


def _unwritable(path: Path, why: str) -> ReconcilerError:
    return ReconcilerError(f"{path} cannot be written: {why}", "give --out a file in a folder of yours")


def planned_options(path: Path, platform: Platform, chosen: Options) -> Options:
    """What a plan file says, and nothing else that shapes a plan. Raises Refused, ReconcilerError."""
    # Loads pydantic.
    from reconciler.render.schema import AGAIN, read

    try:
        plan = read(path.read_bytes(), str(path))
    except OSError as error:
        raise ReconcilerError(f"{path} cannot be read: {error.strerror}", AGAIN) from error
    theirs, ours = _environment(plan), _environment(platform)
    if theirs != ours:
        raise Refused(
            f"{path} is a plan of {theirs}, the manifest is of {ours}", "give that environment's manifest: -m"
        )
    asked = plan.options
    demands = Demands(
        train=frozenset(asked.train),
        retry=frozenset(asked.retry),
        parameters=tuple(sorted(asked.parameters.items())),
        despite_alarm=frozenset(asked.despite_alarm),
    )
    return Options(
        projects=frozenset(asked.projects),
        allow_retire=frozenset(asked.allow_retire),
        demands=demands,
        wait=chosen.wait,
        parallelism=chosen.parallelism,
        planned=_basis(plan.basis),
    )


def _environment(of: form.Plan | Platform) -> str:
    name = of.platform if isinstance(of, form.Plan) else of.name
    return f"{name}-{of.environment} in {of.region}"


def _basis(rests: form.Basis) -> Basis:
    return Basis(rests.commit, _side(rests.desired), _side(rests.observed), _side(rests.plan))


def _side(side: form.Side) -> Side:
    return Side(side.environment, side.projects)
