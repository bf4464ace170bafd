"""From the records of `schema` to a validator, and to a JSON Schema.

pydantic-core, pydantic's own engine, is driven without the rest of pydantic: importing it takes a third of the time,
and `reconcile validate` promises to be quicker than `import boto3`. pydantic itself writes the JSON Schema.
"""

from dataclasses import MISSING
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic_core import CoreSchema, SchemaValidator, core_schema

from reconciler.manifest.leaves import Leaf
from reconciler.manifest.record import Field, fields, is_record

VALUE, MAPPING = "value", "mapping"
"""Tags of a union of a single value and a record."""
PLAIN_TYPE = "realtime"
"""The type of a record that names none."""


@lru_cache
def validator(record: type) -> SchemaValidator:
    """The validator that turns plain values into `record`."""
    return SchemaValidator(schema_of(record))


def schema_of(hint: Any) -> CoreSchema:
    """pydantic-core's schema of a type: strict, and closed to unknown keys."""
    if is_record(hint):
        return _record(hint)
    arguments = get_args(hint)
    match get_origin(hint):
        case origin if origin is Annotated:
            leaf: Leaf = arguments[1]
            return leaf.schema
        case origin if origin is Literal:
            return core_schema.literal_schema(list(arguments))
        case origin if origin is tuple:
            described = {"pydantic_js_updates": {"description": arguments[0].__doc__}}
            return core_schema.tuple_variable_schema(schema_of(arguments[0]), metadata=described)
        case origin if origin is dict:
            told = {"pydantic_js_updates": {"description": _of_entries(*arguments)}}
            return core_schema.dict_schema(schema_of(arguments[0]), schema_of(arguments[1]), metadata=told)
        case _:
            return _union(alternatives(hint))


def _of_entries(name: Any, value: Any) -> str:
    """What an editor shows beside a mapping of names to values."""
    leaves = [leaf for leaf in (leaf_of(name), leaf_of(value)) if leaf]
    return " ".join(str(leaf.schema["metadata"]["pydantic_js_updates"]["description"]) for leaf in leaves)


def alternatives(hint: Any) -> list[Any]:
    """The types of a union without None; any other type alone."""
    if get_origin(hint) not in (Union, UnionType):
        return [hint]
    return [choice for choice in get_args(hint) if choice is not NoneType]


def leaf_of(hint: Any) -> Leaf | None:
    """The leaf that a type carries, when it is a single value."""
    inner = alternatives(hint)[0]
    return get_args(inner)[1] if get_origin(inner) is Annotated else None


def _record(hint: Any) -> CoreSchema:
    present = fields(hint)
    arguments = core_schema.dataclass_args_schema(hint.__name__, [_field(one) for one in present])
    closed = core_schema.CoreConfig(extra_fields_behavior="forbid")
    names = [one.name for one in present]
    return core_schema.dataclass_schema(hint, arguments, names, frozen=True, config=closed)


def _field(field: Field) -> core_schema.DataclassField:
    schema = schema_of(field.type)
    if field.default is not MISSING:
        schema = core_schema.with_default_schema(schema, default=field.default)
    return core_schema.dataclass_field(field.name, schema, validation_alias=field.key)


def _union(choices: list[Any]) -> CoreSchema:
    """One of several records, told apart by their `type`; a single value or a record; or one type alone."""
    if len(choices) == 1:
        return schema_of(choices[0])
    by_tag = {tag_of(choice): schema_of(choice) for choice in choices}
    words = list(by_tag)
    context: dict[str, Any] = {"words": f"{', '.join(words[:-1])} or {words[-1]}", "choices": words}
    return core_schema.tagged_union_schema(
        by_tag,
        _single_or_mapping if VALUE in by_tag else chosen_type,
        custom_error_type="choice",
        custom_error_message="{words}",
        custom_error_context=context,
    )


def tag_of(choice: Any) -> str:
    """What tells a choice of a union from the others: the word in a record's field `type`, or its shape."""
    if not is_record(choice):
        return VALUE
    return next((str(one.default) for one in fields(choice) if one.name == "type"), MAPPING)


def _single_or_mapping(written: Any) -> str:
    return MAPPING if isinstance(written, dict) else VALUE


def chosen_type(written: Any) -> Any:
    """The `type` of a mapping."""
    return written.get("type", PLAIN_TYPE) if isinstance(written, dict) else None


def json_schema_of(record: type) -> dict[str, Any]:
    """JSON Schema of a record, by pydantic."""
    from pydantic.json_schema import GenerateJsonSchema

    writer = GenerateJsonSchema()
    writer.ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # records: nobody would write those
    return writer.generate(schema_of(record))
