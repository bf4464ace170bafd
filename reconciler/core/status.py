"""Where an environment stands: every project, what they stand on, and how far what was applied is behind git."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from reconciler.core.desired import Project
from reconciler.core.history import Outcome, ProjectRecord, Record
from reconciler.core.observed import DeploymentStack, ObservedProject, ObservedState, Refusal
from reconciler.core.restraint import Pause
from reconciler.core.verdict import Health, Plan, ProjectPlan, Sync


@dataclass(frozen=True, slots=True)
class LastError:
    """The newest thing that went wrong with a project in a run, while nothing newer is known of it."""

    what: str
    remedy: str
    when: str
    """UTC, ISO 8601."""
    run: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A release that SageMaker refused: while it stays pinned it is not tried again."""

    release: str
    version: int | None
    reason: str
    since: str
    """UTC, ISO 8601."""


@dataclass(frozen=True, slots=True)
class ProjectStatus:
    """Where one project stands."""

    plan: ProjectPlan
    applied_version: int | None
    """The version that Terraform was last asked to serve."""
    since: str
    """When its endpoint changed last, or else a run did something for it; UTC, ISO 8601; empty: nobody knows."""
    last_error: LastError | None
    quarantined: tuple[Quarantined, ...]
    pause: Pause | None
    """While it is paused."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Two words, for a part of the environment or for all of it."""

    sync: Sync
    health: Health


HEALTHY = Standing(Sync.SYNCED, Health.HEALTHY)


@dataclass(frozen=True, slots=True)
class Commits:
    """HEAD, and the commit whose whole manifest was last applied well."""

    head: str
    """40 hex digits; empty when there is none."""
    applied: Record | None
    """The run that applied it; None: no run that is remembered did."""
    ahead: int | None = None
    """Commits of HEAD that were not applied; None: git cannot say."""
    behind: int | None = None
    """Commits that were applied and that HEAD does not have."""

    @property
    def current(self) -> bool:
        """Whether HEAD is what was applied."""
        return self.applied is not None and self.applied.commit == self.head


@dataclass(frozen=True, slots=True)
class Status:
    """Where an environment stands."""

    whole: Standing
    """The worst of all."""
    platform: Standing
    projects: tuple[ProjectStatus, ...]
    commits: Commits
    notes: tuple[str, ...] = ()
    """What could not be told."""

    @property
    def in_effect(self) -> bool:
        """Whether all that HEAD asks for is there, whoever applied it: a commit may ask for nothing new."""
        return self.whole.sync is Sync.SYNCED


def status_of(
    projects: Iterable[Project], observed: ObservedState, plan: Plan, records: Iterable[Record], commits: Commits
) -> Status:
    """Put together what was planned, what was observed, and what the history tells; newest record first."""
    wanted = {project.title: project for project in projects}
    past = tuple(records)
    each = tuple(
        _project(one, wanted.get(one.name), observed.projects.get(one.was or one.name), _past(one, past))
        for one in plan.projects
    )
    platform = platform_standing(plan, observed)
    parts = (platform, *(Standing(one.plan.sync, one.plan.health) for one in each))
    return Status(worst(parts), platform, each, commits)


def worst(parts: Iterable[Standing]) -> Standing:
    """The worst word of each kind; of nothing, the best."""
    every = (HEALTHY, *parts)
    return Standing(
        max((one.sync for one in every), key=list(Sync).index),
        max((one.health for one in every), key=list(Health).index),
    )


def platform_standing(plan: Plan, observed: ObservedState) -> Standing:
    """Where that stands which all projects share."""
    if observed.unread or plan.problems:
        return Standing(Sync.UNKNOWN, Health.DEGRADED)
    if plan.platform is None and plan.held is None:
        return HEALTHY
    return Standing(Sync.OUT_OF_SYNC, Health.HEALTHY if observed.platform else Health.MISSING)


def applied_well(records: Iterable[Record]) -> Record | None:
    """The newest run that applied the whole manifest and ended well; newest record first."""
    return next((record for record in records if record.whole and record.exit_code == 0 and record.commit), None)


Past = tuple[tuple[Record, ProjectRecord], ...]
"""What the history tells of one project, newest first."""


def _past(plan: ProjectPlan, records: tuple[Record, ...]) -> Past:
    """Of a project that was renamed, under both its names."""
    known = (plan.name, plan.was)
    return tuple((record, one) for record in records for one in record.projects if one.project in known)


def _project(plan: ProjectPlan, wanted: Project | None, seen: ObservedProject | None, past: Past) -> ProjectStatus:
    return ProjectStatus(
        plan=plan,
        applied_version=_applied_version(seen.deployment if seen else None),
        since=_since(seen, past),
        last_error=_last_error(plan, past),
        quarantined=tuple(_quarantined(refusal) for refusal in (seen.refusals if seen else ())),
        pause=wanted.paused if wanted and plan.paused else None,
    )


def _applied_version(stack: DeploymentStack | None) -> int | None:
    releases = stack.releases if stack else ()
    return next((release.version for release in releases if stack and release.name == stack.live), None)


def _since(seen: ObservedProject | None, past: Past) -> str:
    if seen and seen.endpoint and seen.endpoint.modified:
        return datetime.fromtimestamp(seen.endpoint.modified, UTC).isoformat(timespec="seconds")
    return next((record.ended for record, one in past if one.steps), "")


def _last_error(plan: ProjectPlan, past: Past) -> LastError | None:
    """What the plan says of the present wins over what the history says of the past.

    A run that did all that there was to do, and ended well, has made good what went wrong before it. What a guard
    refused is refused by the plan too, or is refused no more.
    """
    for record, one in past:
        if one.outcome is Outcome.REFUSED:
            continue
        if one.error:
            error = LastError(one.error, one.remedy, record.ended, record.run)
            return error if _holds(error, plan) else None
        if one.outcome in (Outcome.DONE, Outcome.PENDING):
            return None
    return None


def _holds(error: LastError, plan: ProjectPlan) -> bool:
    """Whether something is still to be done that may have failed so, and no problem of the plan tells of it."""
    undone = plan.actions or plan.held or plan.pending or plan.waits or plan.sync is Sync.UNKNOWN
    return bool(undone) and not any(_same(error.what, one.what) for one in (*plan.problems, *plan.refusals))


def _same(one: str, other: str) -> bool:
    """Whether two sentences give one reason: `training of churn failed: it broke` and `training failed: it broke`."""
    return any(reason in whole for reason, whole in ((_reason(one), other), (_reason(other), one)))


def _reason(sentence: str) -> str:
    return sentence.partition(": ")[2] or sentence


def _quarantined(refusal: Refusal) -> Quarantined:
    match = re.match(r"v(\d+)-", refusal.release)
    return Quarantined(refusal.release, int(match[1]) if match else None, refusal.reason, refusal.since)
