"""Parameters that somebody gives a training on the command line."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from reconciler.core.desired import Demands, DesiredState, Pairs, Project
from reconciler.core.near import meant
from reconciler.errors import ReconcilerError


def given_parameters(words: Sequence[str]) -> Pairs:
    """`KEY=VALUE` by key, sorted; of a key that is given twice the last. Raises ReconcilerError."""
    given = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not key or not equals:
            raise ReconcilerError(f"-P {word} is no parameter", "write KEY=VALUE, as in -P alpha=0.9")
        given[key] = value
    return tuple(sorted(given.items()))


def check_parameters(demands: Demands, desired: DesiredState) -> None:
    """Raises ReconcilerError for a parameter that the project's entry point does not know."""
    for project in desired.projects:
        if project.title in demands.train and not _takes_anything(project):
            for key, _ in demands.parameters:
                if key not in project.source.parameters:
                    known = ", ".join(project.source.parameters) or "none"
                    what = f"{project.title} has no parameter {key}{meant([key], project.source.parameters)}"
                    raise ReconcilerError(what, f"known are: {known}")


def _takes_anything(project: Project) -> bool:
    """Whether a script is run, which MLflow hands whatever there is."""
    return bool(PurePosixPath(project.training.inputs.entry_point).suffix)
