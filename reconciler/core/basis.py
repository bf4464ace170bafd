"""What a plan rests on, as digests by name: so that a plan is applied exactly, or refused with what moved in words."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from reconciler.core.desired import DesiredState, Project
from reconciler.core.digest import digest
from reconciler.core.observed import ObservedProject, ObservedState
from reconciler.core.verdict import Plan, ProjectPlan

Digests = Mapping[str, str]
"""64 hex digits by the name of a field."""

DOING = ("actions", "pending", "held")
"""Fields of a project's plan that say what is done; the rest is said to a person."""
ENVIRONMENT = {
    "account": "the account is another one",
    "platform": "the platform's stack moved",
    "server": "the MLflow server's stack moved",
    "unread": "what could not be read is something else",
}
ASPECTS = {
    "deployment": "its deployment stack",
    "model_images": "its model images",
    "strays": "what no Terraform state holds of it",
    "training": "its training stack",
    "training_images": "its training images",
    "unread": "what could not be read of it",
}
"""Words for what is observed of a project, where `its <field>` would not do."""
MOVERS = "autoscaling moved, a pause ended, a freeze began or ended, an alarm did, or the program changed"
OTHERWISE = f"what is to be done is not what was planned: {MOVERS}"


@dataclass(frozen=True, slots=True)
class Side:
    """Digests of one of the values that a plan is made from, or of the plan: of the environment, and by project."""

    environment: Digests
    projects: Mapping[str, Digests]


@dataclass(frozen=True, slots=True)
class Basis:
    """A plan and the two states that it was made from, as digests."""

    commit: str
    """40 hex digits of git's HEAD; empty when nothing is desired."""
    desired: Side
    observed: Side
    plan: Side


def basis(desired: DesiredState, observed: ObservedState, plan: Plan, chosen: Collection[str] = ()) -> Basis:
    """What the plan of the chosen projects rests on; of all of them when none is chosen."""
    wanted = {one.title: _at_no_commit(one) for one in desired.projects if not chosen or one.title in chosen}
    known = {desired.name_of(title) for title in chosen}
    seen = {name: _steady(one) for name, one in observed.projects.items() if not chosen or name in known}
    return Basis(
        commit=next((one.source.commit for one in desired.projects), ""),
        desired=_side(desired, wanted),
        observed=_side(observed, seen),
        plan=Side({"platform": digest(plan.platform)}, {one.name: _doing(one) for one in plan.projects}),
    )


def _side(state: DesiredState | ObservedState, projects: Mapping[str, Any]) -> Side:
    environment = {name: value for name, value in _by_field(state).items() if name != "projects"}
    return Side(environment, {name: _by_field(one) for name, one in sorted(projects.items())})


def _by_field(value: Any) -> dict[str, str]:
    return {one.name: digest(getattr(value, one.name)) for one in fields(value) if one.compare}


def _doing(project: ProjectPlan) -> dict[str, str]:
    return {name: digest(getattr(project, name)) for name in DOING}


def _at_no_commit(project: Project) -> Project:
    """Git's HEAD is the same for all projects, and told once."""
    return replace(project, source=replace(project.source, commit=""))


def _steady(seen: ObservedProject) -> ObservedProject:
    """Autoscaled instances move all the time; where an action rests on their number, the plan's digest has it."""
    return replace(seen, endpoint=replace(seen.endpoint, instances=None)) if seen.endpoint else seen


def moved(planned: Basis, found: Basis) -> tuple[str, ...]:
    """What is not as it was when the plan was made, one sentence each; nothing when it may be applied."""
    git = planned.commit and found.commit and planned.commit != found.commit
    commit = (f"git moved from commit {planned.commit[:12]} to {found.commit[:12]}",) if git else ()
    sentences = (*commit, *_asked(planned.desired, found.desired), *_happened(planned.observed, found.observed))
    return sentences or _done(planned.plan, found.plan)


def _asked(planned: Side, found: Side) -> Iterable[str]:
    if environment := _differing(planned.environment, found.environment):
        yield f"the manifest asks for something else of the environment ({', '.join(environment)})"
    for name in _differing(planned.projects, found.projects):
        before, now = (side.projects.get(name, {}) for side in (planned, found))
        if before and now:
            yield f"the manifest asks for something else for {name} ({', '.join(_differing(before, now))})"
        else:
            yield f"{name} {'is new in' if now else 'is gone from'} the manifest"


def _happened(planned: Side, found: Side) -> Iterable[str]:
    for name in _differing(planned.environment, found.environment):
        yield ENVIRONMENT.get(name, f"{name} of the environment moved")
    for name in _differing(planned.projects, found.projects):
        before, now = (side.projects.get(name, {}) for side in (planned, found))
        if before and now:
            aspects = (ASPECTS.get(aspect, f"its {aspect}") for aspect in _differing(before, now))
            yield f"{name}: {_and(aspects)} moved"
        else:
            yield f"{name}: {'it left something in Terraform state' if now else 'nothing is left of it'}"


def _done(planned: Side, found: Side) -> tuple[str, ...]:
    environment = ("the platform",) if planned.environment != found.environment else ()
    return tuple(f"{name}: {OTHERWISE}" for name in (*environment, *_differing(planned.projects, found.projects)))


def _differing(planned: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in {*planned, *found} if planned.get(name) != found.get(name))


def _and(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
