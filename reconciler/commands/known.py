"""Projects that somebody names: those of the manifest, and those that have left it and something behind."""

from collections.abc import Iterable

from reconciler.core import names
from reconciler.core.desired import DesiredState
from reconciler.core.near import no_project
from reconciler.errors import ReconcilerError
from reconciler.ports import World


def no_such_project(name: str, desired: DesiredState, stacks: Iterable[str]) -> ReconcilerError:
    """The error about a project that neither the manifest has nor a state among `stacks`, their keys."""
    left = names.projects_of(desired.platform.environment, stacks)
    return ReconcilerError(*no_project([name], desired.titles(left)))


def check_known(name: str, desired: DesiredState, world: World) -> None:
    """Raises ReconcilerError for a project that nobody knows, ReadFailed. The states are read only where they tell."""
    if is_known(name, desired, ()):
        return
    stacks = world.state.stacks()
    if not is_known(name, desired, stacks):
        raise no_such_project(name, desired, stacks)


def is_known(name: str, desired: DesiredState, stacks: Iterable[str]) -> bool:
    """Whether there is a project of this title; of one that left the manifest, its name."""
    wanted = any(project.title == name for project in desired.projects)
    return wanted or name in names.projects_of(desired.platform.environment, stacks)
