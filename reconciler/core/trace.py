"""Where a version came from and what became of it: from the commit to the endpoint configuration, and back."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reconciler.core import names
from reconciler.core.desired import Platform
from reconciler.core.history import Record
from reconciler.core.observed import DeploymentStack, LiveEndpoint, ModelVersion, RunStatus, TrainingRun

SHORTEST = 4
"""Characters of an identifier's beginning or end that may stand for it."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image in ECR."""

    uri: str = ""
    digest: str = ""
    """64 hex digits; empty when the registry has no such image any more."""


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in which a version was live, as the history tells it."""

    since: str
    """UTC, ISO 8601."""
    until: str
    """Empty while it lasts."""
    commit: str
    """The commit whose manifest pinned it."""
    actor: str
    run: str
    """The run of the reconciler that made it live."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """An endpoint configuration that serves a version."""

    name: str
    live: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt of a job before the one that is told of: its host was lost, and its run with it."""

    number: int
    run: str
    status: RunStatus


@dataclass(frozen=True, slots=True)
class Chain:
    """One training, or one version that was registered without one, with all that came of it; empty: not known."""

    version: int | None
    commit: str = ""
    digest: str = ""
    job: str = ""
    run: str = ""
    status: RunStatus | None = None
    """Of the run; None: it was not started by the reconciler."""
    attempts: tuple[Attempt, ...] = ()
    """Those before it, the oldest first."""
    training_image: Image = Image()
    model_image: Image = Image()
    configurations: tuple[Configuration, ...] = ()
    spells: tuple[Spell, ...] = ()
    """Newest first."""

    @property
    def live(self) -> bool:
        """Whether the endpoint serves it."""
        return any(one.live for one in self.configurations)

    @property
    def identifiers(self) -> frozenset[str]:
        """Everything by which it can be found, the version's number apart."""
        images = (self.training_image.digest, self.model_image.digest)
        served = (one.name for one in self.configurations)
        applied = (word for spell in self.spells for word in (spell.commit, spell.run))
        tried = (one.run for one in self.attempts)
        return frozenset({self.commit, self.digest, self.job, self.run, *tried, *images, *served, *applied} - {""})


@dataclass(frozen=True, slots=True)
class Trail:
    """Everything that is known of one project's past."""

    project: str
    """What AWS and MLflow know it by."""
    platform: Platform
    account: str
    runs: tuple[TrainingRun, ...] = ()
    """Newest first."""
    versions: tuple[ModelVersion, ...] = ()
    deployment: DeploymentStack | None = None
    endpoint: LiveEndpoint | None = None
    training_images: Mapping[str, str] = field(default_factory=dict)
    """Digest of each tag."""
    model_images: Mapping[str, str] = field(default_factory=dict)
    records: tuple[Record, ...] = ()
    title: str = ""
    """What people call it since it was renamed; empty: what it was called first."""


def chains(trail: Trail) -> tuple[Chain, ...]:
    """Every version, newest first, and then every training that made none."""
    runs = _runs_by_version(trail)
    served = _configurations(trail)
    spells = _spells(trail)
    numbers = {version.number: version.run_id for version in trail.versions}
    numbers = {**dict.fromkeys((*served, *spells), ""), **numbers}
    made = [
        _chain(trail, number, runs.get(numbers[number]), served.get(number, ()), spells.get(number, ()))
        for number in sorted(numbers, reverse=True)
    ]
    told = {run for chain in made for run in (chain.run, *(one.run for one in chain.attempts))}
    return (*made, *_barren(trail, told))


def _barren(trail: Trail, told: set[str]) -> list[Chain]:
    """Trainings that made no version; the attempts of one are one."""
    found: list[Chain] = []
    for run in trail.runs:
        tried = {one.run for chain in found for one in chain.attempts}
        if run.id not in told | tried:
            found.append(_chain(trail, None, run, (), ()))
    return found


def _runs_by_version(trail: Trail) -> dict[str, TrainingRun]:
    """Our runs, by the runs that a version may be of: themselves, and the nested one of which a version was seen."""
    nested = {run.registered.run: run for run in trail.runs if run.registered and run.registered.run}
    return {**nested, **{run.id: run for run in trail.runs}}


