"""Mappings of names to texts that stand in several places of a manifest, taken together."""

from collections.abc import Mapping

from reconciler.core.desired import Pairs


def merged(*mappings: Mapping[str, str] | None) -> Pairs:
    """Their entries, sorted by name; of one name that of the last mapping."""
    found: dict[str, str] = {}
    for one in mappings:
        found |= one or {}
    return tuple(sorted(found.items()))
