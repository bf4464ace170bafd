"""What a run of workflows is told as, for people: what happened, which jobs ran, each step and what it said."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

WIDTH = 110
_TELLING = 4
"""Characters of one line of a secret that has several; a shorter one is a word like any other."""
_MARKS = {"success": "✓", "failure": "✗", "skipped": "-", "cancelled": "-"}
_COMMAND = re.compile(r"^::(\w[\w-]*)(?: [^:]*)?::(.*)$")


@dataclass
class Log:
    """A growing text, in a file when there is one."""

    path: Path | None = None
    lines: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    """Values that are never told."""

    def __post_init__(self) -> None:
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text("")

    def chapter(self, title: str) -> None:
        """Something that a person does, or that time does."""
        self.say("", "━" * WIDTH, f"  {title}", "━" * WIDTH)

    def run(self, title: str) -> None:
        """A workflow begins."""
        self.say("", f"▶ {title}")

    def job(self, title: str, facts: Iterable[str]) -> None:
        """A job begins."""
        self.say("", f"  ┌─ {title}", *(f"  │  {fact}" for fact in facts))

    def skipped(self, title: str, why: str) -> None:
        """A job does not run."""
        self.say("", f"  ── {title}: skipped, {why}")

    def step(self, mark: str, title: str, script: str = "", *, depth: int = 0) -> None:
        """A step begins, or is skipped."""
        lead = f"  │  {'   ' * depth}"
        self.say("  │" if not depth else None, f"{lead}{_MARKS.get(mark, mark)} {title}")
        self.say(*(f"{lead}    $ {line}" for line in script.strip().splitlines()))

    def output(self, text: str, *, depth: int = 0) -> None:
        """What a step said."""
        self.say(*(f"  │  {'   ' * depth}    {_plain(line)}".rstrip() for line in text.splitlines()))

    def end(self, conclusion: str, seconds: float, facts: Iterable[str]) -> None:
        """A job ends."""
        self.say(
            "  │", *(f"  │  {fact}" for fact in facts), f"  └─ {_MARKS[conclusion]} {conclusion} ({seconds:.1f} s)"
        )

    def shown(self, title: str, text: str) -> None:
        """Something that people see elsewhere: a comment, an issue."""
        self.say("", f"  ╭─ {title}", *(f"  ┊ {line}".rstrip() for line in text.splitlines()), "  ╰─")

    def say(self, *lines: str | None) -> None:
        """Add lines."""
        told = [self._masked(line) for line in lines if line is not None]
        self.lines += told
        if self.path is not None and told:
            with self.path.open("a") as file:
                file.write("".join(f"{line}\n" for line in told))

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.lines)

    def _masked(self, line: str) -> str:
        for secret in self.secrets:
            for part in (secret, *(one for one in secret.splitlines() if len(one) >= _TELLING)):
                line = line.replace(part, "***")
        return line


def masks(output: str) -> set[str]:
    """Values that a step asks never to be told."""
    found = (_COMMAND.match(line) for line in output.splitlines())
    return {match[2] for match in found if match and match[1] == "add-mask" and match[2]}


def _plain(line: str) -> str:
    found = _COMMAND.match(line)
    if not found:
        return line
    kind, said = found[1], found[2]
    match kind:
        case "add-mask" | "endgroup":
            return ""
        case "group":
            return f"▸ {said}"
        case _:
            return f"{kind.capitalize()}: {said}"
