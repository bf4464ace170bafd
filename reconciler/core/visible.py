"""Text of somebody else, in which nothing is hidden and nothing moves a cursor: every reader sees what is there."""

import re

_UNDRAWN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks that are drawn as nothing and are printable all the same: combining joiners, Hangul fillers and
variation selectors, which are among Unicode's Default_Ignorable_Code_Point, and the empty Braille pattern."""
LINES = "\n\t"


def visible(text: str, keep: str = LINES) -> str:
    """The text with an escape, such as \\u202e, in the place of each character that nobody sees or that does something.

    Those are control characters, formats (bidirectional controls, zero-width characters and joiners), separators but
    the blank, surrogates, and what is private or unassigned.
    """
    if text.isprintable() and not _UNDRAWN.search(text):
        return text
    return "".join(one if one in keep or _is_drawn(one) else _escape(one) for one in text)


def _is_drawn(one: str) -> bool:
    return one.isprintable() and not _UNDRAWN.match(one)


def _escape(one: str) -> str:
    return one.encode("unicode_escape").decode("ascii")
