"""Whether a failed attempt is tried again, by AWS Batch's rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ending:
    """How one attempt ended."""

    exit_code: int | None
    reason: str | None
    """The container's own reason, absent when its process simply ended."""
    status_reason: str
    final: bool = False
    """Stopped on purpose or by its timeout: never tried again."""

    @property
    def succeeded(self) -> bool:
        """Whether the job is done."""
        return self.exit_code == 0 and not self.final


def tries_again(strategy: Mapping[str, Any], attempts_made: int, ending: Ending) -> bool:
    """Whether a job with this `retryStrategy` is tried again after `attempts_made` attempts, the last one failed."""
    if ending.final or attempts_made >= int(strategy.get("attempts") or 1):
        return False
    return _action(strategy.get("evaluateOnExit") or (), ending) == "RETRY"


def _action(rules: Sequence[Mapping[str, str]], ending: Ending) -> str:
    """The first rule that matches decides; a failure that no rule matches is retried."""
    return next((rule["action"].upper() for rule in rules if _matches(rule, ending)), "RETRY")


def _matches(rule: Mapping[str, str], ending: Ending) -> bool:
    texts = {
        "onExitCode": "" if ending.exit_code is None else str(ending.exit_code),
        "onReason": ending.reason or "",
        "onStatusReason": ending.status_reason,
    }
    return all(_glob(rule[condition], text) for condition, text in texts.items() if rule.get(condition))


def _glob(pattern: str, text: str) -> bool:
    """Only a trailing asterisk is special."""
    return text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern
