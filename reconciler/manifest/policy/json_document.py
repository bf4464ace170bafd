"""JSON text to plain values that remember their lines."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from reconciler.manifest.document import Document
from reconciler.manifest.problem import LineIndex, Problem, Where

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]|[^\s\[\]{},:"]+')
"""Of valid JSON; commas and colons say nothing that the order of the rest does not say."""
_COMMA_AT_THE_END = re.compile(r",\s*[\]}]")
_NOT_JSON = ("NaN", "Infinity", "-Infinity")


def read_json(text: str) -> Document:
    """Parse one JSON value. What is not JSON is among the problems, and so are keys that are written twice."""
    try:
        json.loads(text, parse_int=float)  # of any length: Python reads no whole number of more than 4,300 digits
        walk = _Walk(LineIndex(text), _TOKEN.finditer(text))
        value = walk.value(next(walk.tokens), ())
    except json.JSONDecodeError as error:
        return Document(None, {}, (_syntax_problem(text, error),))
    except RecursionError:
        return Document(None, {}, (Problem((), "is nested too deeply", 1),))
    return Document(value, walk.lines, tuple(walk.problems))


def _syntax_problem(text: str, error: json.JSONDecodeError) -> Problem:
    if not text.strip():
        return Problem((), "is empty; write JSON, or delete the file", 1)
    for comma in _COMMA_AT_THE_END.finditer(text):
        if comma.start() <= error.pos < comma.end():
            what = "is not valid JSON: a comma stands after the last item, because it asks for one more; remove it"
            return Problem((), what, _line(text, comma.start()))
    return Problem((), f"is not valid JSON: {error.msg} (column {error.colno})", error.lineno)


@dataclass(slots=True)
class _Walk:
    """Turns the tokens of valid JSON into values, noting lines and problems on the way."""

    index: LineIndex
    tokens: Iterator[re.Match[str]]
    lines: dict[Where, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def value(self, token: re.Match[str], where: Where) -> Any:
        """What begins with the token."""
        self.lines.setdefault(where, self.index.line(token.start()))
        match token[0]:
            case "{":
                return self._mapping(where)
            case "[":
                return [self.value(item, (*where, index)) for index, item in enumerate(self._until("]"))]
            case word if word in _NOT_JSON:
                return self._report(where, f"is not valid JSON: {word} is no number there; write one in digits", token)
        try:
            return json.loads(token[0])
        except ValueError:
            return self._report(where, "is a whole number of too many digits; write a shorter one", token)

    def _report(self, where: Where, what: str, token: re.Match[str]) -> None:
        self.problems.append(Problem(where, what, self.index.line(token.start())))

    def _mapping(self, where: Where) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key in self._until("}"):
            name = json.loads(key[0])
            place, line = (*where, name), self.index.line(key.start())
            if name in found:
                what = f"is written twice; the first time on line {self.lines[place]}; leave one of them out"
                self.problems.append(Problem(place, what, line))
                self.value(next(self.tokens), place)
                continue
            self.lines[place] = line
            found[name] = self.value(next(self.tokens), place)
        return found

    def _until(self, end: str) -> Iterator[re.Match[str]]:
        while (token := next(self.tokens))[0] != end:
            yield token


def _line(text: str, position: int) -> int:
    return LineIndex(text).line(position)
