"""Rules on one statement of a policy. Sources: see `policy_rules`.

Beyond IAM's own rules, an Allow may not reach further than a person can see: no `*` for every action, no NotAction,
no wildcard for all of a service that hands out permissions, and none of the actions by which a role can give itself
more (`iam:PassRole`, `sts:AssumeRole` and others) on any role there is, or on what decides over the environment itself
(see `ours.py`). Other roles, by name, are allowed. A Deny takes permissions away, and may say all of that.
"""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from reconciler.core.policy import VARIABLES, substituted, variables
from reconciler.manifest.policy.conditions import condition_problems
from reconciler.manifest.policy.ours import Ours
from reconciler.manifest.problem import Problem, Where, shown, suggestion

_ELEMENTS = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
_EFFECTS = ("Allow", "Deny")
_ACTION = re.compile(r"(?P<service>[A-Za-z0-9-]+):(?P<name>[A-Za-z0-9*?]+)")
_EVERYTHING = re.compile(r"[*?]+(:[*?]+)?")
_WILDCARDS = re.compile(r"[*?]+")
_ARN = re.compile(r"arn:[^:\s]+:[a-z0-9-]+:[^:\s]*:[^:\s]*:.+", re.DOTALL)
_OF_IAM = re.compile(r"\$\{[^}]*\}")
_ANY_IDENTITY = re.compile(r"arn:[^:]*:(iam|sts):[^:]*:[^:]*:([*?]+|[a-z*-]+/[*?/]+)")
_SAMPLE = dict.fromkeys(VARIABLES, "x")
_HAND_OUT_PERMISSIONS = ("account", "iam", "organizations", "sso", "sts")
_ESCALATIONS = """
    iam:AddUserToGroup iam:AttachGroupPolicy iam:AttachRolePolicy iam:AttachUserPolicy iam:CreateAccessKey
    iam:CreateLoginProfile iam:CreatePolicyVersion iam:DeleteRolePermissionsBoundary iam:PassRole iam:PutGroupPolicy
    iam:PutRolePolicy iam:PutUserPolicy iam:SetDefaultPolicyVersion iam:UpdateAssumeRolePolicy iam:UpdateLoginProfile
    sts:AssumeRole
"""
_ESCALATE = tuple(_ESCALATIONS.split())


def statement_problems(statement: Mapping[str, Any], where: Where, ours: Ours) -> Iterator[Problem]:
    """Every rule that a statement breaks, save those on its Sid."""
    yield from _unknown_elements(statement, where)
    yield from _effect_problems(statement, where)
    yield from _one_of("Action", statement, where)
    yield from _one_of("Resource", statement, where)
    yield from _action_problems(statement, where)
    yield from _resource_problems(statement, where)
    yield from _escalations(statement, where, ours)
    if "Condition" in statement:
        yield from condition_problems(statement["Condition"], (*where, "Condition"))


def _unknown_elements(statement: Mapping[str, Any], where: Where) -> Iterator[Problem]:
    for name in statement:
        if name in ("Principal", "NotPrincipal"):
            what = "is not taken, because the role that the policy belongs to is the principal; leave it out"
            yield Problem((*where, name), what)
        elif name not in _ELEMENTS:
            near = suggestion(name, _ELEMENTS) or f"; known here: {', '.join(_ELEMENTS)}"
            yield Problem((*where, name), f"is not an element of a statement{near}")


def _effect_problems(statement: Mapping[str, Any], where: Where) -> Iterator[Problem]:
    if "Effect" not in statement:
        yield Problem(where, "has no Effect; write Allow or Deny, because IAM assumes neither")
    elif statement["Effect"] not in _EFFECTS:
        effect = statement["Effect"]
        near = suggestion(effect, _EFFECTS) if isinstance(effect, str) else ""
        yield Problem((*where, "Effect"), f"{shown(effect)} is not Allow or Deny, because there is nothing else{near}")


def _one_of(name: str, statement: Mapping[str, Any], where: Where) -> Iterator[Problem]:
    opposite = f"Not{name}"
    if name not in statement and opposite not in statement:
        yield Problem(where, f"has neither {name} nor {opposite}, because of which IAM refuses it; write {name}")
    if name in statement and opposite in statement:
        yield Problem((*where, opposite), f"stands beside {name}, because of which IAM refuses it; keep one of the two")


