"""Ways to spoil a manifest, as people, editors and merges do, and as nobody would."""

import re
from collections.abc import Callable
from random import Random

VALUES = (
    *("", "null", "~", "true", "no", "0", "-1", "1e999", ".nan", "0x7f", "0o17", "017", "1_000", "4:30", "3.0"),
    *("9" * 400, "-" + "9" * 30, "2026-13-45", "{}", "[]", "[[[]]]", "{a: {b: {c: d}}}", "'unclosed", '"\\u0000"'),
    *("latest", "25%", "-5%", "400ms", "10m", "ml.m5.large", "10.20.0.0/33", "cron(", "*standard", "&again x"),
    *("!!python/object/apply:os.system [echo]", "!!binary aGk=", "!!set {a}", "\u202egnp.exe", "\U0001f9ea", "e\u0301"),
    *("\x07", "\ud7ff", "\ufeff", "a\u2028b", "x" * 5000, "| \n text", "? complex : key", "<<: *standard"),
)
CHARACTERS = (*"\t\n\r :-[]{}&*!|>'\"%@`#,?~\\", "\0", "\x1b", "\x85", "\u2028", "\ufffe", "é", "\U0001d510")
Mutation = Callable[[Random, str], str]


def mutate(random: Random, text: str) -> bytes:
    """A manifest with one to four things wrong, or by chance none."""
    for _ in range(random.choice((1, 1, 2, 4))):
        text = random.choice(MUTATIONS)(random, text)
    raw = text.encode("utf-8", "surrogatepass")
    return raw if random.random() < 0.9 else _bytes(random, raw)


def _bytes(random: Random, raw: bytes) -> bytes:
    """Cut at any byte, or one byte changed."""
    at = random.randrange(len(raw) + 1)
    return raw[:at] if random.random() < 0.5 else raw[:at] + bytes([random.randrange(256)]) + raw[at + 1 :]


def _line(random: Random, text: str, change: Callable[[str], list[str]]) -> str:
    lines = text.split("\n")
    at = random.randrange(len(lines))
    return "\n".join([*lines[:at], *change(lines[at]), *lines[at + 1 :]])


def dropped(random: Random, text: str) -> str:
    return _line(random, text, lambda line: [])


def doubled(random: Random, text: str) -> str:
    return _line(random, text, lambda line: [line, line])


def moved(random: Random, text: str) -> str:
    lines = text.split("\n")
    line = lines.pop(random.randrange(len(lines)))
    lines.insert(random.randrange(len(lines) + 1), line)
    return "\n".join(lines)


def indented(random: Random, text: str) -> str:
    by = random.choice(("\t", " ", "  ", "      ", ""))
    return _line(random, text, lambda line: [by + (line.lstrip() if by in ("\t", "") else line)])


def misspelt(random: Random, text: str) -> str:
    """One letter of a key gone, doubled, or another."""
    keys = list(re.finditer(r"[a-z_0-9]+(?=:)", text))
    if not keys:
        return text
    found = random.choice(keys)
    at = random.randrange(found.start(), found.end())
    return text[:at] + random.choice(("", text[at] * 2, random.choice("xyzXYZ_- "))) + text[at + 1 :]


def revalued(random: Random, text: str) -> str:
    """Another value behind a key, in a block or between braces."""
    places = list(re.finditer(r"(?<=: )[^,{}\n#\]]+", text))
    if not places:
        return text
    found = random.choice(places)
    return text[: found.start()] + random.choice(VALUES) + text[found.end() :]


def cut(random: Random, text: str) -> str:
    return text[: random.randrange(len(text) + 1)]


def spliced(random: Random, text: str) -> str:
    """A piece of it once more, somewhere else."""
    start = random.randrange(len(text) + 1)
    piece = text[start : start + random.randrange(60)]
    at = random.randrange(len(text) + 1)
    return text[:at] + piece + text[at:]


def typed(random: Random, text: str) -> str:
    """A character too many, or in the place of others."""
    at = random.randrange(len(text) + 1)
    return text[:at] + random.choice(CHARACTERS) + text[at + random.choice((0, 0, 1, 5)) :]


def anchored(random: Random, text: str) -> str:
    """An alias to what is not there, to itself, or to something of another kind."""
    places = list(re.finditer(r"(?<=: )(?=\S)", text))
    if not places:
        return text
    at = random.choice(places).start()
    return text[:at] + random.choice(("&standard ", "*standard ", "*nowhere ", "&a [*a] ", "&b {<<: *b} ")) + text[at:]


def nested(random: Random, text: str) -> str:
    places = list(re.finditer(r"(?<=: )[^,{}\n#\]]+", text))
    if not places:
        return text
    found, depth = random.choice(places), random.choice((3, 19, 21, 400))
    return text[: found.start()] + "[" * depth + "]" * random.choice((depth, depth - 1)) + text[found.end() :]


MUTATIONS: tuple[Mutation, ...] = (
    *(dropped, doubled, moved, indented, misspelt, misspelt, revalued, revalued, revalued),
    *(cut, spliced, typed, typed, anchored, nested),
)
