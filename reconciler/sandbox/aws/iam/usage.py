"""What roles were seen to use of what they are allowed, and what they were refused."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.sandbox.aws.iam.policy import Question, Statement


@dataclass(frozen=True, slots=True)
class Refused:
    """One question that a role's policies did not allow."""

    role: str
    action: str
    resource: str

    def content(self) -> dict[str, str]:
        """In JSON."""
        return {"role": self.role, "action": self.action, "resource": self.resource}


class Usage:
    """Counts for as long as the server runs. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: Counter[tuple[str, str]] = Counter()
        self._refused: Counter[Refused] = Counter()

    def used(self, role: str, question: Question) -> None:
        """A role did something that it may do."""
        with self._lock:
            self._used[role, question.action] += 1

    def refused(self, role: str, question: Question) -> None:
        """A role may not do something that it asked for."""
        with self._lock:
            self._refused[Refused(role, question.action, question.resource)] += 1

    def roles(self) -> list[str]:
        """Everybody who asked for anything."""
        with self._lock:
            return sorted({role for role, _ in self._used} | {one.role for one in self._refused})

    def report(self, role: str, statements: Iterable[Statement]) -> Mapping[str, Any]:
        """Of one role: calls by action, what is allowed and was never used, what was refused."""
        with self._lock:
            used = {action: number for (who, action), number in sorted(self._used.items()) if who == role}
            refused = [one.content() for one in sorted(self._refused, key=str) if one.role == role]
        return {"role": role, "used": used, "unused": sorted(allowed(statements) - used.keys()), "refused": refused}


def allowed(statements: Iterable[Statement]) -> set[str]:
    """Actions that statements name; ours have no wildcards in them."""
    return {action for one in statements if one.allows and not one.all_but_actions for action in one.actions}
