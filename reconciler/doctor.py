"""Make checks, several at once, each with a time limit, and none that needs what did not go well."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from threading import Thread
from time import monotonic

from reconciler.core.doctor.finding import Finding, blocked, failed
from reconciler.errors import Interrupted, ReconcilerError
from reconciler.ports import Cancel

SECONDS = 15.0
"""For one check, unless it says otherwise."""
LOOK = 0.05
"""Seconds between looks at what has ended."""

Trouble = Callable[[str, str, str], Finding]
"""From a check's name, what went wrong, and what to do."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at; several of the same name are one to those that need it."""

    name: str
    ask: Callable[[], Iterable[Finding]]
    """Raises ReconcilerError when it cannot tell."""
    needs: tuple[str, ...] = ()
    """Names of other checks."""
    seconds: float = SECONDS
    trouble: Trouble = failed
    """What it means that it cannot tell."""


def examine(checks: Sequence[Check], cancel: Cancel) -> tuple[Finding, ...]:
    """Findings of all checks, in their order. Raises Interrupted.

    A check that does not end in time is left alone: its thread ends with the process.
    """
    examination = _Examination(checks)
    while not examination.over:
        examination.begin_what_can_be()
        examination.gather()
        if cancel.wait(LOOK):
            raise Interrupted("the examination was stopped")
    return examination.findings


@dataclass(slots=True)
class _Look:
    """A check that is being made, in a thread of its own."""

    check: Check
    deadline: float
    found: tuple[Finding, ...] | None = None
    crash: BaseException | None = None

    def make(self) -> None:
        try:
            self.found = tuple(self.check.ask())
        except ReconcilerError as error:
            self.found = (self._trouble(error.what, error.remedy),)
        except BaseException as error:  # a mistake of ours: who waits for it raises it again
            self.crash = error

    def result(self) -> tuple[Finding, ...] | None:
        """Its findings, once it has ended or its time is over."""
        if self.crash:
            raise self.crash
        if self.found is None and monotonic() > self.deadline:
            return (self._trouble(f"no answer within {self.check.seconds:g} s", "try again"),)
        return self.found

    def _trouble(self, what: str, remedy: str) -> Finding:
        return self.check.trouble(self.check.name, what, remedy)


@dataclass(slots=True)
class _Examination:
    checks: Sequence[Check]
    known: dict[int, tuple[Finding, ...]] = field(default_factory=dict)
    """Findings, by the number of the check."""
    looks: dict[int, _Look] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Whether everything is known."""
        return len(self.known) == len(self.checks)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of all checks, in their order."""
        return tuple(finding for number in sorted(self.known) for finding in self.known[number])

    def begin_what_can_be(self) -> None:
        """Start every check that waits for nothing; one that waits in vain is known with that."""
        settled = self._settled()
        for number, check in enumerate(self.checks):
            if number in self.known or number in self.looks or any(need not in settled for need in check.needs):
                continue
            if finding := blocked(check.name, check.needs, settled):
                self.known[number] = (finding,)
            else:
                self._start(number, check)

    def gather(self) -> None:
        """Take what has ended."""
        ended = {number: found for number, look in self.looks.items() if (found := look.result()) is not None}
        self.known |= ended
        self.looks = {number: look for number, look in self.looks.items() if number not in ended}

    def _start(self, number: int, check: Check) -> None:
        look = self.looks[number] = _Look(check, monotonic() + check.seconds)
        Thread(target=look.make, name=f"doctor-{check.name}", daemon=True).start()

    def _settled(self) -> dict[str, tuple[Finding, ...]]:
        """Findings by name, where every check of the name is known."""
        pending = {check.name for number, check in enumerate(self.checks) if number not in self.known}
        found: dict[str, tuple[Finding, ...]] = {}
        for number, findings in self.known.items():
            name = self.checks[number].name
            if name not in pending:
                found[name] = (*found.get(name, ()), *findings)
        return found
