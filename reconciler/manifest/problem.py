"""A broken rule, and where it is broken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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
    return f"{file}:{line}: {printable(path + problem.what)}"


def printable(text: str) -> str:
    """The text on one line, without characters that a terminal would obey."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def dotted(where: Where) -> str:
    """`projects.ranker.subnet_ids[0]`"""
    joined = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where)
    return joined.removeprefix(".")


def related(one: Where, other: Where) -> bool:
    """Whether the two are the same value, or one holds the other."""
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]


def shown(value: object) -> str:
    """A value as a person would name it, on one line."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return repr(value if len(value) <= 40 else value[:39] + "…")
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case _:
            return str(value)


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'attempts'?`, or nothing when no known word is near."""
    from difflib import get_close_matches

    words = list(known)
    near = [one for one in words if word and one.endswith(f".{word}")] or get_close_matches(word, words, n=1)
    return f"; did you mean '{near[0]}'?" if near else ""
