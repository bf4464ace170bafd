"""Kinds of single values: what each accepts, and the words for one that it does not accept.

Each builder returns a leaf, to stand in `Annotated[...]` on a field of `schema.py`. `meaning` is what
an editor shows beside the key, `because` ends the sentence that refuses a value.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic_core import CoreSchema, core_schema

INT32 = 2**31 - 1
"""The largest whole number that the AWS APIs take."""
NAME_FORM = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
_PERIOD = "^(0|[1-9][0-9]{0,9})(s|m|h)$"
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_LATENCY = "^([1-9][0-9]{0,9})(ms|s)$"
_MILLISECONDS = {"ms": 1, "s": 1000}
_PERCENT = r"^(0|[1-9][0-9]{0,2})(%)$"
_FINE_PERCENT = r"^((?:0|[1-9][0-9]{0,2})(?:\.[0-9]{1,3})?)(%)$"


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """pydantic-core's schema of a single value."""

    schema: CoreSchema


def whole(meaning: str, at_least: int, at_most: int = INT32, *, step: int = 1, because: str) -> Leaf:
    """A whole number; neither true nor 3.0 nor "3" is one."""
    schema = core_schema.int_schema(strict=True, ge=at_least, le=at_most, multiple_of=step if step > 1 else None)
    return _leaf(schema, meaning, _range(at_least, at_most, step), because)


def positive(meaning: str, at_most: int, *, because: str) -> Leaf:
    """A number above zero."""
    schema = core_schema.float_schema(strict=True, gt=0, le=at_most)
    return _leaf(schema, meaning, f"a number above 0 and up to {at_most}", because)


def flag(meaning: str) -> Leaf:
    """True or false."""
    schema = core_schema.bool_schema(strict=True)
    return _leaf(schema, meaning, "true or false", "other words, and words in quotes, are text")


def text(meaning: str, pattern: str, expects: str, *, because: str) -> Leaf:
    """Text of a given form."""
    return _leaf(core_schema.str_schema(strict=True, pattern=pattern), meaning, expects, because)


def name(meaning: str, longest: int, *, because: str) -> Leaf:
    """A part of AWS names."""
    schema = core_schema.str_schema(strict=True, max_length=longest, pattern=NAME_FORM)
    expects = f"a name of at most {longest} lowercase letters, digits and single hyphens, beginning with a letter"
    return _leaf(schema, meaning, expects, because)


def checked(meaning: str, check: Callable[[str], Any], expects: str, *, because: str, secret: bool = False) -> Leaf:
    """Text that `check` returns as the value, or raises ValueError for. A `secret` value is never shown."""
    schema = core_schema.no_info_after_validator_function(check, core_schema.str_schema(strict=True))
    return _leaf(schema, meaning, expects, because, secret=secret)


def scalar(meaning: str, longest: int, expects: str, *, because: str) -> Leaf:
    """Text, a number, or true or false; the value is text, numbers in plain digits."""
    schema = core_schema.no_info_before_validator_function(
        written,
        core_schema.str_schema(strict=True, max_length=longest),
        json_schema_input_schema=core_schema.union_schema(
            [core_schema.str_schema(), core_schema.float_schema(), core_schema.bool_schema()]
        ),
    )
    return _leaf(schema, meaning, expects, because)


def written(value: object) -> object:
    """A plain value of YAML as a person would write it; what is none stays as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return str(value) if isinstance(value, int) else value


def several(meaning: str, item: Leaf) -> Leaf:
    """A list of values of one kind."""
    described = {"pydantic_js_updates": {"description": f"{meaning}."}}
    return Leaf(core_schema.tuple_variable_schema(item.schema, metadata=described))


def one_of(meaning: str, choices: Iterable[str], expects: str, *, because: str) -> Leaf:
    """One of a closed set of words."""
    known = sorted(choices)
    return _leaf(core_schema.literal_schema(known), meaning, expects, because, choices=known)


def period(meaning: str, at_least: int, at_most: int = INT32, *, because: str) -> Leaf:
    """Seconds, or a number with a unit such as `90m`; the value is seconds."""
    seconds = core_schema.int_schema(strict=True, ge=at_least, le=at_most)
    endless = at_most == INT32
    such = f"4h, 90m or 300s of at least {at_least}" if endless else f"10m or 90s of {at_least} to {at_most}"
    return _leaf(_with_unit(seconds, _PERIOD, _SECONDS, bare=True), meaning, f"a time such as {such} seconds", because)


def latency(meaning: str, at_most: int, *, because: str) -> Leaf:
    """A number with a unit, `400ms` or `2s`; the value is milliseconds."""
    milliseconds = core_schema.int_schema(strict=True, ge=1, le=at_most)
    expects = f"a time such as 400ms or 2s, at most {at_most // 1000}s"
    return _leaf(_with_unit(milliseconds, _LATENCY, _MILLISECONDS, bare=False), meaning, expects, because)


def percent(meaning: str, at_least: int, at_most: int = 100, *, because: str) -> Leaf:
    """A whole percentage with its sign, such as `25%`."""
    number = core_schema.int_schema(strict=True, ge=at_least, le=at_most)
    expects = f"a whole percentage from {at_least}% to {at_most}%"
    return _leaf(_with_unit(number, _PERCENT, {"%": 1}, bare=False), meaning, expects, because)


def fine_percent(meaning: str, *, because: str) -> Leaf:
    """A percentage above zero with its sign, such as `0.5%`; the value is a float."""
    number = core_schema.float_schema(gt=0, lt=100)
    expects = "a percentage such as 1% or 0.5%, above 0% and below 100%"
    return _leaf(_with_unit(number, _FINE_PERCENT, {"%": 1}, bare=False), meaning, expects, because)


def _with_unit(number: CoreSchema, form: str, units: Mapping[str, int], *, bare: bool) -> CoreSchema:
    """A number that is written with its unit; `bare`: or, in the smallest unit, without."""
    text_schema = core_schema.str_schema(pattern=form)
    written = core_schema.union_schema([number, text_schema]) if bare else text_schema

    def read(value: object) -> object:
        match = re.fullmatch(form, value) if isinstance(value, str) else None
        if match:
            return (float(match[1]) if "." in match[1] else int(match[1])) * units[match[2]]
        if bare:
            return value
        raise ValueError(value)

    return core_schema.no_info_before_validator_function(read, number, json_schema_input_schema=written)


def _leaf(schema: CoreSchema, meaning: str, expects: str, because: str, **context: Any) -> Leaf:
    wrapped = core_schema.custom_error_schema(
        schema,
        custom_error_type="leaf",
        custom_error_message="{expects}, because {because}",
        custom_error_context={"expects": expects, "because": because, **context},
        metadata={"pydantic_js_updates": {"description": f"{meaning}: {expects}, because {because}."}},
    )
    return Leaf(wrapped)


def _range(at_least: int, at_most: int, step: int) -> str:
    if at_least == at_most:
        return f"{at_least}"
    kind = "a whole number" if step == 1 else f"a multiple of {step}"
    return f"{kind} of at least {at_least}" if at_most == INT32 else f"{kind} from {at_least} to {at_most}"
