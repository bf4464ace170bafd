"""IAM policy templates: JSON whose text may hold `${platform}` and other variables of ours.

IAM has policy variables of its own in the same form. A name of ours is a plain word; one of IAM's has a colon
(`${aws:username}`), or is one of the three characters that cannot be written otherwise (`${*}`, `${?}`, `${$}`):
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

VARIABLES = ("platform", "environment", "region", "project", "account", "partition", "artifact_bucket")
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_OF_IAM = ("*", "?", "$")


def render(template: str, values: Mapping[str, str]) -> str:
    """The policy as compact JSON, in the template's own order, with each of our variables replaced by its value.

    Raises KeyError for a variable of ours that has no value, and ValueError when the template is not JSON.
    """
    return json.dumps(_filled(json.loads(template), values), separators=(",", ":"), ensure_ascii=False)


def variables(text: str) -> Iterator[str]:
    """Names of the variables in a text that IAM does not replace itself, known to us or not."""
    return (name for name in _VARIABLE.findall(text) if not _is_of_iam(name))


def substituted(text: str, values: Mapping[str, str]) -> str:
    """The text with our variables replaced. Raises KeyError for one that has no value."""
    return _VARIABLE.sub(lambda found: found[0] if _is_of_iam(found[1]) else values[found[1]], text)


def expanded(text: str, values: Mapping[str, str]) -> str:
    """A pattern that stands for all that the text may stand for: a variable without a value is any text."""
    return _VARIABLE.sub(lambda found: values.get(found[1], "*"), text)


def _filled(part: Any, values: Mapping[str, str]) -> Any:
    match part:
        case str():
            return substituted(part, values)
        case list():
            return [_filled(item, values) for item in part]
        case dict():
            return {substituted(key, values): _filled(item, values) for key, item in part.items()}
    return part


def _is_of_iam(name: str) -> bool:
    return ":" in name or name in _OF_IAM
