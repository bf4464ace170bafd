"""Rules on the Condition of a policy's statement: operator, then key, then values.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators":
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import re
from collections.abc import Iterator
from typing import Any

from reconciler.manifest.problem import Problem, Where, shown, suggestion

_OPERATORS = """
    StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase StringLike StringNotLike
    NumericEquals NumericNotEquals NumericLessThan NumericLessThanEquals NumericGreaterThan NumericGreaterThanEquals
    DateEquals DateNotEquals DateLessThan DateLessThanEquals DateGreaterThan DateGreaterThanEquals
    Bool BinaryEquals IpAddress NotIpAddress ArnEquals ArnLike ArnNotEquals ArnNotLike Null
"""
OPERATORS = tuple(_OPERATORS.split())
_OPERATOR = re.compile(r"(ForAllValues:|ForAnyValue:)?(?P<base>[A-Za-z]+?)(?P<optional>IfExists)?")
_KEY = re.compile(r"[A-Za-z0-9-]+:\S+")
_FORM = 'a condition is such as {"StringEquals": {"aws:ResourceTag/team": "ml"}}'


def condition_problems(condition: Any, where: Where) -> Iterator[Problem]:
    """Every rule that a Condition breaks."""
    if not isinstance(condition, dict) or not condition:
        yield Problem(where, f"{_named(condition)} is not a condition, because {_FORM}; write one, or leave it out")
        return
    for operator, keys in condition.items():
        place = (*where, operator)
        if not _is_operator(operator):
            near = suggestion(_base(operator), OPERATORS) or f"; there are {', '.join(OPERATORS)}"
            yield Problem(place, f"is not an operator, because IAM has none of that name{near}")
        if not isinstance(keys, dict) or not keys:
            yield Problem(place, f"{_named(keys)} is not a mapping of keys to values, because {_FORM}; write one")
            continue
        for key, values in keys.items():
            yield from _entry_problems(key, values, (*place, key))


def _entry_problems(key: str, values: Any, where: Where) -> Iterator[Problem]:
    if not _KEY.fullmatch(key):
        yield Problem(where, "is not a key, because that is a service or aws, a colon and a name; write aws:SourceIp")
    several = values if isinstance(values, list) else [values]
    if not several or not all(isinstance(value, str | int | float | bool) for value in several):
        what = f"{_named(values)} is not a value, because IAM compares with text or a list of it; write it in quotes"
        yield Problem(where, what)


def _is_operator(text: str) -> bool:
    found = _OPERATOR.fullmatch(text)
    return bool(found and found["base"] in OPERATORS and not (found["base"] == "Null" and found["optional"]))


def _base(text: str) -> str:
    return text.rpartition(":")[2].removesuffix("IfExists")


def _named(value: Any) -> str:
    return f"an empty {'mapping' if isinstance(value, dict) else 'list'}" if value in ({}, []) else shown(value)
