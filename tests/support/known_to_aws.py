"""Whether AWS knows what a policy speaks of: a statement whose action does not know its resource, or its condition,
never allows anything, and AWS does not say so."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import zip_longest
from typing import Any

from reconciler.sandbox.aws.iam import reference
from reconciler.sandbox.aws.iam.reference import Action, Kind, knows

Statement = Mapping[str, Any]

EVERYWHERE = frozenset({"aws:securetransport", "aws:sourceaccount", "aws:sourcearn"})
"""Condition keys of every request, or of every service's."""
ON_ALL = frozenset({"ecr:DescribeRepositories", "ec2:CreateVpcEndpoint"})
"""Know resources, and are allowed on all: what the provider asks for is all repositories at once."""
UNUSED_KINDS = frozenset({"listener/gwy", "listener/net", "healthcheck"})
"""The reference calls every kind of listener required; each call touches one."""


def faults(state: Mapping[str, Any]) -> list[str]:
    """What the IAM policies in a state of Terraform's say that AWS does not know."""
    statements = [one for policy in _policies(state) for one in json.loads(policy)["Statement"]]
    told = [fault for one in statements for name in _list(one["Action"]) for fault in _faults(one, name)]
    return [*told, *_never_whole([one for one in statements if one["Effect"] == "Allow"])]


def _policies(state: Mapping[str, Any]) -> Iterator[str]:
    for resource in state["resources"]:
        if resource["type"] in ("aws_iam_policy", "aws_iam_role_policy"):
            yield from (instance["attributes"]["policy"] for instance in resource["instances"])


def _faults(statement: Statement, name: str) -> Iterator[str]:
    action, resources = reference.action(name), _list(statement["Resource"])
    where = f"{statement.get('Sid', 'a statement')}: {name}"
    if action is None:
        yield f"{where} is no action"
    elif resources == ["*"]:
        if action.kinds and name not in ON_ALL:
            yield f"{where} knows resources, and is allowed on all"
        yield from _strange_keys(where, statement, action, None)
    else:
        kinds = [kind for kind in action.kinds if any(meet(one, kind.arn) for one in resources)]
        if not kinds:
            yield f"{where} knows none of {resources}"
        for kind in kinds:
            yield from _strange_keys(where, statement, action, kind)


def _strange_keys(where: str, statement: Statement, action: Action, kind: Kind | None) -> Iterator[str]:
    known = action.keys | (kind.keys if kind else frozenset())
    for key in (key for test in statement.get("Condition", {}).values() for key in test):
        if not knows(known, key) and key.lower() not in EVERYWHERE:
            yield f"{where} does not know {key} of {kind.name if kind else 'anything'}"


def _never_whole(allowed: list[Statement]) -> Iterator[str]:
    """Actions that touch a kind of resource in every call, and are allowed on none of it."""
    where: dict[str, list[str]] = {}
    for statement in allowed:
        for name in _list(statement["Action"]):
            where.setdefault(name, []).extend(_list(statement["Resource"]))
    for name, resources in where.items():
        action = reference.action(name)
        needed = [kind for kind in (action.kinds if action else ()) if kind.required and not _unused(kind)]
        yield from (f"{name} needs {kind.arn}" for kind in needed if not any(meet(one, kind.arn) for one in resources))


def _unused(kind: Kind) -> bool:
    return kind.name.rstrip("/") in UNUSED_KINDS


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def meet(resource: str, arn: str) -> bool:
    """Whether some ARN of a kind of resource is one that a policy names."""
    if resource == "*":
        return True
    mine, theirs = resource.split(":", 5), re.sub(r"\$\{\w+\}", "*", arn).split(":", 5)
    return all(_meet(one, other) for one, other in zip_longest(mine, theirs, fillvalue=""))


@cache
def _meet(one: str, other: str) -> bool:
    if not one or not other:
        return not (one + other).strip("*")
    if one[0] == "*" or other[0] == "*":
        left, right = (one, other) if one[0] == "*" else (other, one)
        return _meet(left[1:], right) or _meet(left, right[1:])
    return one[0] == other[0] and _meet(one[1:], other[1:])
