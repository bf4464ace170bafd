"""The end of a log, as much of it as says why something failed."""

from collections.abc import Sequence

LINES = 15
WIDTH = 500
"""Characters of one line."""
TRACEBACK = "Traceback (most recent call last)"
"""How Python begins one. https://docs.python.org/3/library/traceback.html"""
LEFT_OUT = "..."


def end_of(log: str, most: int = LINES, width: int = WIDTH) -> tuple[str, ...]:
    """The last lines of a log, `most` of them and each within `width`, without empty ones.

    The line that names an exception is among them, whatever was written after it.
    """
    lines = [line.rstrip() for line in log.splitlines() if line.strip()]
    shown, thrown = lines[-most:], _thrown(lines)
    if thrown is not None and thrown < len(lines) - most:
        shown = [lines[thrown], LEFT_OUT, *shown[2:]]
    return tuple(line if len(line) <= width else f"{line[: width - len(LEFT_OUT)]}{LEFT_OUT}" for line in shown)


def _thrown(lines: Sequence[str]) -> int | None:
    """Where the newest traceback names its exception: it is the first line that stands no further in than its head."""
    heads = [number for number, line in enumerate(lines) if line.lstrip().startswith(TRACEBACK)]
    if not heads:
        return None
    depth = _depth(lines[heads[-1]])
    after = range(heads[-1] + 1, len(lines))
    return next((number for number in after if _depth(lines[number]) <= depth), None)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
