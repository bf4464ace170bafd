"""What exists in AWS under our names and is in no Terraform state: somebody else's, or ours."""

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from reconciler.core import names
from reconciler.core.desired import DesiredState, Platform
from reconciler.core.homes import Home, Kind, Thing, home, unlisted, unlisted_of_platform
from reconciler.core.observed import Adoption, Stray, Unread
from reconciler.errors import ReadFailed
from reconciler.ports import RESOURCES, StackState, World

READERS = 8
OWNERS = frozenset(
    {
        "application",
        "aws:cloudformation:stack-name",
        "contact",
        "created-by",
        "createdby",
        "department",
        "environment",
        "managed-by",
        "name",
        "owner",
        "project",
        "reconciler:environment",
        "reconciler:platform",
        "reconciler:project",
        "sagemaker:domain-arn",
        "sagemaker:project-name",
        "sagemaker:user-profile-arn",
        "team",
    }
)
"""Tags that say whose a thing is: those that AWS recommends, and those that CloudFormation and SageMaker Studio set.
https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html"""
LONGEST = 80
"""Characters of one that are told."""


@dataclass(frozen=True, slots=True)
class Strays:
    """What was found, and what could not be read."""

    found: tuple[Stray, ...] = ()
    unread: tuple[tuple[Home | None, Unread], ...] = ()

    def of(self, project: str) -> tuple[Stray, ...]:
        """Those under the names of one project."""
        return tuple(stray for stray in self.found if stray.home and stray.home.project == project)

    def unread_of(self, project: str) -> tuple[Unread, ...]:
        """What could not be read of one project."""
        return tuple(unread for home, unread in self.unread if home and home.project == project)

    def of_nobody(self, projects: Collection[str]) -> "Strays":
        """The rest."""
        strays = tuple(one for one in self.found if one.home is None or one.home.project not in projects)
        unread = tuple(one for one in self.unread if one[0] is None or one[0].project not in projects)
        return Strays(strays, unread)


def find_strays(
    desired: DesiredState, account: str, things: Iterable[Thing], stacks: Mapping[str, StackState], world: World
) -> Strays:
    """Whose everything is that no state holds, among `things` and what the stacks of the manifest's projects make."""
    platform = desired.platform
    listed = {thing: home(platform, thing) for thing in things}
    implied = {thing: place for one in desired.projects for thing, place in unlisted(platform, account, one)}
    if desired.projects:  # without any, no platform is made
        implied.update(unlisted_of_platform(platform))
    held = _holder(platform, stacks)
    loose = {thing: place for thing, place in sorted({**listed, **implied}.items()) if not held(place)}
    with ThreadPoolExecutor(READERS) as pool:
        answers = tuple(pool.map(lambda one: _look(one[0], one[1], platform, world), loose.items()))
    unread = tuple((place, one) for place, one in zip(loose.values(), answers, strict=True) if isinstance(one, Unread))
    return Strays(tuple(one for one in answers if isinstance(one, Stray)), unread)


def look_again(desired: DesiredState, world: World) -> Strays:
    """The same after the world has changed. Raises ReadFailed."""
    prefix = f"{names.prefix(desired.platform)}-"
    endpoints = (Thing(Kind.ENDPOINT, name) for name in world.endpoints.find(prefix))
    things = (*world.inventory.find(prefix), *endpoints)
    return find_strays(desired, world.account.id(), things, world.state.stacks(), world)


def _holder(platform: Platform, stacks: Mapping[str, StackState]) -> Callable[[Home | None], bool]:
    """Whether a state holds what belongs at a place; one that does not tell its resources holds them all."""

    def held(place: Home | None) -> bool:
        if place is None:
            return False
        environment = platform.environment
        key = (
            names.project_key(environment, place.project, place.stack)
            if place.project
            else names.stack_key(environment, place.stack)
        )
        resources = stacks[key].get(RESOURCES) if key in stacks else ()
        return resources is None or place.address in resources

    return held


def _look(thing: Thing, place: Home | None, platform: Platform, world: World) -> Stray | Unread | None:
    try:
        tags = world.inventory.tags(thing)
        if tags is None:
            return None
        ours = names.tags(platform).items() <= tags.items()
        adoption = _adoption(tags, world) if ours and thing.kind is Kind.ENDPOINT else None
        return Stray(thing, place, ours, adoption, "" if ours else owner(tags))
    except ReadFailed as error:
        return Unread(f"the tags of {thing}", str(error))


def owner(tags: Mapping[str, str]) -> str:
    """What a thing's tags say of whose it is, in one line. Other tags are somebody's own affair, and may be secret."""
    told = [f"{key}={value}"[:LONGEST] for key, value in sorted(tags.items()) if key.lower() in OWNERS]
    silent = "none of its tags says whose it is" if tags else "it has no tags"
    return f"its tags say {', '.join(told)}" if told else silent


def _adoption(tags: Mapping[str, str], world: World) -> Adoption | None:
    """What was noted when the endpoint was adopted. Raises ReadFailed."""
    configuration, version = tags.get(names.ADOPTED, ""), tags.get(names.VERSION, "")
    if not configuration or not version.isdecimal():
        return None
    serving = world.endpoints.describe(configuration)
    identity = tags.get(names.IDENTITY, "")
    return Adoption(configuration, int(version), serving.endpoint, serving.variant, identity)
