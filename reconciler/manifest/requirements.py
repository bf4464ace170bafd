"""`resource-requirements.json`: `[{"type": "VCPU", "value": "2"}, {"type": "MEMORY", "value": "4096"}]`.

The form of AWS Batch's own job definitions. `GPU` may be given as well; memory is in MiB.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.core.desired import Resources
from reconciler.manifest.problem import LineIndex, shown, suggestion

_WHOLE = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_FORM = 'an entry is {"type": "VCPU" | "MEMORY" | "GPU", "value": "…"}'


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of entry."""

    field: str
    form: re.Pattern[str]
    at_least: float
    expects: str


_KINDS = {
    "VCPU": Kind("vcpu", _DECIMAL, 0.25, "a number of at least 0.25"),
    "MEMORY": Kind("memory", _WHOLE, 4, "a whole number of MiB, at least 4"),
    "GPU": Kind("gpu", _WHOLE, 0, "a whole number"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake, and its line."""

    line: int
    what: str


class RequirementsInvalid(ValueError):
    """The requirements cannot be used; `faults` holds every mistake."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(fault.what for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Requirements:
    """Resources, and the line that each of `vcpu`, `memory` and `gpu` is on."""

    resources: Resources
    lines: Mapping[str, int]


def parse_requirements(text: str) -> Requirements:
    """Parse a list of requirements. Raises RequirementsInvalid."""
    return _requirements(_decoded(text), _line_of_entry(text))


def parse_variables(text: str, key: str) -> Requirements | None:
    """Parse the list that stands under `key` in a Terraform variable file; None when it has no such key.

    Raises RequirementsInvalid.
    """
    variables = _decoded(text)
    if not isinstance(variables, dict):
        raise RequirementsInvalid(Fault(1, f"{shown(variables)} is not a mapping of variables"))
    within = _line_of_entry(text)
    return _requirements(variables[key], lambda index: within(index + 1)) if key in variables else None


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise RequirementsInvalid(Fault(error.lineno, f"is not valid JSON: {error.msg}")) from error
    except RecursionError as error:
        raise RequirementsInvalid(Fault(1, "is nested too deeply")) from error
    except ValueError as error:
        raise RequirementsInvalid(Fault(1, "holds a whole number of too many digits; write a shorter one")) from error


def _line_of_entry(text: str) -> Callable[[int], int]:
    """Line of the nth object of the text; entries hold no objects themselves."""
    starts, lines = [match.start() for match in re.finditer(r"\{", text)], LineIndex(text)
    return lambda index: lines.line(starts[index]) if index < len(starts) else 1


def _requirements(entries: Any, line_of: Callable[[int], int]) -> Requirements:
    if not isinstance(entries, list):
        raise RequirementsInvalid(Fault(1, f"{shown(entries)} is not a list of requirements; {_FORM}"))
    values: dict[str, float] = {}
    lines: dict[str, int] = {}
    faults: list[Fault] = []
    for line, entry in ((line_of(index), entry) for index, entry in enumerate(entries)):
        try:
            field, value = _entry(entry, values)
        except ValueError as error:
            faults.append(Fault(line, str(error)))
            continue
        values[field], lines[field] = value, line
    if not faults:
        faults = [Fault(1, f"has no {kind}") for kind in ("VCPU", "MEMORY") if _KINDS[kind].field not in values]
    if faults:
        raise RequirementsInvalid(*faults)
    return Requirements(Resources(values["vcpu"], int(values["memory"]), int(values.get("gpu", 0))), lines)


def _entry(entry: Any, seen: Mapping[str, float]) -> tuple[str, float]:
    """Field and value of one entry. Raises ValueError with a sentence."""
    if not isinstance(entry, dict) or set(entry) != {"type", "value"}:
        raise ValueError(f"{shown(entry)} is not a requirement; {_FORM}")
    kind = _KINDS.get(entry["type"]) if isinstance(entry["type"], str) else None
    if kind is None:
        near = suggestion(str(entry["type"]), _KINDS)
        raise ValueError(f"{shown(entry['type'])} is not a type of requirement; there are {', '.join(_KINDS)}{near}")
    if kind.field in seen:
        raise ValueError(f"{entry['type']} is given twice")
    return kind.field, _amount(entry["type"], entry["value"], kind)


def _amount(name: str, written: Any, kind: Kind) -> float:
    text = str(written) if isinstance(written, str | int | float) else ""
    if not kind.form.fullmatch(text) or float(text) < kind.at_least:
        raise ValueError(f"{shown(written)} is not a value for {name}, which takes {kind.expects}")
    return float(text)
