"""Commands that the documentation tells people to type: `reconcile` and `make` have to understand them.

Blocks of `sh` are commands from end to end, in blocks of `console` they are the lines behind `$ `. In prose, code that
begins with one of the two programs has to name a command or a target that there is.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from reconciler.cli import cli
from support.docs.markdown import Block, Found, Page

TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
VARIABLE = re.compile(r"^([A-Za-z_]+) \?=|\$\(if \$\(([A-Z]+)\)", re.MULTILINE)
ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=")
SEPARATORS = frozenset({"&&", "||", "|", ";", ";;", "&", "(", ")"})
IN_PROSE = re.compile(r"(reconcile|make) ([a-z][a-z-]*)")


@dataclass(frozen=True, slots=True)
class Makefile:
    """Targets and variables that may be given to `make`."""

    targets: frozenset[str]
    variables: frozenset[str]

    @classmethod
    def read(cls, path: Path) -> "Makefile":
        """What a Makefile offers."""
        text = path.read_text(encoding="utf-8")
        variables = (name for pair in VARIABLE.findall(text) for name in pair if name)
        return cls(frozenset(TARGET.findall(text)), frozenset(variables))


def misspelt_commands(root: Path, pages: Iterable[Page]) -> Iterator[str]:
    """A line for each command that would not be understood."""
    makefile = Makefile.read(root / "Makefile")
    for page in pages:
        for command in _commands(page):
            if why := fault(command.text, makefile):
                yield f"{page.path.relative_to(root)}:{command.line}: `{command.text}`: {why}"
        for words in page.words:
            if why := _prose_fault(words.text, makefile):
                yield f"{page.path.relative_to(root)}:{words.line}: `{words.text}`: {why}"


def fault(command: str, makefile: Makefile) -> str:
    """Why a line of shell would not be understood; empty: it would, or it is for another program."""
    return next((why for words in _simple(command) if (why := _fault(words, makefile))), "")


def _commands(page: Page) -> Iterator[Found]:
    for block in page.blocks:
        if block.language in ("sh", "console"):
            yield from _lines(block)


def _lines(block: Block) -> Iterator[Found]:
    begun, whole = block.line, ""
    for number, line in enumerate(block.text.splitlines(), block.line):
        begun, whole = (begun, whole + line) if whole else (number, line)
        if whole.endswith("\\"):
            whole = f"{whole[:-1]} "
            continue
        if block.language == "sh" or whole.startswith("$ "):
            yield Found(begun, whole.strip().removeprefix("$ "))
        whole = ""


def _simple(command: str) -> Iterator[Sequence[str]]:
    """The simple commands of a line, without what is set in front of them and what is redirected."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for token in [*lexer, ";"]:
        if token not in SEPARATORS:
            words.append(token)
            continue
        yield _plain(words)
        words = []


def _plain(words: Sequence[str]) -> Sequence[str]:
    first = next((place for place, word in enumerate(words) if not ASSIGNMENT.match(word)), len(words))
    end = next((place for place, word in enumerate(words) if set(word) & set("<>")), len(words))
    return words[first:end]


def _fault(words: Sequence[str], makefile: Makefile) -> str:
    if not words:
        return ""
    match Path(words[0]).name:
        case "reconcile":
            return _reconcile_fault(words[1:])
        case "make":
            return _make_fault(words[1:], makefile)
        case _:
            return ""


def _make_fault(words: Sequence[str], makefile: Makefile) -> str:
    given = [found[1] for word in words if (found := ASSIGNMENT.match(word))]
    targets = [word for word in words if not ASSIGNMENT.match(word) and not word.startswith("-")]
    unknown = [*(set(targets) - makefile.targets), *(set(given) - makefile.variables)]
    return f"the Makefile has no {', '.join(sorted(unknown))}" if unknown else ""


def _reconcile_fault(words: Sequence[str]) -> str:
    try:
        _parse(cli, "reconcile", list(words), None)
    except click.UsageError as error:
        return error.format_message()
    return ""


def _parse(command: click.Command, name: str, words: list[str], parent: click.Context | None) -> None:
    """As click reads them, but that nothing is run and no file is opened."""
    context = click.Context(command, parent, name, **command.context_settings)
    given, rest, _ = command.make_parser(context).parse_args(words)
    for param in command.get_params(context):
        _check_value(context, param, given.get(param.name or ""))
    if isinstance(command, click.Group) and rest:
        inner_name, inner, left = command.resolve_command(context, rest)
        assert inner is not None, "click says itself when there is none"
        _parse(inner, str(inner_name), left, context)
    elif rest:
        raise click.UsageError(f"takes no {' '.join(rest)}")


def _check_value(context: click.Context, param: click.Parameter, value: object) -> None:
    if isinstance(value, str | list | tuple) and value:
        if not isinstance(param.type, click.File):
            param.type_cast_value(context, value)
    elif param.required and value is not True:
        raise click.MissingParameter(ctx=context, param=param)


def _prose_fault(words: str, makefile: Makefile) -> str:
    found = IN_PROSE.match(words)
    if not found:
        return ""
    known = makefile.targets if found[1] == "make" else cli.commands
    return "" if found[2] in known else f"there is no {found[2]}"
