"""Rules on projects that were renamed: each keeps its first name in AWS and MLflow, which nobody else may have."""

from collections.abc import Iterator

from reconciler.manifest.problem import Problem, Where
from reconciler.manifest.schema import ManifestFile


def broken_renames(file: ManifestFile) -> Iterator[Problem]:
    """Every first name that its project cannot have."""
    projects = file.projects or {}
    heirs: dict[str, str] = {}
    for name, project in projects.items():
        first = project.renamed_from
        if first is None:
            continue
        where: Where = ("projects", name, "renamed_from")
        if first == name:
            yield Problem(where, "is the name that the project has already; leave it out")
        elif first in projects:
            yield _still_there(where, first, projects[first].renamed_from)
        elif first in heirs:
            what = f"is the first name of {heirs[first]}, because only one project can have what is there; leave it out"
            yield Problem(where, what, touches=(("projects", heirs[first], "renamed_from"),))
        heirs.setdefault(first, name)


def _still_there(where: Where, first: str, its_first: str | None) -> Problem:
    touches: tuple[Where, ...] = (("projects", first, "renamed_from"),)
    if its_first and its_first != first:
        remedy = f"delete the lines of {first}, and write its first name: {its_first}"
        return Problem(where, f"{first} was itself renamed from {its_first}; {remedy}", touches=touches)
    what = f"{first} is still a project of its own; delete its lines, or leave this out"
    return Problem(where, what, touches=touches)
