"""YAML text to plain values that remember their lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import Reader

from reconciler.manifest.problem import Problem, Where, clipped, shown
from reconciler.manifest.scalars import AmbiguousScalar, read_scalar

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

NON_PRINTABLE = Reader.NON_PRINTABLE
CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7})(?= |$)|^={7}$", re.MULTILINE)
"""What git writes around the two sides of a merge that it could not make.

https://git-scm.com/docs/git-merge#_how_conflicts_are_presented
"""
DISPUTED_BREAKS = re.compile("[\x85\u2028\u2029]")
"""They end a line in YAML 1.1, and with it a comment; in YAML 1.2 and in editors they do not."""
_NO_YAML = (
    (NON_PRINTABLE, "is not valid YAML: it holds the control character {0!r}"),
    (DISPUTED_BREAKS, "holds the line break {0!a}, on which YAML readers disagree; take it away"),
    (CONFLICT, "holds a merge conflict that nobody resolved ({0}); keep one side, without the markers, and commit"),
)
MAX_DEPTH = 20
"""A manifest is 6 levels deep. PyYAML composes by recursion in C: deep enough, it takes the process with it."""
MAX_DIRECTIVES = 100
"""A manifest needs none; libyaml compares each %TAG with all before it."""
MAX_VALUES = 200_000
"""Keys and values that are walked, more than any manifest holds: aliases of aliases, and merges of mappings whose keys
are all there already, can ask for billions in a few lines."""
_LIMITS = (
    f"the aliases of this file unfold to more than {MAX_VALUES} keys and values",
    f"is nested more than {MAX_DEPTH} levels deep",
)


@dataclass(frozen=True, slots=True)
class Document:
    """What a YAML file holds. Values that cannot be read are left out, and are among the problems."""

    value: Any
    lines: dict[Where, int]
    """Line of each key, and of each item of a list; the first is 1."""
    problems: tuple[Problem, ...]
    unread: frozenset[Where] = frozenset()
    """Values that are there and could not be read; `value` holds None in their place."""


def read_document(text: str) -> Document:
    """Parse one YAML document."""
    try:
        node = _compose(text)
    except yaml.YAMLError as error:
        return Document(None, {}, (_syntax_problem(error, last=text.rstrip().count("\n") + 1),))
    if isinstance(node, Problem):
        return Document(None, {}, (node,))
    if node is None:
        return Document(None, {}, (Problem((), "the file is empty; a manifest starts with `version: 1`"),))
    walk = _Walk()
    value = walk.value(node, (), ())
    return Document(value, walk.lines, tuple(walk.problems), frozenset(walk.unread))


def _compose(text: str) -> Node | Problem | None:
    for pattern, what in _NO_YAML:
        if found := pattern.search(text):
            return Problem((), what.format(found[0]), text.count("\n", 0, found.start()) + 1)
    if text.count("\n%") > MAX_DIRECTIVES:
        line = text.count("\n", 0, text.index("\n%")) + 2
        return Problem((), f"has more than {MAX_DIRECTIVES} lines that begin with %; a manifest needs none", line)
    depth = 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 1
            return Problem((), f"is nested more than {MAX_DEPTH} levels deep", line)
    node: Node | None = yaml.compose(text, Loader=Loader)
    return node


def _syntax_problem(error: yaml.YAMLError, last: int) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError) and (mark := error.problem_mark or error.context_mark):
        what = ", ".join(part for part in (error.context, error.problem) if part)
        return Problem((), f"is not valid YAML: {what} (column {mark.column + 1})", min(mark.line + 1, last))
    return Problem((), f"is not valid YAML: {str(error).splitlines()[0]}", 1)


@dataclass(slots=True)
class _Walk:
    """Turns nodes into values, noting lines and problems on the way."""

    lines: dict[Where, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unread: set[Where] = field(default_factory=set)
    values: int = 0
    """Keys and values that were walked, those of a merge that changes nothing included."""
    exceeded: set[str] = field(default_factory=set)

    def value(self, node: Node, where: Where, above: tuple[Node, ...]) -> Any:
        """What a node stands for; None for one that cannot be read."""
        self.lines.setdefault(where, _line(node))
        if self._hopeless(node, where, above):
            return self.unread.add(where)
        match node:
            case MappingNode():
                return self._mapping(node, where, (*above, node))
            case SequenceNode():
                return [self.value(item, (*where, index), (*above, node)) for index, item in enumerate(node.value)]
            case ScalarNode():
                return self._scalar(node, where)
        return None

    def _hopeless(self, node: Node, where: Where, above: tuple[Node, ...]) -> bool:
        """Whether aliases lead nowhere, or too far; each way of that is reported once."""
        self.values += 1
        if node in above:
            self._report(node, where, "is an alias that holds itself")
            return True
        broken = [limit for limit, exceeded in zip(_LIMITS, self._exceeded(above), strict=True) if exceeded]
        for limit in broken:
            if limit not in self.exceeded:
                self._report(node, where, limit)
        self.exceeded.update(broken)
        return bool(broken)

    def _exceeded(self, above: tuple[Node, ...]) -> tuple[bool, bool]:
        return self.values > MAX_VALUES, len(above) > MAX_DEPTH

    def _scalar(self, node: ScalarNode, where: Where) -> Any:
        try:
            return read_scalar(node)
        except AmbiguousScalar as error:
            self._report(node, where, str(error))
            return self.unread.add(where)

    def _mapping(self, node: MappingNode, where: Where, above: tuple[Node, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, key, child in self._entries(node, where, above):
            if name not in found:
                self.lines[*where, name] = _line(key)
                found[name] = self.value(child, (*where, name), above)
        return found

    def _entries(
        self, node: MappingNode, where: Where, above: tuple[Node, ...]
    ) -> Iterator[tuple[str, ScalarNode, Node]]:
        """Own entries first, then those of merge keys: the first of a name is the one that counts."""
        merges: list[Node] = []
        seen: dict[str, int] = {}
        for key, child in node.value:
            if self._hopeless(key, where, above):
                return
            if _is_merge(key):
                if merges:
                    self._report(key, (*where, "<<"), "is written twice; put both into one list: `<<: [*a, *b]`")
                merges.append(child)
                continue
            name = self._key(key, where)
            if name is None:
                continue
            if name in seen:
                self._report(key, (*where, name), f"is written twice; the first time on line {seen[name]}")
                continue
            seen[name] = _line(key)
            yield name, key, child
        for merge in merges:
            yield from self._merged(merge, where, above)

    def _merged(self, node: Node, where: Where, above: tuple[Node, ...]) -> Iterator[tuple[str, ScalarNode, Node]]:
        if self._hopeless(node, where, above):
            return
        match node:
            case MappingNode():
                yield from self._entries(node, where, (*above, node))
            case SequenceNode():
                for item in node.value:
                    yield from self._merged(item, where, (*above, node))
            case _:
                self._report(node, where, "`<<` takes the alias of a mapping, or a list of them")

    def _key(self, key: Node, where: Where) -> str | None:
        """Name of an entry; None after reporting why it has none."""
        if not isinstance(key, ScalarNode):
            self._report(key, where, "a key must be text, not a list or a mapping")
            return None
        try:
            name = read_scalar(key)
        except AmbiguousScalar:
            word = clipped(key.value)
            what = f'the key {word} must be in quotes ("{word}"), because YAML readers disagree on its meaning'
            self._report(key, where, what)
            return None
        if not isinstance(name, str):
            self._report(key, where, f"the key {shown(name)} is not text; write it in quotes")
            return None
        return name

    def _report(self, node: Node, where: Where, what: str) -> None:
        self.problems.append(Problem(where, what, _line(node)))


def _is_merge(key: Node) -> bool:
    return isinstance(key, ScalarNode) and key.tag == "tag:yaml.org,2002:merge"


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
