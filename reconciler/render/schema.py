"""The plan file's JSON Schema, and the reading of a plan file. Loads pydantic."""

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from reconciler.core.digest import digest
from reconciler.errors import ReconcilerError, Refused
from reconciler.render.format import FORMAT, Document, Plan

AGAIN = "make a new plan: reconcile --dry-run --out FILE"


def json_schema() -> dict[str, Any]:
    """JSON Schema of everything that `--out` and `-o json` write."""
    made: dict[str, Any] = TypeAdapter(Document).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"Plan, format {FORMAT}", **made}


def read(text: bytes, where: str) -> Plan:
    """The plan in a file's text. Raises ReconcilerError for what is no plan, Refused for one that is not applied."""
    content = _content(text, where)
    if content["format"] != FORMAT:
        raise Refused(f"{where} is a plan of format {content['format']}, this program reads format {FORMAT}", AGAIN)
    if content.get("digest") != _digest(content):
        raise Refused(f"{where} was changed, or cut short, after it was written", AGAIN)
    if "error" in content:
        raise Refused(f"{where} holds no plan: planning failed", AGAIN)
    if "rounds" in content or content.get("report"):
        raise Refused(f"{where} is of a run that was carried out already", AGAIN)
    try:
        return TypeAdapter(Plan).validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ReconcilerError(f"{where} is no plan: {place}: {first['msg']}", AGAIN) from error


def _content(text: bytes, where: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReconcilerError(f"{where} is no plan: it is not whole JSON ({error})", AGAIN) from error
    if not isinstance(content, dict) or "format" not in content:
        raise ReconcilerError(f"{where} is no plan: it has no format", AGAIN)
    return content


def _digest(content: dict[str, Any]) -> str:
    try:
        return digest({key: value for key, value in content.items() if key != "digest"})
    except (ValueError, RecursionError):
        return ""
