"""Kinds of single values: what each accepts, and the words for one that it does not accept.

Each builder returns a leaf, to stand in `Annotated[...]` on a field of `schema.py`. `meaning` is what
an editor shows beside the key, `because` ends the sentence that refuses a value.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pydantic_core import CoreSchema, core_schema

INT32 = 2**31 - 1
"""The largest whole number that the AWS APIs take."""
NAME_FORM = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
TIMEOUT_FORM = "^[1-9][0-9]{0,9}[smh]$"
_SECONDS = {"s": 1, "m": 60, "h": 3600}


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


def checked(meaning: str, check: Callable[[str], str], expects: str, *, because: str, secret: bool = False) -> Leaf:
    """Text that `check` returns cleaned up, or raises ValueError for. A `secret` value is never shown."""
    schema = core_schema.no_info_after_validator_function(check, core_schema.str_schema(strict=True))
    return _leaf(schema, meaning, expects, because, secret=secret)


def several(meaning: str, item: Leaf) -> Leaf:
    """A list of values of one kind."""
    described = {"pydantic_js_updates": {"description": f"{meaning}."}}
    return Leaf(core_schema.tuple_variable_schema(item.schema, metadata=described))


def one_of(meaning: str, choices: Iterable[str], expects: str, *, because: str) -> Leaf:
    """One of a closed set of words."""
    known = sorted(choices)
    return _leaf(core_schema.literal_schema(known), meaning, expects, because, choices=known)


def timeout(meaning: str, at_least: int, *, because: str) -> Leaf:
    """Seconds, or a number with a unit such as `90m`; the value is seconds."""
    seconds = core_schema.int_schema(strict=True, ge=at_least, le=INT32)
    written = core_schema.union_schema([seconds, core_schema.str_schema(pattern=TIMEOUT_FORM)])
    schema = core_schema.no_info_before_validator_function(to_seconds, seconds, json_schema_input_schema=written)
    return _leaf(schema, meaning, f"a time such as 4h, 90m or 300s of at least {at_least} seconds", because)


def to_seconds(written: object) -> object:
    """`90m` to 5400; anything that is not of that form stays what it is."""
    if not isinstance(written, str) or not written[:-1].isascii() or not written[:-1].isdecimal():
        return written
    unit = _SECONDS.get(written[-1])
    return int(written[:-1]) * unit if unit and len(written) <= 11 else written


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
