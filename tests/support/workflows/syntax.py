"""The grammar of GitHub's expressions: text to a tree."""

import re
from dataclasses import dataclass
from typing import Any

from support.workflows.values import Wrong

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>0x[0-9a-fA-F]+|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
    | '(?P<string>(?:[^']|'')*)'
    | (?P<name>[A-Za-z_][A-Za-z0-9_-]*)
    | (?P<operator>&&|\|\||[=!<>]=|[!<>().,*]|\[|\])
    )""",
    re.VERBOSE,
)
_LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}
_BINDING = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4}
_PREFIX = 5


@dataclass(frozen=True)
class Literal:
    """A value that stands there."""

    value: Any


@dataclass(frozen=True)
class Context:
    """The name that a path begins with, such as `github`."""

    name: str


@dataclass(frozen=True)
class Index:
    """`of.key`, `of[key]`; without a key `of.*`."""

    of: "Node"
    key: "Node | None"


@dataclass(frozen=True)
class Call:
    """A function's."""

    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True)
class Not:
    """`!of`"""

    of: "Node"


@dataclass(frozen=True)
class Binary:
    """An operator between two."""

    operator: str
    left: "Node"
    right: "Node"


Node = Literal | Context | Index | Call | Not | Binary


@dataclass(frozen=True)
class Token:
    """A word of an expression."""

    kind: str
    text: str


def parse(expression: str) -> Node:
    """The tree of an expression. Raises Wrong."""
    parser = _Parser(expression, tokens(expression))
    node = parser.node(0)
    if parser.ahead.kind != "end":
        parser.fail()
    return node


def tokens(expression: str) -> list[Token]:
    """The words of an expression, and one for its end. Raises Wrong."""
    found, at = [], 0
    whole = expression.rstrip()
    while at < len(whole):
        match = _TOKEN.match(whole, at)
        if match is None or match.lastgroup is None:
            raise Wrong(f"{expression!r} is no expression: {whole[at:].strip()!r} is not understood")
        found.append(Token(match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return [*found, Token("end", "")]


def functions(node: Node) -> frozenset[str]:
    """Names of all functions that a tree calls, in small letters."""
    below = frozenset(name for child in _children(node) for name in functions(child))
    return below | {node.name.lower()} if isinstance(node, Call) else below


def _children(node: Node) -> tuple[Node, ...]:
    match node:
        case Index(of=of, key=key):
            return (of,) if key is None else (of, key)
        case Call(arguments=arguments):
            return arguments
        case Not(of=of):
            return (of,)
        case Binary(left=left, right=right):
            return (left, right)
        case _:
            return ()


class _Parser:
    def __init__(self, expression: str, words: list[Token]) -> None:
        self._expression = expression
        self._words = words
        self._at = 0

    @property
    def ahead(self) -> Token:
        return self._words[self._at]

    def fail(self) -> None:
        raise Wrong(f"{self._expression!r} is no expression: {self.ahead.text or 'its end'!r} is not expected")

    def node(self, binding: int) -> Node:
        left = self._prefixed()
        while self.ahead.kind == "operator" and _BINDING.get(self.ahead.text, 0) > binding:
            operator = self._next().text
            left = Binary(operator, left, self.node(_BINDING[operator]))
        return left

    def _prefixed(self) -> Node:
        if self._take("!"):
            return Not(self.node(_PREFIX))
        node = self._first()
        while self.ahead.text in (".", "[") and self.ahead.kind == "operator":
            node = self._indexed(node)
        return node

    def _first(self) -> Node:
        token = self._next()
        match token.kind:
            case "number":
                return Literal(int(token.text, 16) if token.text[:2] == "0x" else float(token.text))
            case "string":
                return Literal(token.text.replace("''", "'"))
            case "name" if token.text in _LITERALS:
                return Literal(_LITERALS[token.text])
            case "name":
                return Call(token.text, self._arguments()) if self._take("(") else Context(token.text)
            case "operator" if token.text == "(":
                node = self.node(0)
                self._expect(")")
                return node
        self._at -= 1
        self.fail()
        raise AssertionError

    def _indexed(self, node: Node) -> Node:
        if self._take("["):
            key = None if self._take("*") else self.node(0)
            self._expect("]")
            return Index(node, key)
        self._expect(".")
        if self._take("*"):
            return Index(node, None)
        if self.ahead.kind != "name":
            self.fail()
        return Index(node, Literal(self._next().text))

    def _arguments(self) -> tuple[Node, ...]:
        if self._take(")"):
            return ()
        found = [self.node(0)]
        while self._take(","):
            found.append(self.node(0))
        self._expect(")")
        return tuple(found)

    def _next(self) -> Token:
        self._at += 1
        return self._words[self._at - 1]

    def _take(self, operator: str) -> bool:
        taken = self.ahead == Token("operator", operator)
        self._at += taken
        return taken

    def _expect(self, operator: str) -> None:
        if not self._take(operator):
            self.fail()
