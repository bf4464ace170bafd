"""Stacks that are applied: what AWS would not make, because it is there already and ours, is imported in the same run.

It was not there when the run looked: a request whose answer was lost made it, and so did its repetition fail.
"""

from reconciler.core import names
from reconciler.core.observed import Spec, Stray
from reconciler.core.rollout import longest
from reconciler.core.strays import ADOPT, adopting, foreign, taken_in
from reconciler.errors import AlreadyThere, ReadFailed
from reconciler.perform.executor import Executor
from reconciler.ports import Say
from reconciler.strays import look_again

ENDPOINT = "aws_sagemaker_endpoint.live[0]"
"""Its address in the stack `deployment`."""


def apply_stack(kind: str, project: str | None, spec: Spec, executor: Executor, say: Say) -> None:
    """Apply a stack that can import. Raises TerraformFailed, StateLocked, Interrupted."""
    while True:
        try:
            executor.world.terraform.apply(kind, project, executor.variables(project, spec), say)
        except AlreadyThere as error:
            spec = _with_what_is_there(kind, project, spec, error, executor, say)
        else:
            return


def _with_what_is_there(  # a stack, and what happened to it
    kind: str, project: str | None, spec: Spec, error: AlreadyThere, executor: Executor, say: Say
) -> Spec:
    """The specification that imports it. Raises the error when nothing of it is ours, and says whose it is."""
    found = _strays(kind, project, error, executor)
    wanted = adopting(spec, kind, found)
    new = frozenset(wanted.get(ADOPT, ())) - frozenset(spec.get(ADOPT, ()))
    if not new:
        _tell_whose(found, error)
        raise error
    for stray in found:
        if stray.home and stray.home.address in new:
            say(taken_in(stray))
    if project and ENDPOINT in new:
        # What comes after it asks for one that serves: scaling cannot be registered for a variant that is not there.
        executor.world.endpoints.settle(names.endpoint(executor.platform, project), longest(spec), say)
    return wanted


def _strays(kind: str, project: str | None, error: AlreadyThere, executor: Executor) -> tuple[Stray, ...]:
    try:
        found = look_again(executor.desired, executor.world).found
    except ReadFailed as other:
        error.amend(f"{error.what}\n  whose that is could not be seen: {other.what}", error.remedy)
        raise error from other
    return tuple(one for one in found if one.home and (one.home.stack, one.home.project) == (kind, project))


def _tell_whose(found: tuple[Stray, ...], error: AlreadyThere) -> None:
    others = [one for one in found if not one.ours and one.home and one.home.address in error.addresses]
    if others:
        lines = (error.what, *map(foreign, others))
        error.amend("\n  ".join(lines), "give the project another name, or ask its owner; reconcile does not touch it")
