"""Writes the tables of variables and outputs in every stack's README from the stack's own code.

`python tests/support/stack_readmes.py` writes them, with `--check` it only says which are stale, and exits with 1.
A table stands between two markers; everything else in a README is prose, and stays.
"""

import argparse
import json
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hcl2

STACKS = Path(__file__).resolve().parents[2] / "terraform" / "stacks"
END = "<!-- end -->"
HEREDOC = re.compile(r"<<(-?)(\w+)\n(.*)\n\s*\2\s*", re.DOTALL)
ESCAPE = re.compile(r"\\(.)")
SPACES = {"n": "\n", "t": "\t"}
Block = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """One table: its heading in the README, the blocks of the code that it lists, and its columns."""

    heading: str
    block: str
    columns: tuple[str, ...]

    @property
    def begin(self) -> str:
        """Marker in front of the table."""
        return f"<!-- begin: {self.heading.lower()} -->"


VARIABLES = Section("Variables", "variable", ("name", "type", "default", "what"))
OUTPUTS = Section("Outputs", "output", ("name", "what"))


def main(arguments: Sequence[str]) -> int:
    """Write the READMEs, or check them; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; fail when a README is stale")
    check = parser.parse_args(arguments).check
    stale = [path for path in sorted(STACKS.glob("*/README.md")) if refresh(path, write=not check)]
    for path in stale:
        sys.stdout.write(f"{path.relative_to(STACKS.parents[1])} {'is stale: make fmt' if check else 'written'}\n")
    return 1 if check and stale else 0


def refresh(readme: Path, *, write: bool) -> bool:
    """Bring the tables of one README up to date; whether they were not."""
    before = readme.read_text()
    after = before
    files = readme.parent.glob("*.auto.tfvars.json")
    given = {name: file.name for file in files for name in json.loads(file.read_text())}
    for section in (VARIABLES, OUTPUTS):
        rows = [row(section, name, body, given) for name, body in blocks(readme.parent, section.block)]
        after = put(after, section, table(section.columns, rows))
    if write and after != before:
        readme.write_text(after)
    return after != before


def blocks(folder: Path, kind: str) -> Iterator[tuple[str, Block]]:
    """Name and content of every `variable` or `output` block of a stack, in the order of its code."""
    for path in sorted(folder.glob("*.tf"), key=lambda file: (len(file.stem.split("_")), file.name)):
        text = path.read_text()
        if f'{kind} "' in text:
            for block in hcl2.loads(text).get(kind, ()):
                for name, body in block.items():
                    yield json.loads(name), body


def row(section: Section, name: str, body: Block, given: Mapping[str, str]) -> tuple[str, ...]:
    """Cells of one block; `given` are the files of the stack that give a value to a variable, by its name."""
    rules = (rule["error_message"] for rule in body.get("validation", ()))
    what = " ".join(sentence(text) for text in (body["description"], *rules))
    if section is OUTPUTS:
        return (code(name), what)
    default = expression(body["default"]) if "default" in body else given.get(name, "")
    return (code(name), code(expression(body["type"])), code(default), what)


def expression(value: Any) -> str:
    """A value as one line of HCL."""
    match value:
        case bool():
            return str(value).lower()
        case None:
            return "null"
        case dict():
            inner = ", ".join(f"{_key(key)} = {expression(one)}" for key, one in value.items())
            return f"{{ {inner} }}" if inner else "{}"
        case list():
            return f"[{', '.join(map(expression, value))}]"
        case str() if value.startswith("${") and value.endswith("}"):
            return value[2:-1]
        case _:
            return str(value)


def sentence(literal: str) -> str:
    """The text of an HCL string, quoted or a heredoc, on one line."""
    if not literal.startswith('"'):
        return literal
    inner = literal[1:-1]
    heredoc = HEREDOC.fullmatch(inner)
    text = textwrap.dedent(heredoc[3]) if heredoc else ESCAPE.sub(lambda found: SPACES.get(found[1], found[1]), inner)
    return " ".join(text.replace("$${", "${").split())


def code(text: str) -> str:
    """The text as Markdown code."""
    return f"`{text}`" if text else ""


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, with a newline at its end."""
    head = f"{_line(columns)}|{'---|' * len(columns)}\n"
    return head + "".join(_line([cell.replace("|", "\\|") for cell in row]) for row in rows)


def put(readme: str, section: Section, content: str) -> str:
    """The README with a section's table in it: between its markers, else under its heading, else at the end."""
    marked = f"{section.begin}\n{content}{END}\n"
    between = re.compile(rf"{re.escape(section.begin)}\n.*?{re.escape(END)}\n", re.DOTALL)
    unmarked = re.compile(rf"(?<=^## {section.heading}\n\n)(?:\|.*\n)+", re.MULTILINE)
    for place in (between, unmarked):
        if place.search(readme):
            return place.sub(lambda _: marked, readme, count=1)
    return f"{readme.rstrip()}\n\n## {section.heading}\n\n{marked}"


def _line(cells: Sequence[str]) -> str:
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells) + "\n"


def _key(literal: str) -> str:
    return literal.strip('"') if re.fullmatch(r'"\w+"', literal) else literal


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