def _action_problems(statement: Mapping[str, Any], where: Where) -> Iterator[Problem]:
    allows = statement.get("Effect") == "Allow"
    if allows and "NotAction" in statement:
        what = "allows everything that it does not name, because the Effect is Allow; name the actions in Action"
        yield Problem((*where, "NotAction"), what)
    for name in ("Action", "NotAction"):
        if name in statement:
            yield from _not_texts(statement[name], (*where, name), "s3:GetObject")
            for place, text in _texts(statement[name], (*where, name)):
                if fault := _action_fault(text, allows=allows):
                    yield Problem(place, f"{shown(text)} {fault}")


def _action_fault(text: str, *, allows: bool) -> str:
    if _EVERYTHING.fullmatch(text):
        what = "allows everything, because it stands for every action of every service; name the actions"
        return what if allows else ""
    action = _ACTION.fullmatch(text)
    if action is None:
        because = "because that is a service, a colon and a name that may hold wildcards"
        return f"is not an action, {because}; write one such as s3:GetObject or s3:Get*"
    service = action["service"].lower()
    if allows and service in _HAND_OUT_PERMISSIONS and _WILDCARDS.fullmatch(action["name"]):
        return f"allows the role to give itself everything, because {service} hands out permissions; name the actions"
    return ""


def _resource_problems(statement: Mapping[str, Any], where: Where) -> Iterator[Problem]:
    for name in ("Resource", "NotResource"):
        if name in statement:
            yield from _not_texts(statement[name], (*where, name), "arn:${partition}:s3:::${artifact_bucket}/*")
            for place, text in _texts(statement[name], (*where, name)):
                if fault := _resource_fault(text):
                    yield Problem(place, f"{shown(text)} {fault}")


def _resource_fault(text: str) -> str:
    if text == "*" or not set(variables(text)) <= set(VARIABLES):
        return ""
    plain = substituted(text, _SAMPLE)
    if not _ARN.fullmatch(_OF_IAM.sub("x", plain)):
        because = "because that is * or arn:partition:service:region:account:resource, with a service by name"
        return f"is not a resource, {because}; write one such as arn:${{partition}}:s3:::${{artifact_bucket}}/*"
    if "\0" in ":".join(_OF_IAM.sub("\0", plain).split(":")[:5]):
        return "has a variable of IAM's too early, because IAM replaces them after the fifth colon only; write it out"
    return ""


def _escalations(statement: Mapping[str, Any], where: Where, ours: Ours) -> Iterator[Problem]:
    if statement.get("Effect") != "Allow":
        return
    for place, text in _texts(statement.get("Action"), (*where, "Action")):
        what = _escalation(text, statement, ours) if not _action_fault(text, allows=True) else ""
        if what:
            yield Problem(place, f"{shown(text)} {what}")


def _escalation(action: str, statement: Mapping[str, Any], ours: Ours) -> str:
    """How a job gets further with an action than its policy says; empty when it does not."""
    resources = [text for _, text in _texts(statement.get("Resource"), ())]
    unbounded = "NotResource" in statement or any(_is_any_identity(text) for text in resources)
    reached = next((one for one in _ESCALATE if fnmatchcase(one.lower(), action.lower())), None)
    if unbounded and reached:
        what = f"on any resource allows the role to take every permission, because it covers {reached}"
        return f"{what}; name the resources, such as arn:${{partition}}:iam::${{account}}:role/data-reader"
    excepted = [text for _, text in _texts(statement.get("NotResource"), ())]
    broken = ours.guard_of(action, ["*"] if "NotResource" in statement else resources, excepted)
    if broken is None:
        return ""
    guard, of_ours = broken
    return f"{guard.what}, because its resources cover {of_ours.split(':', 5)[5]}; name {guard.instead}"


def _is_any_identity(resource: str) -> bool:
    return resource == "*" or bool(_ANY_IDENTITY.fullmatch(resource))


def _texts(value: Any, where: Where) -> Iterator[tuple[Where, str]]:
    """The texts of a text or a list of texts, with their places."""
    several = value if isinstance(value, list) else [value]
    for index, item in enumerate(several):
        if isinstance(item, str):
            yield ((*where, index) if isinstance(value, list) else where), item


def _not_texts(value: Any, where: Where, example: str) -> Iterator[Problem]:
    if value == []:
        yield Problem(where, f"is an empty list, because of which IAM refuses it; write one such as {example}")
    several = value if isinstance(value, list) else [value]
    for index, item in enumerate(several):
        if not isinstance(item, str):
            place = (*where, index) if isinstance(value, list) else where
            yield Problem(place, f"{shown(item)} is not text, because IAM takes text or a list of it; write {example}")
