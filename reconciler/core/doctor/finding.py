"""What one look found, and what it means."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby


class Verdict(StrEnum):
    """How good it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, or something else does not need it."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """Nobody looked."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of what the doctor says."""

    check: str
    verdict: Verdict
    found: str
    fix: str = ""
    """What to do, best as a command."""


def ok(check: str, found: str) -> Finding:
    """All is well."""
    return Finding(check, Verdict.OK, found)


def warning(check: str, found: str, fix: str) -> Finding:
    """Somebody should know."""
    return Finding(check, Verdict.WARNING, found, fix)


def failed(check: str, found: str, fix: str) -> Finding:
    """Something will not work."""
    return Finding(check, Verdict.FAILED, found, fix)


def skipped(check: str, why: str) -> Finding:
    """Nobody looked."""
    return Finding(check, Verdict.SKIPPED, why)


ELSEWHERE = "not in the sandbox"
"""Of what AWS alone has."""


def blocked(check: str, needs: Sequence[str], known: Mapping[str, Sequence[Finding]]) -> Finding | None:
    """The finding of a check that cannot be made, because one that it needs did not go well; None when it can."""
    lacking = [need for need in needs if not _stands(known[need])]
    return skipped(check, f"needs {' and '.join(lacking)}") if lacking else None


def _stands(findings: Iterable[Finding]) -> bool:
    return all(one.verdict in (Verdict.OK, Verdict.WARNING) for one in findings)


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """With one line for all that is well of one check, and one for all that was skipped of it."""
    by_check = groupby(findings, lambda one: one.check)
    return tuple(line for check, same in by_check for line in _lines(check, tuple(same)))


def _lines(check: str, findings: Sequence[Finding]) -> Iterator[Finding]:
    for verdict in (Verdict.OK, Verdict.SKIPPED):
        if told := dict.fromkeys(one.found for one in findings if one.verdict is verdict):
            yield Finding(check, verdict, ", ".join(told))
    yield from dict.fromkeys(one for one in findings if one.verdict in (Verdict.WARNING, Verdict.FAILED))


def healthy(findings: Iterable[Finding]) -> bool:
    """Whether nothing failed."""
    return all(one.verdict is not Verdict.FAILED for one in findings)
