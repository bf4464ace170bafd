"""An environment may ask that it is changed from commits alone, and from signed ones."""

from dataclasses import replace

from reconciler.core.desired import DesiredState
from reconciler.core.guards.circumstances import Circumstances
from reconciler.core.guards.withholding import everything, withhold
from reconciler.core.verdict import Plan, Problem

SHOWN = 5
"""Files that are named."""


def demand_commits(plan: Plan, desired: DesiredState, circumstances: Circumstances) -> Plan:
    """Withhold everything while the tree is not as HEAD has it, or HEAD is not signed as it should be."""
    refusals = commit_refusals(desired, circumstances)
    if not refusals:
        return plan
    projects = tuple(withhold(project, everything, *refusals) for project in plan.projects)
    return replace(plan, projects=projects).without_platform(*refusals)


def commit_refusals(desired: DesiredState, circumstances: Circumstances) -> tuple[Problem, ...]:
    """What is wrong with the tree, and with HEAD, for an environment that asks for both."""
    files, fault = circumstances.uncommitted, circumstances.signature_fault
    tree = (_unclean(files),) if desired.requires.clean and files else ()
    signature = (_unsigned(fault),) if desired.requires.signed and fault else ()
    return (*tree, *signature)


def _unclean(files: tuple[str, ...]) -> Problem:
    more = f" and {len(files) - SHOWN} more" if len(files) > SHOWN else ""
    what = f"uncommitted, and this environment is changed from commits alone: {', '.join(files[:SHOWN])}{more}"
    return Problem(what, "commit and merge, or stash it")


def _unsigned(fault: str) -> Problem:
    remedy = "sign it (git commit --amend -S), or trust who did: gpg.ssh.allowedSignersFile, or GPG's ownertrust"
    return Problem(f"HEAD is refused, because this environment asks for signed commits: {fault}", remedy)
