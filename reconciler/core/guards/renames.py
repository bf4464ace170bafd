"""Somebody who renames a project and does not say so would destroy it and make another one."""

from collections.abc import Mapping
from dataclasses import replace

from reconciler.core import names
from reconciler.core.desired import DesiredState
from reconciler.core.guards.circumstances import Circumstances
from reconciler.core.guards.retirement import is_retirement
from reconciler.core.guards.withholding import everything, withhold
from reconciler.core.observed import ObservedProject, ObservedState
from reconciler.core.verdict import Plan, Problem, ProjectPlan


def doubt(plan: Plan, desired: DesiredState, observed: ObservedState, circumstances: Circumstances) -> Plan:
    """Withhold both halves of what looks like a rename, unless the retirement is allowed by name."""
    heirs = _heirs(desired, observed, circumstances)
    return replace(plan, projects=tuple(_doubted(project, heirs) for project in plan.projects))


def _heirs(desired: DesiredState, observed: ObservedState, circumstances: Circumstances) -> Mapping[str, str]:
    """Names of projects whose lines are gone, each with the title of a new one that has its very source."""
    wanted = {project.name for project in desired.projects}
    new = {
        names.training_tag(project.source.digest): project.title
        for project in desired.projects
        if not _stands(observed.projects.get(project.name))
    }
    gone = (seen for name, seen in observed.projects.items() if name not in {*wanted, *circumstances.allow_retire})
    return {seen.name: new[_tag(seen)] for seen in gone if _stands(seen) and _tag(seen) in new}


def _stands(seen: ObservedProject | None) -> bool:
    return bool(seen and (seen.training or seen.deployment))


def _tag(seen: ObservedProject) -> str:
    """Tag of the image that it was last trained with."""
    return str(seen.training.spec.get("image", "")).rpartition(":")[2] if seen.training else ""


def _doubted(project: ProjectPlan, heirs: Mapping[str, str]) -> ProjectPlan:
    for old, new in heirs.items():
        if project.name == new:
            return withhold(project, everything, _refusal(old, new))
        if project.name == old:
            return withhold(project, is_retirement, _refusal(old, new))
    return project


def _refusal(old: str, new: str) -> Problem:
    what = f"{new} has the very source of {old}, whose lines are gone: it looks like a rename"
    kept = f"to keep what {old} has, write under {new}: renamed_from: {old}"
    return Problem(what, f"{kept}; if it is another project: --allow-retire {old}")