def _chain(
    trail: Trail,
    version: int | None,
    run: TrainingRun | None,
    configurations: tuple[Configuration, ...],
    spells: tuple[Spell, ...],
) -> Chain:
    return Chain(
        version=version,
        commit=run.commit if run else "",
        digest=run.digest if run else "",
        job=run.job if run else "",
        run=run.id if run else _run_of(trail, version),
        status=run.status if run else None,
        attempts=_attempts(trail, run) if run else (),
        training_image=_training_image(trail, run),
        model_image=_model_image(trail, version),
        configurations=configurations,
        spells=spells,
    )


def _attempts(trail: Trail, last: TrainingRun) -> tuple[Attempt, ...]:
    first = last.first or last.id
    before = (run for run in trail.runs if first in (run.id, run.first) and run.attempt < last.attempt)
    found = (Attempt(run.attempt, run.id, run.status) for run in before)
    return tuple(sorted(found, key=lambda attempt: attempt.number))


def _run_of(trail: Trail, version: int | None) -> str:
    """A run that was not started by the reconciler, such as one on somebody's laptop."""
    return next((one.run_id for one in trail.versions if one.number == version), "")


def _training_image(trail: Trail, run: TrainingRun | None) -> Image:
    if run is None or (tag := names.training_tag(run.digest)) not in trail.training_images:
        return Image()
    repository = names.training_repository(trail.platform, trail.project)
    return _image(trail, repository, tag, trail.training_images)


def _model_image(trail: Trail, version: int | None) -> Image:
    if version is None or (tag := names.model_tag(version)) not in trail.model_images:
        return Image()
    return _image(trail, names.model_repository(trail.platform, trail.project), tag, trail.model_images)


def _image(trail: Trail, repository: str, tag: str, digests: Mapping[str, str]) -> Image:
    uri = names.image(trail.account, trail.platform.region, repository, tag)
    return Image(uri, digests[tag].removeprefix("sha256:"))


def _configurations(trail: Trail) -> dict[int, tuple[Configuration, ...]]:
    """Those of each version, the live one first."""
    live = trail.endpoint.configuration if trail.endpoint else ""
    releases = trail.deployment.releases if trail.deployment else ()
    kept = (names.configuration(trail.platform, trail.project, release.name) for release in releases)
    found: dict[int, tuple[Configuration, ...]] = {}
    for name in dict.fromkeys((live, *kept)):
        if version := _version_of(name, trail):
            found[version] = (*found.get(version, ()), Configuration(name, name == live))
    return found


def _version_of(configuration: str, trail: Trail) -> int | None:
    start = re.escape(names.endpoint(trail.platform, trail.project))
    match = re.fullmatch(rf"{start}-v(\d+)-[0-9a-f]+", configuration)
    return int(match[1]) if match else None


def _spells(trail: Trail) -> dict[int, tuple[Spell, ...]]:
    """When each version was live, newest first, as far back as the history goes."""
    found: dict[int, tuple[Spell, ...]] = {}
    until = ""
    for record in sorted(trail.records, key=lambda record: record.run, reverse=True):
        for one in record.projects:
            if one.project in (trail.project, trail.title) and one.before != one.after:
                if one.after is not None:
                    spell = Spell(record.ended, until, record.commit, record.actor, record.run)
                    found[one.after] = (*found.get(one.after, ()), spell)
                until = record.ended
    return found


def holding(found: Iterable[Chain], word: str) -> tuple[tuple[Chain, ...], tuple[str, ...]]:
    """The chains that hold a word, and the identifiers that it stands for: with more than one it is ambiguous.

    The word is a version (`3`, `v3`), or an identifier, or at least four characters of its beginning or end.
    """
    everything = tuple(found)
    if match := re.fullmatch(r"v?(\d+)", word):
        meant = tuple(chain for chain in everything if chain.version == int(match[1]))
        if meant:
            return meant, (f"version {match[1]}",)
    identifiers = _meant(frozenset().union(*(chain.identifiers for chain in everything)), word.removeprefix("sha256:"))
    return tuple(chain for chain in everything if not chain.identifiers.isdisjoint(identifiers)), identifiers


def _meant(identifiers: frozenset[str], word: str) -> tuple[str, ...]:
    if word in identifiers:
        return (word,)
    if len(word) < SHORTEST:
        return ()
    return tuple(sorted(one for one in identifiers if one.startswith(word) or one.endswith(word)))
