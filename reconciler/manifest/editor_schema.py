"""The manifest's JSON Schema, by which editors complete and check it."""

from typing import Any

from reconciler.manifest.engine import PLAIN_TYPE, json_schema_of
from reconciler.manifest.schema import ManifestFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def manifest_schema() -> dict[str, Any]:
    """JSON Schema of the whole file; rules that look at two values at once are not in it."""
    schema = {"$schema": DIALECT, **_tidy(json_schema_of(ManifestFile))}
    return {**schema, "title": "Manifest", "required": ["version", "projects"]}


def _tidy(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_tidy(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    tidy = {key: _tidy(value) for key, value in schema.items() if not _says_nothing(key, value)}
    return {**tidy, **_told_apart(tidy)}


def _told_apart(schema: dict[str, Any]) -> dict[str, Any]:
    """What makes a record with a `type` differ from the others of its choice: all but the plain one have to say it."""
    word = schema.get("properties", {}).get("type", {}).get("const")
    if word in (None, PLAIN_TYPE):
        return {}
    return {"required": ["type", *schema.get("required", ())]}


def _says_nothing(key: str, value: Any) -> bool:
    """Titles repeat their keys; defaults that are empty or made of parts are not what a person would write."""
    if key == "title":
        return isinstance(value, str)
    return key == "default" and (value in (None, "") or isinstance(value, dict | list))
