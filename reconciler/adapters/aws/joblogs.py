"""The log lines of a Batch job, as they come."""

from collections.abc import Iterator
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
        token: dict[str, str] = {}
        for _ in range(FEW_PAGES):
            try:
                page = self._logs.get_log_events(
                    logGroupName=self._group, logStreamName=stream, startFromHead=False, **token
                )
            except AWS_FAULTS as fault:
                if means(fault, Meaning.ABSENT):
                    return ""
                raise failed(fault, f"the log {self._group}/{stream}") from fault
            if page["events"]:
                return last_lines(page["events"])
            # An empty page does not mean that there is nothing before it.
            token = {"nextToken": page["nextBackwardToken"]}
        return ""

    def _page(self, stream: str) -> Any:
        resume = {"nextToken": self._tokens[stream]} if stream in self._tokens else {}
        try:
            return self._logs.get_log_events(
                logGroupName=self._group, logStreamName=stream, startFromHead=True, **resume
            )
        except AWS_FAULTS as fault:
            if means(fault, Meaning.ABSENT):
                return None
            raise failed(fault, f"the log {self._group}/{stream}") from fault
