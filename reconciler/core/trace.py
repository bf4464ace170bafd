"""Where a version came from and what became of it: from the commit to the endpoint configuration, and back."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from reconciler.core import names
from reconciler.core.desired import Platform
from reconciler.core.history import ProjectRecord, Record
from reconciler.core.model_image import image_tag
from reconciler.core.observed import DeploymentStack, LiveEndpoint, ModelVersion, RunStatus, StoredImage, TrainingRun
from reconciler.core.release import Release

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


class Registered(StrEnum):
    """What the MLflow registry has under a version's number."""

    HERE = "registered"
    """That version."""
    MISSING = "missing"
    """Nothing."""
    REPLACED = "replaced"
    """Another model: the registered model was deleted and made anew, or the server was replaced."""


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
    asked: str = ""
    """Parameters that somebody gave it by hand, in JSON."""
    attempts: tuple[Attempt, ...] = ()
    """Those before it, the oldest first."""
    training_image: Image = Image()
    model_image: Image = Image()
    configurations: tuple[Configuration, ...] = ()
    spells: tuple[Spell, ...] = ()
    """Newest first."""
    registered: Registered = Registered.HERE

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
    training_images: Mapping[str, StoredImage] = field(default_factory=dict)
    """By tag."""
    model_images: Mapping[str, StoredImage] = field(default_factory=dict)
    """By tag."""
    records: tuple[Record, ...] = ()
    title: str = ""
    """What people call it since it was renamed; empty: what it was called first."""

    @property
    def releases(self) -> tuple[Release, ...]:
        """What Terraform keeps, the most recently live first."""
        return self.deployment.releases if self.deployment else ()

    def version(self, number: int) -> ModelVersion | None:
        """What MLflow has under this number."""
        return next((one for one in self.versions if one.number == number), None)


class _Model(NamedTuple):
    """One model of several that may have had one version's number."""

    number: int
    tag: str
    """Of its image, built or not."""


def chains(trail: Trail) -> tuple[Chain, ...]:
    """Every version, newest first, and then every training that made none.

    Of several models that had one number, the one that MLflow has now comes first, and then what was live last.
    """
    registered = tuple(_now(trail, version.number) for version in trail.versions)
    served, spells = _configurations(trail), _spells(trail)
    models = sorted(dict.fromkeys((*registered, *served, *spells)), key=lambda model: -model.number)
    made = tuple(_made(trail, model, served.get(model, ()), spells.get(model, ())) for model in models)
    told = {run for chain in made for run in (chain.run, *(one.run for one in chain.attempts))}
    return (*made, *_barren(trail, told))


def _barren(trail: Trail, told: set[str]) -> list[Chain]:
    """Trainings that made no version; the attempts of one are one."""
    found: list[Chain] = []
    for run in trail.runs:
        tried = {one.run for chain in found for one in chain.attempts}
        if run.id not in told | tried:
            found.append(_trained(trail, run))
    return found


def _runs_by_version(trail: Trail) -> dict[str, TrainingRun]:
    """Our runs, by the runs that a version may be of: themselves, and the nested one of which a version was seen."""
    nested = {run.registered.run: run for run in trail.runs if run.registered and run.registered.run}
    return {**nested, **{run.id: run for run in trail.runs}}


def _now(trail: Trail, number: int) -> _Model:
    """The model that a version's number stands for now."""
    return _Model(number, image_tag(number, trail.version(number), trail.releases, trail.model_images))


def _made(trail: Trail, model: _Model, served: tuple[Configuration, ...], spells: tuple[Spell, ...]) -> Chain:
    """One model, from its run to what serves it; what MLflow has under its number now may be another one."""
    version = trail.version(model.number)
    if version and model == _now(trail, model.number):
        registered, run_id = Registered.HERE, version.run_id
    else:
        registered = Registered.REPLACED if version else Registered.MISSING
        kept = (one for one in trail.releases if (one.version, one.tag) == model)
        run_id = next((one.origin.run_id for one in kept if one.origin), "")
    run = _runs_by_version(trail).get(run_id)
    return replace(
        _trained(trail, run) if run else Chain(None, run=run_id),
        version=model.number,
        model_image=_model_image(trail, model),
        configurations=served,
        spells=spells,
        registered=registered,
    )


