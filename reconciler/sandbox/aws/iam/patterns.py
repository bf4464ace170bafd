"""Wildcards of policies: in actions, in ARNs and in values.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache

Context = Mapping[str, tuple[str, ...]]
"""What AWS knows of a request: values by condition key, keys in lower case."""

VARIABLE = re.compile(r"\$\{([^}]*)\}")
LITERAL = {"*": "*", "?": "?", "$": "$"}
"""`${*}` is a star that stands for itself."""

ITSELF = str.maketrans({"*": "\ue000", "?": "\ue001"})
"""What a variable held is no wildcard: until it is compared, characters of nobody's stand for it."""

AGAIN = str.maketrans({"\ue000": "*", "\ue001": "?"})

SEGMENTS = 5
"""Colons before the part of an ARN that its service writes: a wildcard stands for nothing beyond its own segment."""


def action_matches(pattern: str, action: str) -> bool:
    """Whether `batch:Submit*` covers `batch:SubmitJob`; capitals make no difference."""
    return bool(_wildcards(pattern.lower()).fullmatch(action.lower()))


def arn_matches(pattern: str, arn: str, context: Context) -> bool:
    """Whether the ARN in a Resource element covers another, segment by segment."""
    if pattern == "*":
        return True
    resolved = _resolve(pattern, context) or ""
    wanted, found = resolved.split(":", SEGMENTS), arn.split(":", SEGMENTS)
    return len(wanted) == len(found) and all(
        _wildcards(one).fullmatch(other) for one, other in zip(wanted, found, strict=True)
    )


def value_matches(pattern: str, value: str, context: Context) -> bool:
    """Whether a pattern with wildcards and policy variables covers a value; it does not if a variable has no value."""
    resolved = _resolve(pattern, context)
    return resolved is not None and bool(_wildcards(resolved).fullmatch(value))


def text_of(pattern: str, context: Context) -> str | None:
    """A value without wildcards, its variables replaced; None if one of them has no value."""
    resolved = _resolve(pattern, context)
    return None if resolved is None else resolved.translate(AGAIN)


def _resolve(pattern: str, context: Context) -> str | None:
    """Variables replaced; None if one of them has no value."""
    if "${" not in pattern:
        return pattern
    values = [_variable(name, context) for name in VARIABLE.findall(pattern)]
    if None in values:
        return None
    held = iter(str(value).translate(ITSELF) for value in values)
    return VARIABLE.sub(lambda _: next(held), pattern)


def _variable(written: str, context: Context) -> str | None:
    name, _, default = (part.strip() for part in written.partition(","))
    if name in LITERAL:
        return LITERAL[name]
    values: Sequence[str] = context.get(name.lower(), ())
    return values[0] if len(values) == 1 else default.strip("'") or None


@cache
def _wildcards(pattern: str) -> re.Pattern[str]:
    """A pattern of IAM's as a regular expression."""
    meaning = {"*": ".*", "?": "."}
    return re.compile("".join(meaning.get(one) or re.escape(one.translate(AGAIN)) for one in pattern), re.DOTALL)
