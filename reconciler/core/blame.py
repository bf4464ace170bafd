"""A row of the table of what AWS says: words, whose fault they name, and what to do."""

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache


class Blame(Enum):
    """Whose fault it is."""

    CALLER = "that of whoever asked: credentials, clock or network"
    ACCOUNT = "the account's: a right, a key, a quota, or where a bucket is"
    ROLE = "that of a role that AWS does not know everywhere yet"
    AWS = "AWS's, or that of something beside the release"
    RELEASE = "the release's: its container, or its model"
    NOBODY = "nobody knows"


@dataclass(frozen=True, slots=True)
class Row:
    """An error code, or words of a sentence."""

    blame: Blame
    words: str
    """In any case of letters. Blanks also stand for hyphens, underscores and nothing at all."""
    remedy: str
    """May speak of `{who}` lacks which `{action}`, and of the `{region}` of a bucket."""
    source: str
    says: str = ""
    """What it means, where AWS's words do not say so; may speak of the same, and of the `{operation}`."""

    def is_in(self, text: str) -> bool:
        """Whether a text holds the words; never as a part of another word."""
        return bool(_pattern(self.words).search(text))


@cache
def _pattern(words: str) -> re.Pattern[str]:
    apart = r"[\s_-]*".join(map(re.escape, words.split()))
    # Services write the same code with an ending and without.
    return re.compile(rf"(?<![a-z0-9]){apart}(?:Exception|Error)?(?![a-z0-9])", re.IGNORECASE)
