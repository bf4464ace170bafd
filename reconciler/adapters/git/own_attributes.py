"""Keeping this machine's attributes away from what git exports."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from reconciler.adapters.git.command import Git

_OPTIONS = ("-c", "core.attributesFile=/dev/null")
_VARIABLES = {"GIT_ATTR_NOSYSTEM": "1"}
_INFO, _ATTRIBUTES = "info", "attributes"


@contextmanager
def without_machines(git: Git) -> Iterator[Git]:
    """Git, at work at the same top level, which obeys the attributes of its trees alone. Raises SourceUnusable.

    No option turns off `info/attributes` of the repository. Where that says something, git is given its own folder once
    more, by links, without that file (GIT_COMMON_DIR, https://git-scm.com/docs/git): configuration and objects, those
    of filters too, are the repository's.
    """
    alone = replace(git, options=_OPTIONS, variables=_VARIABLES)
    attributes = (
        git.folder / git.ask("rev-parse", "--git-path", f"{_INFO}/{_ATTRIBUTES}").removesuffix("\n")
    ).resolve()
    if not _says_something(attributes):
        yield alone
        return
    info = attributes.parent
    own = git.ask("rev-parse", "--absolute-git-dir").removesuffix("\n")
    with tempfile.TemporaryDirectory(prefix="reconcile-git-") as scratch:
        _link_all(info.parent, Path(scratch), but=info.name)
        (Path(scratch) / _INFO).mkdir()
        _link_all(info, Path(scratch) / _INFO, but=_ATTRIBUTES)
        places = {"GIT_DIR": own, "GIT_COMMON_DIR": scratch, "GIT_WORK_TREE": str(git.folder)}
        yield replace(alone, variables={**_VARIABLES, **places})


def _says_something(attributes: Path) -> bool:
    try:
        return bool(attributes.read_bytes().strip())
    except OSError:
        return False


def _link_all(folder: Path, target: Path, but: str) -> None:
    for path in folder.iterdir():
        if path.name != but:
            (target / path.name).symlink_to(path)
