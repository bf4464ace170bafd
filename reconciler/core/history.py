"""What became of each run that changed the world, or tried to: the append-only history of an environment."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What became of one project in one run."""

    DONE = "done"
    PENDING = "pending"
    """Something of it is still under way in AWS."""
    FAILED = "failed"
    REFUSED = "refused"
    """A guard withheld what there was to do."""
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class ProjectRecord:
    """One project in one run."""

    project: str
    before: int | None
    """Version that served before; None when nothing did."""
    after: int | None
    """Version that serves afterwards, as far as this run knows."""
    steps: tuple[str, ...]
    """Names of the actions that were done, in their order, such as `Update`."""
    outcome: Outcome
    seconds: float
    error: str = ""
    remedy: str = ""
    image: str = ""
    """Tag of the model image that this run brought to the endpoint, which says whose model it is; empty: none, or by
    a version that did not note it yet."""


@dataclass(frozen=True, slots=True)
class Record:
    """One run."""

    run: str
    """Sortable by time: `20260101T120000Z-1a2b3c4d`."""
    started: str
    """UTC, ISO 8601."""
    ended: str
    commit: str
    """40 hex digits of the manifest's HEAD; what was applied."""
    author: str
    """Of that commit, as git gives the name."""
    actor: str
    """Who ran it: GITHUB_ACTOR, GITLAB_USER_LOGIN or the machine's user."""
    trigger: str
    """Why it ran: GITHUB_EVENT_NAME and its like in CI, `watch`, else `by hand`."""
    url: str
    """Of the CI run; empty elsewhere."""
    fence: int
    """Fencing number of the lease that it ran under."""
    plan: str
    """Digest of the plan, 64 hex digits."""
    exit_code: int
    projects: tuple[ProjectRecord, ...] = ()
    """Projects for which there was something to do, sorted by name; what they stand on comes first, as `platform`,
    `mlflow-server`, `bootstrap` or `environment`."""
    error: str = ""
    """Of the run as a whole."""
    remedy: str = ""
    whole: bool = False
    """Whether it was about all that the manifest says, and not about some projects of it."""


def is_news(record: Record, newest: Record | None) -> bool:
    """Whether a run is worth a record after `newest`: it changed something or tried to, or what it found is new.

    A scheduled run that finds everything in order, or refuses the same as before, is none.
    """
    if any(project.outcome is not Outcome.REFUSED for project in record.projects):
        return True
    return newest is None or _finding(record) != _finding(newest)


def _finding(record: Record) -> tuple[object, ...]:
    refused = tuple((one.project, one.error) for one in record.projects if one.outcome is Outcome.REFUSED)
    return record.commit, record.exit_code, record.error, record.whole, refused
