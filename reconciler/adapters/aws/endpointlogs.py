"""The end of an endpoint's log: what the containers wrote that did not come up."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from reconciler.adapters.aws.answers import Meaning, means
from reconciler.adapters.aws.faults import AWS_FAULTS, failed

STREAMS = 3
"""The newest ones that are read: one for each instance."""
LINES = 15
LONGEST = 2000
"""Characters of a tail."""
LATE = 60
"""Seconds by which clocks may differ."""


def tail(logs: Any, group: str, since: datetime) -> str:
    """The last lines of the newest streams that began since then, oldest first; empty when there are none.

    The fleet that goes on serving writes to the same group: its streams are older. Raises ReadFailed.
    """
    start = int((since.timestamp() - LATE) * 1000)
    try:
        events = sorted(_events(logs, group, start), key=lambda event: int(event["timestamp"]))
    except AWS_FAULTS as fault:
        if means(fault, Meaning.ABSENT):
            return ""
        raise failed(fault, f"the log {group}") from fault
    return last_lines(events)


def last_lines(events: Iterable[Mapping[str, Any]]) -> str:
    """The last of the lines in log events that are given oldest first, without empty ones."""
    lines = [line.rstrip() for event in events for line in event["message"].splitlines() if line.strip()]
    return "\n".join(lines[-LINES:])[-LONGEST:]


def _events(logs: Any, group: str, start: int) -> Iterator[Mapping[str, Any]]:
    found = logs.describe_log_streams(logGroupName=group, orderBy="LastEventTime", descending=True)["logStreams"]
    begun = [stream for stream in found if stream.get("creationTime", 0) >= start]
    for stream in begun[:STREAMS]:
        yield from logs.get_log_events(
            logGroupName=group, logStreamName=stream["logStreamName"], startTime=start, startFromHead=False
        )["events"]
