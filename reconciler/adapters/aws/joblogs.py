"""The log lines of a Batch job, as they come."""

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.adapters.aws.answers import Meaning, means
from reconciler.adapters.aws.endpointlogs import last_lines
from reconciler.adapters.aws.faults import AWS_FAULTS, failed

MOST_PAGES = 50
"""Pages read at a time (10,000 lines each): a chatty job must not keep its waiter from noticing that it ended."""
FEW_PAGES = 3
"""Pages that are looked at for the end of a log."""


class JobLog:
    """Remembers how far each log stream of one log group was read to follow it."""

    def __init__(self, logs: Any, group: str) -> None:
        self._logs = logs
        self._group = group
        self._tokens: dict[str, str] = {}

    def new_lines(self, stream: str) -> Iterator[str]:
        """Lines that came since the last call; none while group or stream do not exist. Raises ReadFailed."""
        for _ in range(MOST_PAGES):
            page = self._page(stream)
            if page is None:
                return
            for event in page["events"]:
                yield from event["message"].splitlines()
            before, self._tokens[stream] = self._tokens.get(stream), page["nextForwardToken"]
            # The same token again is CloudWatch's way to say that this is all; an empty page is not.
            if before == self._tokens[stream]:
                return

    def tail(self, stream: str) -> str:
        """Its last lines, oldest first; empty while group or stream do not exist. Raises ReadFailed."""
        found = last_page(self._logs, self._group, stream, FEW_PAGES)
        return last_lines(found[0]) if found else ""

    def _page(self, stream: str) -> Any:
        resume = {"nextToken": self._tokens[stream]} if stream in self._tokens else {}
        return log_page(self._logs, self._group, stream, startFromHead=True, **resume)


def log_page(logs: Any, group: str, stream: str, **more: Any) -> Any:
    """One page of a log stream's lines; None while group or stream do not exist. Raises ReadFailed."""
    try:
        return logs.get_log_events(logGroupName=group, logStreamName=stream, **more)
    except AWS_FAULTS as fault:
        if means(fault, Meaning.ABSENT):
            return None
        raise failed(fault, f"the log {group}/{stream}") from fault


def last_page(logs: Any, group: str, stream: str, most: int) -> tuple[list[Mapping[str, Any]], str] | None:
    """The last lines of a stream, and the token from which it goes on; None while group or stream do not exist.

    An empty page does not mean that there is nothing before it: `most` pages are looked at. Raises ReadFailed.
    """
    page = log_page(logs, group, stream, startFromHead=False)
    if page is None:
        return None
    goes_on = str(page["nextForwardToken"])
    for _ in range(most - 1):
        if page["events"]:
            break
        before, page = page, log_page(logs, group, stream, startFromHead=False, nextToken=page["nextBackwardToken"])
        if page is None or page["nextBackwardToken"] == before["nextBackwardToken"]:
            break
    return list(page["events"]) if page else [], goes_on
