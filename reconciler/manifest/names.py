"""Names of projects."""

from reconciler.manifest.check import check
from reconciler.manifest.rules import TAKEN_NAMES


def name_fault(name: str) -> str:
    """What is wrong with a project's name, said of it; empty when a manifest takes it."""
    problems = check({"projects": {name: {}}}, frozenset()).problems
    refused = next((problem.what for problem in problems if problem.where == ("projects", name)), "")
    return refused or (f"{name!r} {TAKEN_NAMES[name]}" if name in TAKEN_NAMES else "")
