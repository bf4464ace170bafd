"""GitHub's expressions, evaluated: `${{ … }}` in texts, and conditions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from support.workflows import functions, syntax
from support.workflows.values import Wrong, equal, less, text, true

_HOLE = re.compile(r"\$\{\{((?:[^'}]|'(?:[^']|'')*'|\}(?!\}))*)\}\}")
STATUS = ("success", "failure", "always", "cancelled")


@dataclass(frozen=True)
class Scope:
    """What may be spoken of in one place."""

    contexts: Mapping[str, Any]
    status: Mapping[str, bool] = field(default_factory=dict)
    """What `success()` and its like say here; empty where they must not stand."""

    def narrowed(self, names: Sequence[str]) -> "Scope":
        """With these contexts alone, and without a status."""
        return Scope({name: self.contexts[name] for name in names if name in self.contexts})


def evaluate(expression: str, scope: Scope) -> Any:
    """The value of one expression, without its braces. Raises Wrong."""
    return _value(syntax.parse(expression), scope)


def interpolate(template: str, scope: Scope) -> str:
    """A text with its holes filled. Raises Wrong."""
    filled = _HOLE.sub(lambda hole: text(evaluate(hole[1], scope)), template)
    _refuse_unclosed(template)
    return filled


def resolve(template: Any, scope: Scope) -> Any:
    """A value of YAML with everything in it filled; a text that is one hole alone becomes what it holds."""
    match template:
        case str():
            whole = _HOLE.fullmatch(template.strip())
            return evaluate(whole[1], scope) if whole else interpolate(template, scope)
        case Mapping():
            return {interpolate(str(key), scope): resolve(value, scope) for key, value in template.items()}
        case list():
            return [resolve(value, scope) for value in template]
        case _:
            return template


def holds(condition: Any, scope: Scope) -> bool:
    """Whether an `if:` lets something run. Without a word on the status it asks for success. Raises Wrong."""
    if not isinstance(condition, str):
        return bool(condition) and scope.status["success"]
    whole = _HOLE.fullmatch(condition.strip())
    expression = whole[1] if whole else condition
    if not whole and "${{" in condition:
        raise Wrong(f"the condition {condition!r} is a text, and always true: braces around all of it, or none")
    node = syntax.parse(expression)
    asked = syntax.functions(node) & set(STATUS)
    return (bool(asked) or scope.status["success"]) and true(_value(node, scope))


def _refuse_unclosed(template: str) -> None:
    if "${{" in _HOLE.sub("", template):
        raise Wrong(f"{template!r} holds an expression that is not closed")


def _value(node: syntax.Node, scope: Scope) -> Any:
    match node:
        case syntax.Literal(value=value):
            return value
        case syntax.Context(name=name):
            return _context(name, scope)
        case syntax.Index(of=of, key=None):
            return _every(_value(of, scope))
        case syntax.Index(of=of, key=key) if key is not None:
            return _part(_value(of, scope), _value(key, scope))
        case syntax.Not(of=of):
            return not true(_value(of, scope))
        case syntax.Call(name=name, arguments=arguments):
            return _called(name, [_value(one, scope) for one in arguments], scope)
        case syntax.Binary(operator=operator, left=left, right=right):
            return _binary(operator, left, right, scope)
    raise AssertionError(node)


def _context(name: str, scope: Scope) -> Any:
    if name.lower() not in scope.contexts:
        raise Wrong(f"`{name}` cannot be spoken of here: only {', '.join(sorted(scope.contexts)) or 'nothing'}")
    return scope.contexts[name.lower()]


class _Filtered(list[Any]):
    """What `.*` gave: a key after it is taken of each."""


def _every(value: Any) -> Any:
    match value:
        case Mapping():
            return _Filtered(value.values())
        case list() | tuple():
            return _Filtered(value)
        case _:
            return _Filtered()


def _part(value: Any, key: Any) -> Any:
    if isinstance(value, _Filtered) and isinstance(key, str):
        return _Filtered(found for one in value if (found := _part(one, key)) is not None)
    if isinstance(value, Mapping):
        wanted = text(key).casefold()
        return next((value[name] for name in value if str(name).casefold() == wanted), None)
    if isinstance(value, list | tuple) and isinstance(key, int | float):
        return value[int(key)] if 0 <= key < len(value) else None
    return None


def _called(name: str, arguments: Sequence[Any], scope: Scope) -> Any:
    if name.lower() not in STATUS:
        return functions.call(name, arguments)
    if name.lower() not in scope.status:
        raise Wrong(f"{name}() cannot be asked here")
    return scope.status[name.lower()]


def _binary(operator: str, left: syntax.Node, right: syntax.Node, scope: Scope) -> Any:
    first = _value(left, scope)
    if operator in ("&&", "||"):
        return first if true(first) == (operator == "||") else _value(right, scope)
    second = _value(right, scope)
    match operator:
        case "==":
            return equal(first, second)
        case "!=":
            return not equal(first, second)
        case "<":
            return less(first, second)
        case ">":
            return less(second, first)
        case "<=":
            return less(first, second) or equal(first, second)
        case _:
            return less(second, first) or equal(first, second)
