"""What pydantic-core found, in a person's words."""

from collections.abc import Sequence
from dataclasses import MISSING
from typing import Any, get_args, get_origin

from pydantic_core import ErrorDetails

from reconciler.manifest.engine import alternatives, leaf_of, tag_of
from reconciler.manifest.header import NO_PROJECTS
from reconciler.manifest.problem import Problem, Where, shown, suggestion
from reconciler.manifest.record import fields, is_record
from reconciler.manifest.schema import ManifestFile
from reconciler.manifest.schema_serving import NOT_SERVERLESS, Endpoint, Serverless


def explain(error: ErrorDetails) -> Problem:
    """One broken rule of the schema."""
    where, holder, hint = _locate(error["loc"])
    value, context = error["input"], error.get("ctx", {})
    match error["type"]:
        case "leaf":
            return Problem(where, refusal(value, context))
        case "choice":
            return _no_such_choice(where, value, context, hint)
        case "missing":
            return Problem(where, f"is missing{_expected(hint)}")
        case "unexpected_keyword_argument":
            return Problem(where, _unknown_key(str(where[-1]), holder))
        case "tuple_type":
            return Problem(where, f"{shown(value)} is not a list")
        case _:
            return Problem(where, _no_mapping(where, value, hint, holder))


def _no_mapping(where: Where, value: Any, hint: Any, holder: Any) -> str:
    """Why something is taken for no mapping; of one that is empty, what to write that is taken."""
    if value is not None:
        return f"{shown(value)} is not a mapping of keys to values"
    if where == ("projects",):
        return f"is empty; {NO_PROJECTS}"
    if get_origin(alternatives(hint)[0]) is dict:
        return "is empty; leave the key out, or write {}"
    if get_origin(holder) is dict:
        return "is empty; write {} for every default"
    needed = [one.key for one in fields(_record_of(hint)) if one.default is MISSING]
    ways = f"write below it what it needs: {', '.join(needed)}" if needed else "write {} for every default"
    return f"is empty; leave the key out, or {ways}"


def _record_of(hint: Any) -> Any:
    return next(one for one in alternatives(hint) if is_record(one))


def refusal(value: Any, context: dict[str, Any]) -> str:
    """Why a single value is not taken."""
    expects, because = context["expects"], context["because"]
    if value is None:
        return f"is empty, and must be {expects}, because {because}"
    near = suggestion(value, context.get("choices", ())) if isinstance(value, str) else ""
    what = "the value (not shown)" if context.get("secret") else shown(value)
    return f"{what} is not {expects}, because {because}{near}"


def _no_such_choice(where: Where, value: Any, context: dict[str, Any], hint: Any) -> Problem:
    if not isinstance(value, dict):
        return Problem(where, _no_mapping(where, value, hint, None))
    words, chosen = context["words"], value["type"]
    near = suggestion(chosen, context["choices"]) if isinstance(chosen, str) else ""
    return Problem((*where, "type"), f"{shown(chosen)} is not {words}, because each is served in its own way{near}")


def _expected(hint: Any) -> str:
    leaf = leaf_of(hint)
    return f"; it must be {leaf.schema['custom_error_context']['expects']}" if leaf else ""


def _unknown_key(word: str, holder: Any) -> str:
    if holder is Serverless and word in NOT_SERVERLESS:
        return f"is not for serverless endpoints, because {NOT_SERVERLESS[word]}; leave it out, or use type: realtime"
    known = [one.key for one in fields(holder)]
    if near := suggestion(word, known):
        return f"is not a known key{near}"
    others = [one for one in get_args(Endpoint) if word in {key.key for key in fields(one)}]
    if holder in get_args(Endpoint) and others:
        types = " or ".join(tag_of(one) for one in others)
        return f"is for {types} endpoints, and this one is {tag_of(holder)}; leave it out, or write type: {types}"
    return f"is not a known key; known here: {', '.join(known)}"


def _locate(steps: Sequence[str | int]) -> tuple[Where, Any, Any]:
    """Where in the manifest, the type of what holds it, and its own type."""
    where: list[str | int] = []
    holder: Any = None
    hint: Any = ManifestFile
    for step in steps:
        choices = alternatives(hint)
        if len(choices) > 1:
            hint = next(choice for choice in choices if tag_of(choice) == step)
        elif step != "[key]":
            where.append(step)
            holder, hint = choices[0], _child(choices[0], step)
    return tuple(where), holder, hint


def _child(hint: Any, step: str | int) -> Any:
    if is_record(hint):
        return next((one.type for one in fields(hint) if one.key == step), None)
    return get_args(hint)[-1 if get_origin(hint) is dict else 0]
