"""Parameters that somebody gives a training on the command line."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from reconciler.core.desired import Demands, DesiredState, Pairs, Project
from reconciler.core.parameters import all_parameters, parameter_fault
from reconciler.core.redaction import is_secret
from reconciler.errors import ReconcilerError

LONGEST = 3_500
"""Characters of JSON. ECS takes 8,192 of what a job has otherwise than its definition, the command with it
(https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html, `overrides`), and MLflow 5,000 of a tag
(https://mlflow.org/docs/latest/api_reference/rest-api.html#set-tag)."""


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
    """Raises ReconcilerError for parameters that the project's entry point does not take, or of which are too many."""
    if not demands.parameters:
        return
    for project in desired.projects:
        if project.title in demands.train:
            _check(project, demands.parameters)


def _check(project: Project, given: Pairs) -> None:
    known, entry = dict(project.source.parameters), project.training.inputs.entry_point or "main"
    for key, value in given:
        if is_secret(value):
            what = (
                f"-P {key}: the value (not shown) looks like a password or token, which would stand in plans and MLflow"
            )
            raise ReconcilerError(what, "let the code read it from a variable: training.secrets in the manifest")
    for key, value in () if PurePosixPath(entry).suffix else given:  # a script takes whatever it is given
        if fault := parameter_fault(key, value, known, entry):
            remedy = f"{project.title} takes: {', '.join(known) or 'none'}"
            raise ReconcilerError(f"-P {key}: {fault}", remedy)
    if len(all_parameters(project.training.inputs.parameters, given)) > LONGEST:
        what = f"{project.title} would be given more than {LONGEST} characters of parameters by hand"
        raise ReconcilerError(
            what, "give the name of a file or an object that holds them, or write them into the manifest"
        )
