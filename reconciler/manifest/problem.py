"""A broken rule, and where it is broken."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from reconciler.core.visible import visible

LONGEST_WORD = 200
"""Characters of a word that is compared with those that are known: what is longer is no slip of the finger."""
Where = tuple[str | int, ...]
"""Keys and list positions from the manifest's top down to a value."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule, as a sentence without its place."""

    where: Where
    what: str
    line: int | None = None
    """When it is not the line of `where`."""
    touches: tuple[Where, ...] = ()
    """Values that the rule looked at besides `where`: when one of them is wrong itself, the rule says nothing."""


def describe(file: str, lines: Mapping[Where, int], problems: Iterable[Problem]) -> tuple[str, ...]:
    """One line of text for each problem, `file:line: path: sentence`, from the top of the file to its end."""
    placed = [(problem.line or line_of(lines, problem.where), problem) for problem in problems]
    ordered = sorted(placed, key=lambda pair: pair[0])
    return tuple(dict.fromkeys(_text(file, line, problem) for line, problem in ordered))


def line_of(lines: Mapping[Where, int], where: Where) -> int:
    """Line of a value; for one that is not there, the line of what should hold it."""
    present = (lines[where[:length]] for length in range(len(where), -1, -1) if where[:length] in lines)
    return next(present, 1)


def _text(file: str, line: int, problem: Problem) -> str:
    path = f"{dotted(problem.where)}: " if problem.where else ""
    return f"{file}:{line}: {visible(path + problem.what, keep='')}"


class LineIndex:
    """Lines of any number of positions in a text, which is read once."""

    def __init__(self, text: str) -> None:
        self._ends = [found.start() for found in re.finditer("\n", text)]

    def line(self, position: int) -> int:
        """The first is 1."""
        return bisect_left(self._ends, position) + 1


def dotted(where: Where) -> str:
    """`projects.ranker.subnet_ids[0]`"""
    joined = "".join(f"[{step}]" if isinstance(step, int) else f".{clipped(step, LONGEST_WORD)}" for step in where)
    return joined.removeprefix(".")


class Places:
    """Values of a manifest, of which any number can be asked for without looking at each."""

    def __init__(self, places: Iterable[Where]) -> None:
        self._places = frozenset(places)
        self._holders = frozenset(holder for place in self._places for holder in _with_holders(place))

    def touch(self, where: Where) -> bool:
        """Whether one of them is this value, holds it, or is held by it."""
        return where in self._holders or any(holder in self._places for holder in _with_holders(where))


def _with_holders(where: Where) -> Iterator[Where]:
    """A place, and the places of everything that holds it."""
    return (where[:length] for length in range(len(where) + 1))


def clipped(text: str, most: int = 40) -> str:
    """As much of a text as a sentence takes: an alias may repeat it a hundred thousand times."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def shown(value: object) -> str:
    """A value as a person would name it, on one line."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return repr(clipped(value))
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case _:
            return str(value)


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'attempts'?`, or nothing when no known word is near."""
    near = _nearest(word, tuple(known)) if len(word) <= LONGEST_WORD else ""
    return f"; did you mean '{near}'?" if near else ""


@lru_cache(maxsize=1000)  # one mistake is often made in every project
def _nearest(word: str, words: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    near = [one for one in words if word and one.endswith(f".{word}")] or get_close_matches(word, words, n=1)
    return near[0] if near else ""
