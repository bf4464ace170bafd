"""How many random cases a property is tried with: a sample each time, and with LONG=1 all of them."""

from typing import Any

from hypothesis import settings

from support.chaos.figures import LONG

SAMPLE = 4
"""One case in so many is tried: they are others every time."""
FEWEST = 20


def examples(most: int, **more: Any) -> settings:
    """Settings of a property for which `most` cases are many."""
    return settings(max_examples=most if LONG else max(FEWEST, most // SAMPLE), deadline=None, **more)
