"""What exists under our names and is in no state: ours is taken in where the plan would make it, else it is reported.

Nothing here touches anything that has not our tags.
"""

from collections.abc import Iterable
from dataclasses import replace

from reconciler.core.actions import Deploy, ProjectAction, ProvisionDeployment, ProvisionTraining, Repair, Update
from reconciler.core.homes import PLATFORM, Kind
from reconciler.core.observed import ObservedProject, ObservedState, Spec, Stray, Unread

EXISTS = "exists already under our tags and is in no state: it is taken in"
ADOPT = "adopt"
"""Variable of a project's stacks: addresses of what exists already and is imported."""


def stray_endpoint(seen: ObservedProject) -> Stray | None:
    """The project's endpoint, when no state holds it."""
    return next((one for one in seen.strays if one.thing.kind is Kind.ENDPOINT), None)


def adopting(spec: Spec, stack: str, strays: Iterable[Stray]) -> Spec:
    """The specification of a kind of stack, with what is there already, and ours, to be imported."""
    return _spec(spec, stack, tuple(one for one in strays if one.ours and one.home))


def taking_in(actions: tuple[ProjectAction, ...], strays: Iterable[Stray]) -> tuple[ProjectAction, ...]:
    """The actions, with what they would make and what is there already, and ours, to be imported."""
    ours = tuple(one for one in strays if one.ours and one.home)
    return tuple(_with(action, ours) for action in actions) if ours else actions


def platform_taking_in(spec: Spec, strays: Iterable[Stray]) -> Spec:
    """The platform's specification, with what is there already, and ours, to be imported."""
    return adopting(spec, PLATFORM, strays)


def _with(action: ProjectAction, ours: tuple[Stray, ...]) -> ProjectAction:
    if isinstance(action, ProvisionTraining):
        return replace(action, spec=_spec(action.spec, "training", ours))
    if isinstance(action, ProvisionDeployment | Deploy | Update | Repair):
        return replace(action, spec=_spec(action.spec, "deployment", ours))
    return action


def _spec(spec: Spec, stack: str, ours: tuple[Stray, ...]) -> Spec:
    homes = (one.home for one in ours if one.home)
    found = {one.address for one in homes if one.stack == stack and _makes(spec, one.address)}
    return {**spec, ADOPT: sorted(found.union(spec.get(ADOPT, ())))} if found else spec


def _makes(spec: Spec, address: str) -> bool:
    """Whether a stack with this specification has the resource."""
    kind = address.split(".", maxsplit=1)[0]
    if kind == "aws_sagemaker_endpoint":
        return bool(spec["live"])
    if kind in ("aws_sagemaker_model", "aws_sagemaker_endpoint_configuration"):
        return any(f'"{release["name"]}"' in address for release in spec["releases"])
    if kind == "aws_s3_bucket":
        return any(release["async"] or release["capture"] for release in spec["releases"])
    return True


def notes(seen: ObservedProject, actions: tuple[ProjectAction, ...]) -> tuple[str, ...]:
    """What there is to say of a project's strays."""
    taken = {address for action in actions for address in getattr(action, "spec", {}).get(ADOPT, ())}
    return tuple(_note(one, taken) for one in seen.strays if one.adoption is None)


def _note(stray: Stray, taken: set[str]) -> str:
    if not stray.ours:
        return foreign(stray)
    if stray.home and stray.home.address in taken:
        return taken_in(stray)
    return f"{stray.thing} has our tags and is in no Terraform state: nothing needs it, delete it"


def foreign(stray: Stray) -> str:
    """What there is to say of somebody else's."""
    return f"{stray.thing} has not our tags{_owner(stray)}: it is somebody else's and left alone"


def taken_in(stray: Stray) -> str:
    """What there is to say of what is imported."""
    return f"{stray.thing} {EXISTS}"


def _owner(stray: Stray) -> str:
    return f" ({stray.owner})" if stray.owner else ""


def environment_notes(observed: ObservedState) -> tuple[str, ...]:
    """What there is to say of strays that belong to no project."""
    return (*(_nobodys(stray) for stray in observed.strays), *unsearched_notes(observed.unsearched))


def unsearched_notes(unsearched: Iterable[Unread]) -> tuple[str, ...]:
    """Why there may be more strays."""
    return tuple(f"{one.source} could not be read: {one.reason}" for one in unsearched)


def survey_note(stray: Stray) -> str:
    """What there is to say of a stray, whoever's it is."""
    if stray.adoption:
        return f"{stray.thing} was adopted as version {stray.adoption.version}: no Terraform state holds it yet"
    if stray.ours:
        return f"{stray.thing} has our tags and is in no Terraform state: reconcile takes in what a project needs"
    return _under_our_names(stray)


def _under_our_names(stray: Stray) -> str:
    return f"{stray.thing} is under our names and has not our tags{_owner(stray)}: it is somebody else's and left alone"


def _nobodys(stray: Stray) -> str:
    if not stray.ours:
        return _under_our_names(stray)
    if stray.home and stray.home.stack == PLATFORM:
        return f"{stray.thing} has our tags and is in no Terraform state: the platform takes it in"
    back = "give its project back to the manifest, or delete it" if stray.home else "delete it"
    return f"{stray.thing} has our tags, and no Terraform state and no project of the manifest knows it: {back}"
