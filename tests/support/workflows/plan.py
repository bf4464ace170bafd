"""The order of a workflow's jobs, and what a matrix makes of one."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from support.workflows.files import Job
from support.workflows.values import Wrong, text

Combination = Mapping[str, Any]


def ordered(jobs: Mapping[str, Job]) -> list[Job]:
    """Each after those that it needs, otherwise as they stand in the file. Raises Wrong."""
    left, found = list(jobs.values()), list[Job]()
    while left:
        ready = next((job for job in left if {one.id for one in found} >= set(job.needs)), None)
        if ready is None:
            raise Wrong(f"these jobs wait for one another: {', '.join(job.id for job in left)}")
        left.remove(ready)
        found.append(ready)
    return found


def ancestors(job: Job, jobs: Mapping[str, Job]) -> frozenset[str]:
    """Every job that it comes after, directly or not."""
    return frozenset(job.needs).union(*(ancestors(jobs[name], jobs) for name in job.needs))


def combinations(matrix: Any) -> list[Combination]:
    """Every combination of a matrix. Raises Wrong for none at all."""
    if not isinstance(matrix, Mapping):
        raise Wrong(f"a matrix is a mapping, not {matrix!r}")
    axes = {name: _values(name, values) for name, values in matrix.items() if name not in ("include", "exclude")}
    base = [dict(zip(axes, chosen, strict=True)) for chosen in itertools.product(*axes.values())] if axes else []
    kept = [one for one in base if not any(_agrees(one, without) for without in matrix.get("exclude", ()))]
    found = _included(kept, axes, matrix.get("include") or ())
    if not found:
        raise Wrong("the matrix is empty: it must define at least one vector")
    return found


def _values(name: str, values: Any) -> Sequence[Any]:
    if not isinstance(values, list):
        raise Wrong(f"matrix.{name} is a list, not {values!r}")
    return values


def _included(
    base: list[dict[str, Any]], axes: Mapping[str, Any], include: Sequence[Mapping[str, Any]]
) -> list[Combination]:
    """An include adds to combinations whose own values it leaves alone; where there are none it stands by itself."""
    added = []
    for one in include:
        extended = [each for each in base if _agrees(each, {key: one[key] for key in axes if key in one})]
        for each in extended:
            each.update(one)
        if not extended:
            added.append(one)
    return [*base, *added]


def _agrees(combination: Combination, wanted: Mapping[str, Any]) -> bool:
    return all(combination.get(key) == value for key, value in wanted.items())


def title(template: str, name: str, combination: Combination) -> str:
    """A job's name, with its combination behind it where its template does not speak of that, as GitHub shows it."""
    shown = ", ".join(_leaves(combination))
    return f"{name} ({shown})" if combination and "matrix." not in template else name


def _leaves(value: Any) -> list[str]:
    match value:
        case Mapping():
            return [leaf for one in value.values() for leaf in _leaves(one)]
        case list():
            return [leaf for one in value for leaf in _leaves(one)]
        case _:
            return [text(value)]
