"""Policies as values, and the decision about one question.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

from reconciler.sandbox.aws.iam.conditions import Block, UnknownOperator, hold
from reconciler.sandbox.aws.iam.patterns import Context, action_matches, arn_matches, value_matches


@dataclass(frozen=True, slots=True)
class Question:
    """May this be done to that?"""

    action: str
    """Such as `batch:SubmitJob`."""
    resource: str
    """Its ARN; `*` where AWS knows no resource for the action."""
    context: Context = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Statement:
    """One of a policy's."""

    sid: str
    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Block
    principals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By kind (`Service`, `Federated`, `AWS`), in policies of resources and in trust policies."""
    all_but_actions: bool = False
    all_but_resources: bool = False

    def concerns(self, question: Question) -> bool:
        """Whether it says anything about the question. An operator that IAM has not, allows nothing and denies all."""
        named = any(action_matches(one, question.action) for one in self.actions)
        meant = any(arn_matches(one, question.resource, question.context) for one in self.resources)
        if named == self.all_but_actions or meant == self.all_but_resources:
            return False
        try:
            return hold(self.conditions, question.context)
        except UnknownOperator:
            return not self.allows

    def names(self, kind: str, principal: str) -> bool:
        """Whether it speaks of a principal, such as the service `batch.amazonaws.com`."""
        return any(value_matches(one, principal, {}) for one in self.principals.get(kind, ()))


class Verdict(StrEnum):
    """What policies say to a question; a refusal in AWS's own words."""

    ALLOWED = "allowed"
    NOT_ALLOWED = "because no identity-based policy allows the {action} action"
    UNTRUSTED = "because no resource-based policy allows the {action} action"
    DENIED = "with an explicit deny in an identity-based policy"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, and the statements that it rests on."""

    verdict: Verdict
    statements: tuple[Statement, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether it may be done."""
        return self.verdict is Verdict.ALLOWED


def decide(statements: Iterable[Statement], question: Question) -> Decision:
    """An explicit deny wins over everything, and what nothing allows is refused."""
    concerned = [one for one in statements if one.concerns(question)]
    denying = tuple(one for one in concerned if not one.allows)
    if denying:
        return Decision(Verdict.DENIED, denying)
    return Decision(Verdict.ALLOWED if concerned else Verdict.NOT_ALLOWED, tuple(concerned))


@lru_cache(maxsize=1024)
def read(document: str) -> tuple[Statement, ...]:
    """The statements of a policy document in JSON."""
    return tuple(_statement(one) for one in _list(json.loads(document).get("Statement", ())))


def _statement(written: Mapping[str, Any]) -> Statement:
    conditions = {
        operator: {key: tuple(map(_text, _list(values))) for key, values in keys.items()}
        for operator, keys in written.get("Condition", {}).items()
    }
    return Statement(
        sid=written.get("Sid", ""),
        allows=written["Effect"] == "Allow",
        actions=tuple(_list(written.get("NotAction", written.get("Action", ())))),
        resources=tuple(_list(written.get("NotResource", written.get("Resource", "*")))),
        conditions=conditions,
        principals=_principals(written.get("Principal", {})),
        all_but_actions="NotAction" in written,
        all_but_resources="NotResource" in written,
    )


def _principals(written: Any) -> dict[str, tuple[str, ...]]:  # a map, or "*"
    if not isinstance(written, Mapping):
        return dict.fromkeys(("AWS", "Service", "Federated"), (str(written),))
    return {kind: tuple(map(str, _list(names))) for kind, names in written.items()}


def _list(value: Any) -> Sequence[Any]:  # JSON's: one value stands for a list of it
    return value if isinstance(value, (list, tuple)) else (value,)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
