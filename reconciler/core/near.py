"""What somebody may have meant who typed a name that nobody has."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


def no_project(unknown: Sequence[str], known: Iterable[str]) -> tuple[str, str]:
    """What is wrong with these names of projects, and which there are."""
    there = sorted(known)
    return f"no project named {', '.join(unknown)}{meant(unknown, there)}", f"known are: {', '.join(there) or 'none'}"


def meant(unknown: Sequence[str], known: Iterable[str]) -> str:
    """`; did you mean alpha?`, or nothing when no known name is near."""
    there = list(known)
    near = dict.fromkeys(one for name in unknown for one in get_close_matches(name, there, n=1))
    return f"; did you mean {', '.join(near)}?" if near else ""
