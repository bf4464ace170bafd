"""Plain values of YAML, read so that no two readers of the file can disagree on them.

PyYAML follows YAML 1.1, editors and other tools mostly YAML 1.2. Words and numbers that mean something else in the
two are refused with the way to write them.
"""

import re

from yaml import ScalarNode

from reconciler.manifest.problem import clipped

Scalar = str | int | float | bool | None

_TAG = "tag:yaml.org,2002:"
_TEXT = {_TAG + kind for kind in ("str", "timestamp", "value", "merge")}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}")
_ZERO_FIRST = re.compile(r"[-+]?0[0-9_]+")


class AmbiguousScalar(ValueError):
    """A plain value that YAML readers disagree on; the text says how to write it instead."""


def read_scalar(node: ScalarNode) -> Scalar:
    """Value of a YAML scalar. Raises AmbiguousScalar."""
    text = str(node.value)
    if not node.style and _ZERO_FIRST.fullmatch(text):
        short = clipped(text)
        raise AmbiguousScalar(
            f'{short} starts with a zero: as text write it in quotes ("{short}"), as a number without the zero, '
            "because YAML 1.1 reads such numbers as octal"
        )
    if node.tag in _TEXT:
        return text
    match node.tag.removeprefix(_TAG):
        case "null":
            return None
        case "bool":
            return _boolean(text)
        case "int" | "float":
            return _number(text)
    raise AmbiguousScalar(
        f"the tag {clipped(node.tag.replace(_TAG, '!!'))} is not used in manifests; write a plain value"
    )


def _boolean(text: str) -> bool:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    meaning = "true" if text.lower() in ("yes", "on", "y") else "false"
    raise AmbiguousScalar(
        f'{text} is not clear: write {meaning}, or as text "{text}" in quotes, because YAML 1.1 reads the word '
        f"as {meaning} and YAML 1.2 as text"
    )


def _number(text: str) -> int | float:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    short = clipped(text)
    if re.fullmatch(r"-?[0-9]+", text):
        raise AmbiguousScalar(
            f"{short} has more than 18 digits, which not every YAML reader keeps; write a smaller number"
        )
    if ":" in text:
        raise AmbiguousScalar(
            f'{short} is not clear: write it in quotes ("{short}") or as one plain number, because YAML 1.1 reads '
            "it as a number to the base of 60"
        )
    raise AmbiguousScalar(
        f"{short} is not clear: write plain decimal digits, because YAML readers disagree on the rest"
    )
