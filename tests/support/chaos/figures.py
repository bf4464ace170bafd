"""How much is tried, and what a trial's figures are told as."""

import os
from collections.abc import Callable, Sequence

LONG = bool(os.environ.get("LONG"))
"""`make chaos LONG=1`: everything, not a sample of it."""
KEY = "figures"
"""Name of the test property that holds them."""

Record = Callable[[str, object], None]


def tell(record: Record, what: str, **counts: int) -> None:
    """Have the session's last lines tell a test's figures, added to those of others that are called the same."""
    record(KEY, (what, tuple(counts.items())))


def lines(recorded: Sequence[tuple[str, Sequence[tuple[str, int]]]]) -> list[str]:
    """One line for each name, such as `crash matrix: 412 points tried, 412 survived`."""
    sums: dict[str, dict[str, int]] = {}
    for what, counts in recorded:
        known = sums.setdefault(what, {})
        for name, count in counts:
            known[name] = known.get(name, 0) + count
    return [f"{what}: {_told(counts)}" for what, counts in sums.items()]


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())
