"""The reference of the manifest's keys, from its JSON Schema and its example."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from support.docs.markdown import slug

Schema = Mapping[str, Any]

NAMED = "NAME"
WHOLE = "the manifest"
TYPES = {"integer": "whole number", "string": "text", "boolean": "true or false", "number": "number"}
OTHERWISE = {
    "sandbox": True,
    "mlflow": {"tracking_uri": "https://mlflow.acme.example", "artifact_bucket": "acme-models"},
    "network": {
        "vpc_id": "vpc-0a1b2c3d4e5f60718",
        "subnet_ids": ["subnet-0a1b2c3d4e5f60718"],
        "public_ips": True,
        "cidr": "10.20.0.0/16",
        "zones": 2,
    },
}
"""What the example can only say in comments, because it excludes what the example says."""
BAR = "\\|"
FLAG = ": true or false, because other words, and words in quotes, are text."
"""What the column `type` says already."""
COLUMNS = ("key", "type", "default", "what", "example")


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapping of the manifest: where it stands, what is said of it, its schema, and examples of it."""

    title: str
    schema: Schema
    examples: tuple[Any, ...]

    @property
    def keys(self) -> Mapping[str, Schema]:
        """Schema of each of its keys."""
        return dict(self.schema["properties"])

    def examples_of(self, key: str) -> tuple[Any, ...]:
        """What the example says for one of its keys, wherever it does."""
        return tuple(one[key] for one in self.examples if isinstance(one, dict) and key in one)


def reference(schema: Schema, *examples: Any) -> str:
    """A section with a table for each mapping, the manifest itself first; what has the same keys is told once."""
    homes: dict[str, str] = {}
    told = [one for one in _mappings(Mapped(WHOLE, schema, (*examples, OTHERWISE))) if _is_first(one, homes)]
    return "\n".join(f"{_head(mapping)}\n\n{_table(mapping, homes)}" for mapping in told)


def _is_first(mapping: Mapped, homes: dict[str, str]) -> bool:
    return homes.setdefault(_content(mapping), mapping.title) == mapping.title


def _content(mapping: Mapped) -> str:
    return json.dumps(mapping.schema["properties"], sort_keys=True)


def _mappings(mapping: Mapped) -> Iterator[Mapped]:
    """A mapping, and those within it; what only fills in for others comes last."""
    yield mapping
    for key, schema in sorted(mapping.keys.items(), key=lambda one: one[0] == "defaults"):
        for inner in _inner(Mapped(_below(mapping, key), schema, mapping.examples_of(key))):
            yield from _mappings(inner)


def _below(mapping: Mapped, key: str) -> str:
    """Where a key of a mapping stands."""
    if mapping.title == WHOLE:
        return key
    where, colon, kind = mapping.title.partition(": ")
    return f"{where}.{key}{colon}{kind}"


def _inner(found: Mapped) -> Iterator[Mapped]:
    """The mappings that a value may be: itself, those it is a choice of, its items, or what it holds by name."""
    schema, examples = found.schema, found.examples
    if "properties" in schema:
        yield found
    for choice in schema.get("oneOf", ()):
        if "properties" in choice:
            yield _chosen(replace(found, schema=choice))
    if "properties" in (items := _mapping_of(schema.get("items"))):
        yield Mapped(f"{found.title}[]", items, tuple(one for many in examples for one in many))
    if "properties" in (named := _by_name(schema)):
        yield Mapped(f"{found.title}.{NAMED}", named, tuple(one for many in examples for one in many.values()))


def _mapping_of(schema: Any) -> Schema:
    return schema if isinstance(schema, dict) else {}


def _by_name(schema: Schema) -> Schema:
    """The schema of what a mapping holds under names of a person's own."""
    by_pattern = schema.get("patternProperties") or {"": schema.get("additionalProperties")}
    return _mapping_of(next(iter(by_pattern.values())))


def _chosen(found: Mapped) -> Mapped:
    """One kind of a choice, with the examples that are of its kind."""
    word = found.schema["properties"].get("type", {}).get("const")
    mappings = tuple(one for one in found.examples if isinstance(one, dict))
    if word is None:
        return replace(found, examples=mappings)
    fits = tuple(one for one in mappings if one.get("type", "realtime") == word)
    return Mapped(f"{found.title}: {word}", found.schema, fits)


def _head(mapping: Mapped) -> str:
    what = mapping.schema.get("description", "")
    return f"### {mapping.title}\n\n{what}".rstrip()


def _table(mapping: Mapped, homes: Mapping[str, str]) -> str:
    needed = mapping.schema.get("required", ())
    found = {
        key: Mapped(_below(mapping, key), schema, mapping.examples_of(key)) for key, schema in mapping.keys.items()
    }
    rows = [_row(key, one, homes, needed=key in needed) for key, one in found.items()]
    return f"{_line(COLUMNS)}|{'---|' * len(COLUMNS)}\n{''.join(map(_line, rows))}"


def _row(key: str, found: Mapped, homes: Mapping[str, str], *, needed: bool) -> Sequence[str]:
    inner = tuple(_inner(found))
    links = [f"[{_word_for(one, found)}](#{slug(homes[_content(one)])})" for one in inner]
    plain = [] if inner and "default" not in found.schema else [_type(found.schema)]
    example = next((one for one in found.examples if not inner or not isinstance(one, dict | list)), None)
    return (
        _code(key),
        " or ".join((*plain, *links)),
        "needed" if needed else _default(found.schema),
        _what(found.schema).replace("<", "&lt;"),
        _code(_written(example)),
    )


def _what(schema: Schema) -> str:
    """What is said of a value: of itself, or of each that it may be."""
    choices = [one.get("description", "") for one in (*schema.get("oneOf", ()), _by_name(schema))]
    return str(schema.get("description") or " Or: ".join(filter(None, choices))).replace(FLAG, ".")


def _word_for(inner: Mapped, found: Mapped) -> str:
    """What a link to a mapping within a value says."""
    kind = inner.title.rpartition(": ")[2]
    words = {
        found.title: "mapping",
        f"{found.title}[]": "list of mappings",
        f"{found.title}.{NAMED}": "mapping by name",
    }
    return words.get(inner.title, kind)


def _type(schema: Schema) -> str:
    if "const" in schema:
        return _code(schema["const"])
    if "enum" in schema:
        return "word"
    kinds = [kind for kind in (*schema.get("oneOf", ()), *schema.get("anyOf", ())) if "properties" not in kind]
    if kinds:
        return " or ".join(dict.fromkeys(_type(kind) for kind in kinds))
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    return TYPES.get(schema.get("type", ""), "mapping")


def _default(schema: Schema) -> str:
    return _code(_written(schema["default"])) if "default" in schema else ""


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str | bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return json.dumps(value, default=str)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _line(cells: Sequence[str]) -> str:
    return "|" + "".join(f" {cell.replace('|', BAR)} |" if cell else " |" for cell in cells) + "\n"
