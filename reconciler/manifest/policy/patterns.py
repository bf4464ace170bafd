"""What two patterns of IAM have in common: `*` stands for any text, `?` for one character.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

import re
from collections import defaultdict
from fnmatch import fnmatchcase


def meet(one: str, other: str) -> bool:
    """Whether any text fits both patterns, whatever the case: the names of roles differ in more than that.

    The steps are as many as `one` has characters: sets of places in `other` are whole numbers, a bit for each place.
    """
    stars, letters = _bits(re.sub(r"\*+", "*", other).lower())
    end = 1 << (max((stars, *letters.values())).bit_length())
    places = _past(1, stars)
    for character in re.sub(r"\*+", "*", one).lower():
        if character == "*":
            places = (2 * end - 1) & -(places & -places)  # any place from the first on
        else:
            fits = sum(letters.values()) if character == "?" else letters[character] | letters["?"]
            places = _past((places & fits) << 1 | places & stars, stars)
        if not places:
            return False
    return bool(places & end)


def _bits(pattern: str) -> tuple[int, dict[str, int]]:
    """The places of the stars, and those of every other character."""
    letters: dict[str, int] = defaultdict(int)
    for place, character in enumerate(pattern):
        letters[character] |= 1 << place
    return letters.pop("*", 0), letters


def _past(places: int, stars: int) -> int:
    """These places and the ones after a star, which may stand for nothing."""
    return places | (places & stars) << 1


def covers(whole: str, part: str) -> bool:
    """Whether every text that fits `part` fits `whole`; sometimes not seen where it is so."""
    return fnmatchcase(part.replace("*", "\0" * 300).lower(), whole.replace("[", "[[]").lower())


def arns_meet(one: str, other: str) -> bool:
    """Whether any ARN fits both: a wildcard stays within its part of an ARN."""
    return all(meet(*parts) for parts in zip(_parts(one), _parts(other), strict=True))


def arn_covers(whole: str, part: str) -> bool:
    """Whether every ARN that fits `part` fits `whole`; sometimes not seen where it is so."""
    return all(covers(*parts) for parts in zip(_parts(whole), _parts(part), strict=True))


def _parts(arn: str) -> list[str]:
    """The six of an ARN; what is left out stands for anything."""
    parts = ["arn", *["*"] * 5] if set(arn) == {"*"} else arn.split(":", 5)
    return [*parts, *["*"] * (6 - len(parts))]
