"""`reconcile adopt`: an endpoint that somebody else made becomes ours by its tags, and nothing else is touched."""

import re
from dataclasses import dataclass

from reconciler.core import names
from reconciler.core.adoption import VARIANT, adoption_tags, manifest_lines
from reconciler.core.desired import DesiredState
from reconciler.core.homes import Kind, Thing
from reconciler.core.observed import LiveEndpoint, ModelVersion, Serving
from reconciler.errors import ReconcilerError, Refused
from reconciler.ports import World
from reconciler.reconcile import check_account

PROJECT = re.compile(r"[a-z](-?[a-z0-9])*")
LENGTH = 24
"""Of a project's name at most."""


@dataclass(frozen=True, slots=True)
class Adoptable:
    """An endpoint that may be adopted, and what the manifest has to say then."""

    endpoint: LiveEndpoint
    tags: dict[str, str]
    lines: str
    notes: tuple[str, ...]


def look(desired: DesiredState, world: World, title: str, version: int, model: str | None) -> Adoptable:
    """See whether an endpoint can be adopted as serving this version. Changes nothing.

    Raises Refused for one that is ours already or cannot be said in a manifest, ReconcilerError, ReadFailed.
    """
    check_account(desired.platform, world.account.id())
    name = desired.name_of(title)
    endpoint = _found(desired, world, name)
    serving = world.endpoints.describe(endpoint.configuration)
    if serving.endpoint is None:
        what = f"{endpoint.name} serves in a way that no manifest can say: several variants, a shadow, or no model"
        raise Refused(what, "nothing was changed")
    project = next((one for one in desired.projects if one.title == title), None)
    registered = model or (project.model if project else title)
    known = _known_version(world, registered, version)
    return Adoptable(
        endpoint,
        adoption_tags(desired.platform, endpoint.configuration, known),
        manifest_lines(title, registered, version, serving, known=project is not None),
        _notes(serving),
    )


def adopt(found: Adoptable, world: World) -> None:
    """Tag it. Raises AwsFailed."""
    world.endpoints.tag(found.endpoint.name, found.tags)


def _found(desired: DesiredState, world: World, name: str) -> LiveEndpoint:
    if len(name) > LENGTH or not PROJECT.fullmatch(name):
        raise ReconcilerError(f"no project can be named {name}", "make the endpoint anew under a shorter, plain name")
    full = names.endpoint(desired.platform, name)
    endpoint = world.endpoints.find(full).get(full)
    if endpoint is None:
        raise ReconcilerError(f"there is no endpoint {full}", f"only endpoints named {full} can be adopted as {name}")
    tags = world.inventory.tags(Thing(Kind.ENDPOINT, full)) or {}
    if names.tags(desired.platform).items() <= tags.items():
        since = f": adopted as version {tags[names.VERSION]}" if names.VERSION in tags else ""
        raise Refused(f"endpoint {full} is ours already{since}", "nothing was changed")
    if endpoint.status != "InService":
        raise Refused(f"endpoint {full} is {endpoint.status}", "nothing was changed; wait until it is InService")
    return endpoint


def _known_version(world: World, model: str, version: int) -> ModelVersion:
    known = {one.number: one for one in world.registry.versions(model)}
    if version not in known:
        newest = f"the newest is {max(known)}" if known else "it has none"
        raise ReconcilerError(f"version {version} of model {model} does not exist; {newest}", "name it with --version")
    return known[version]


def _notes(serving: Serving) -> tuple[str, ...]:
    if serving.variant == VARIANT:
        return ()
    moves = f"SageMaker moves an endpoint to no variant of another name than {serving.variant}"
    return (f"{moves}: it can be adopted, and is made anew when it is to serve another version",)