def _trained(trail: Trail, run: TrainingRun) -> Chain:
    return Chain(
        version=None,
        commit=run.commit,
        digest=run.digest,
        job=run.job,
        run=run.id,
        status=run.status,
        asked=run.asked,
        attempts=_attempts(trail, run),
        training_image=_training_image(trail, run),
    )


def _attempts(trail: Trail, last: TrainingRun) -> tuple[Attempt, ...]:
    first = last.first or last.id
    before = (run for run in trail.runs if first in (run.id, run.first) and run.attempt < last.attempt)
    found = (Attempt(run.attempt, run.id, run.status) for run in before)
    return tuple(sorted(found, key=lambda attempt: attempt.number))


def _training_image(trail: Trail, run: TrainingRun) -> Image:
    tag = names.training_tag(run.digest)
    return _image(trail, names.training_repository(trail.platform, trail.project), tag, trail.training_images)


def _model_image(trail: Trail, model: _Model) -> Image:
    return _image(trail, names.model_repository(trail.platform, trail.project), model.tag, trail.model_images)


def _image(trail: Trail, repository: str, tag: str, stored: Mapping[str, StoredImage]) -> Image:
    if tag not in stored:
        return Image()
    uri = names.image(trail.account, trail.platform.region, repository, tag)
    return Image(uri, stored[tag].digest.removeprefix("sha256:"))


def _configurations(trail: Trail) -> dict[_Model, tuple[Configuration, ...]]:
    """Those of each model, the live one first."""
    live = trail.endpoint.configuration if trail.endpoint and trail.endpoint.answers else ""
    kept = {names.configuration(trail.platform, trail.project, one.name): one for one in trail.releases}
    found: dict[_Model, tuple[Configuration, ...]] = {}
    for name in dict.fromkeys((live, *kept)):
        if model := _Model(kept[name].version, kept[name].tag) if name in kept else _named(name, trail):
            found[model] = (*found.get(model, ()), Configuration(name, name == live))
    return found


def _named(configuration: str, trail: Trail) -> _Model | None:
    """What a configuration serves that no release tells of: its name says the number alone."""
    start = re.escape(names.endpoint(trail.platform, trail.project))
    match = re.fullmatch(rf"{start}-v(\d+)-[0-9a-f]+", configuration)
    return _now(trail, int(match[1])) if match else None


def _spells(trail: Trail) -> dict[_Model, tuple[Spell, ...]]:
    """When each model was live, newest first, as far back as the history goes."""
    moves, tag = [], ""
    for record in sorted(trail.records, key=lambda record: record.run):
        for one in record.projects:
            if one.project not in (trail.project, trail.title):
                continue
            before, tag = tag, _tag_after(one, tag)
            if one.before != one.after or before not in ("", tag):
                moves.append((record, one, tag))
    found: dict[_Model, tuple[Spell, ...]] = {}
    until = ""
    for record, one, image in reversed(moves):
        if one.after is not None:
            spell = Spell(record.ended, until, record.commit, record.actor, record.run)
            model = _then(trail, one.after, image, record.ended)
            found[model] = (*found.get(model, ()), spell)
        until = record.ended
    return found


def _tag_after(one: ProjectRecord, before: str) -> str:
    """Tag of the image that served after a run. One that does not say brought none, or is of a time when tags were
    numbers."""
    plain = "" if one.after is None else names.model_tag(one.after)
    return one.image or (before if one.before == one.after and before else plain)


def _then(trail: Trail, number: int, tag: str, since: str) -> _Model:
    """The model that was meant by a number and a tag at a time, in UTC, ISO 8601."""
    version = trail.version(number)
    told = tag != names.model_tag(number) or tag in trail.model_images or any(one.tag == tag for one in trail.releases)
    if told or (version and version.created and _is_before(since, version.created)):
        return _Model(number, tag)
    return _now(trail, number)


def _is_before(since: str, created: int) -> bool:
    try:
        return datetime.fromisoformat(since).timestamp() < created / 1000
    except ValueError:
        return False


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
