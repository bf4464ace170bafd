"""What IAM takes as the policy of a role, and what we do not let a role of ours have.

Sources, all in the IAM User Guide: "Grammar of the IAM JSON policy language"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html), "IAM JSON policy elements reference"
(.../reference_policies_elements.html) and "IAM and AWS STS quotas" (.../reference_iam-quotas.html).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.core.policy import VARIABLES, variables
from reconciler.manifest.policy.ours import Ours
from reconciler.manifest.policy.statements import statement_problems
from reconciler.manifest.problem import Problem, Where, shown, suggestion

VERSION = "2012-10-17"
MAX_CHARACTERS = 10_240
"""All inline policies of one role together; white space does not count."""
_FORM = f'a policy is {{"Version": "{VERSION}", "Statement": [...]}}'
_ELEMENTS = ("Version", "Statement")
_NOT_TAKEN = re.compile(r"[^\t\n\r\u0020-\u00ff]")


def policy_problems(value: Any, ours: Ours) -> Iterator[Problem]:
    """Every rule that a policy template breaks, in the environment whose own things are `ours`."""
    for where, text in texts(value):
        yield from _text_problems(where, text)
    if not isinstance(value, dict):
        yield Problem((), f"{shown(value)} is not a policy; {_FORM}")
        return
    yield from _unknown_elements(value)
    yield from _version_problems(value)
    yield from _all_statements(value, ours)


def size_problems(rendered: str) -> Iterator[Problem]:
    """Whether a rendered policy is larger than IAM takes."""
    size = len(re.sub(r"\s", "", rendered))
    if size > MAX_CHARACTERS:
        what = f"is {size} characters long without white space, because its variables count with the longest values"
        yield Problem((), f"{what}; a role takes {MAX_CHARACTERS}: join statements or use wildcards in names")


def texts(value: Any, where: Where = ()) -> Iterator[tuple[Where, str]]:
    """Every text of a JSON value, keys included, with its place."""
    match value:
        case str():
            yield where, value
        case list():
            for index, item in enumerate(value):
                yield from texts(item, (*where, index))
        case dict():
            for key, item in value.items():
                yield (*where, key), key
                yield from texts(item, (*where, key))


def _text_problems(where: Where, text: str) -> Iterator[Problem]:
    for name in dict.fromkeys(variables(text)):
        if name not in VARIABLES:
            near = suggestion(name, VARIABLES) or f"; known are {', '.join(VARIABLES)}, and IAM's own with a colon"
            yield Problem(where, f"${{{name}}} is not a variable{near}")
    if found := _NOT_TAKEN.search(text):
        yield Problem(where, f"{found[0]!r} is not taken, because IAM knows characters up to U+00FF only; leave it out")


def _unknown_elements(policy: Mapping[str, Any]) -> Iterator[Problem]:
    for name in policy:
        if name == "Id":
            yield Problem((name,), "is not taken, because only policies of resources have one; leave it out")
        elif name not in _ELEMENTS:
            near = suggestion(name, _ELEMENTS) or f"; known here: {', '.join(_ELEMENTS)}"
            yield Problem((name,), f"is not an element of a policy{near}")


def _version_problems(policy: Mapping[str, Any]) -> Iterator[Problem]:
    because = "because IAM replaces no variables in older versions of the language"
    if "Version" not in policy:
        yield Problem(("Version",), f'is missing; write "Version": "{VERSION}", {because}')
    elif policy["Version"] != VERSION:
        yield Problem(("Version",), f'{shown(policy["Version"])} is not "{VERSION}", {because}; write it')


def _all_statements(policy: Mapping[str, Any], ours: Ours) -> Iterator[Problem]:
    written = policy.get("Statement")
    several = written if isinstance(written, list) else [written]
    if "Statement" not in policy or several == []:
        yield Problem(("Statement",), "is missing, because a policy without statements allows nothing; write one")
        return
    sids: dict[str, int] = {}
    for number, statement in enumerate(several):
        where: Where = ("Statement", number) if isinstance(written, list) else ("Statement",)
        if not isinstance(statement, dict):
            yield Problem(where, f"{shown(statement)} is not a statement, because that is a mapping with an Effect")
            continue
        yield from statement_problems(statement, where, ours)
        yield from _sid_problems(statement, (*where, "Sid"), number, sids)


def _sid_problems(statement: Mapping[str, Any], where: Where, number: int, sids: dict[str, int]) -> Iterator[Problem]:
    sid = statement.get("Sid", "")
    if not isinstance(sid, str) or not re.fullmatch(r"[A-Za-z0-9]*", sid):
        yield Problem(
            where, f"{shown(sid)} is not a Sid, because IAM takes letters and digits only; leave the rest out"
        )
    elif sid and sid in sids:
        what = f"{shown(sid)} is the Sid of Statement[{sids[sid]}] too, because each may be there once; change one"
        yield Problem(where, what)
    elif sid:
        sids[sid] = number
