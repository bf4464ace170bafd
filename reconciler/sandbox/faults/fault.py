"""A fault: what goes wrong, where, and how often. It travels as JSON between the command line and the sandbox."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from http import HTTPStatus
from typing import Any


class Kind(StrEnum):
    """What goes wrong."""

    THROTTLE = "throttle"
    LATENCY = "latency"
    ERROR = "error"
    DROP = "drop"
    CUT = "cut"
    STALE = "stale"
    PAGES = "pages"
    UNHEALTHY = "unhealthy"
    HANG = "hang"
    CAPACITY = "capacity"
    ALARM = "alarm"
    ROLLBACK_FAILS = "rollback-fails"
    KILL_JOB = "kill-job"
    RECLAIM = "reclaim"


JOBS = frozenset({Kind.KILL_JOB, Kind.RECLAIM})
"""Kinds that meet attempts of Batch jobs while they run; `on` names jobs, or is a job's id."""

ENDPOINTS = frozenset({Kind.UNHEALTHY, Kind.HANG, Kind.CAPACITY, Kind.ALARM, Kind.ROLLBACK_FAILS})
"""Kinds that meet creations and updates of endpoints; `on` names endpoints."""

CALLS = frozenset(Kind) - JOBS - ENDPOINTS
"""Kinds that meet calls of the API; `on` names operations."""

ERRORS = frozenset(status.value for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST)
REDIRECTS = {301: ("PermanentRedirect",), 307: ("Redirect", "TemporaryRedirect")}
"""Errors of S3 alone: the bucket is in another region.
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""
EVERYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault to set. Raises ValueError with the reason when it makes no sense."""

    kind: Kind
    on: str = EVERYWHERE
    """Where: an operation as `service:Operation`, an endpoint or a job; `*` and `?` stand for anything."""
    rate: float = 1.0
    """Share of the matching calls that it hits, above 0 and at most 1."""
    seed: int = 0
    """Which calls those are: the same seed hits the same calls."""
    call: int | None = None
    """The first matching call that it hits, counted from 1 since it was set; alone, when `times` says nothing."""
    times: int | None = None
    """How often it hits before it is spent: without, a job once, anything else until the fault is cleared."""
    seconds: float = 0.0
    """How long a call waits, or an answer lags; how long an update goes on until it is unhealthy or its alarm fires."""
    size: int = 1
    """Most entries of a page."""
    status: int = 500
    """HTTP status of an error."""
    code: str = "InternalFailure"
    """AWS's name for an error."""
    message: str = "The sandbox was told to fail this call."
    region: str = ""
    """Where S3 says that the bucket is (`x-amz-bucket-region`)."""
    alarm: str = EVERYWHERE
    """Which of the deployment's rollback alarms fires: the first one that matches."""
    reason: str = ""
    """What a killed job's container says of its end."""

    def __post_init__(self) -> None:
        for wrong, why in (
            (not 0 < self.rate <= 1, f"a rate is above 0% and at most 100%; it is {self.rate:.0%}"),
            (self.call is not None and self.call < 1, f"calls are counted from 1, and there is no call {self.call}"),
            (self.times is not None and self.times < 1, f"a fault hits at least once, not {self.times} times"),
            (self.seconds < 0, f"nothing can last {self.seconds:g} seconds"),
            (self.status not in ERRORS | REDIRECTS.keys(), f"{self.status} is no status that HTTP has for an error"),
            (
                self.status in REDIRECTS and not _is_of_s3(self.on),
                f"{self.status} is an error of S3 alone: name its operations, such as s3:* or s3:GetObject",
            ),
            (
                self.code not in REDIRECTS.get(self.status, (self.code,)),
                f"S3 calls {self.status} {' or '.join(REDIRECTS.get(self.status, ()))}, and not {self.code}",
            ),
            (bool(self.region) and not _is_of_s3(self.on), "S3 alone says where a bucket is: name its operations"),
            (self.size < 1, f"a page has at least one entry, not {self.size}"),
            (self.kind in JOBS and (self.call or self.rate < 1), "a job has no calls to choose from"),
            (self.kind in CALLS and not _names_operations(self.on), _not_an_operation(self.on)),
        ):
            if wrong:
                raise ValueError(why)

    @property
    def limit(self) -> int | None:
        """How often it hits before it is spent; None when only clearing it ends it."""
        once = self.call is not None or self.kind in JOBS
        return 1 if self.times is None and once else self.times


@dataclass(frozen=True, slots=True)
class Standing:
    """A fault that is set, and what it has met so far."""

    id: str
    fault: Fault
    seen: int = 0
    """Matching calls since it was set."""
    hits: int = 0

    @property
    def spent(self) -> bool:
        """Whether it hits no more."""
        return self.fault.limit is not None and self.hits >= self.fault.limit

    def content(self) -> dict[str, Any]:
        """As JSON."""
        return {"id": self.id, "seen": self.seen, "hits": self.hits, "spent": self.spent, **asdict(self.fault)}


def fault_of(content: Mapping[str, Any]) -> Fault:
    """Read a fault. Raises ValueError with the reason when it makes no sense."""
    known = {field.name for field in fields(Fault)}
    unknown = sorted(content.keys() - known)
    if unknown:
        raise ValueError(f"a fault has no {', '.join(unknown)}; it has {', '.join(sorted(known))}")
    try:
        kind = Kind(content["kind"])
    except (KeyError, ValueError):
        raise ValueError(f"there is no fault {content.get('kind', '')!r}; there are {', '.join(Kind)}") from None
    try:
        return Fault(**{**content, "kind": kind})
    except (TypeError, AttributeError) as error:
        raise ValueError(f"a value of the fault is of the wrong type: {error}") from error


def standing_of(content: Mapping[str, Any]) -> Standing:
    """Read what `Standing.content` wrote."""
    own = {"id", "seen", "hits", "spent"}
    fault = fault_of({name: value for name, value in content.items() if name not in own})
    return Standing(content["id"], fault, content["seen"], content["hits"])


def _names_operations(on: str) -> bool:
    service, _, operation = on.partition(":")
    return on == EVERYWHERE or bool(service and operation)


def _is_of_s3(on: str) -> bool:
    return on.startswith("s3:")


def _not_an_operation(on: str) -> str:
    return f"{on!r} names no operation: write service:Operation, such as sagemaker:DescribeEndpoint, batch:* or *"
