"""What git says of a commit's signature, in a few words."""

LONGEST = 300
"""Characters of git's own words."""
WORDS = {
    "B": "its signature is bad",
    "E": "its signature cannot be checked here",
    "N": "it is not signed",
    "R": "the key of its signature is revoked",
    "U": "nobody who is trusted here signed it",
    "X": "its signature has expired",
    "Y": "the key of its signature has expired",
}
"""By git's letter: `%G?` of git-log."""


def fault(letter: str, verified: bool, output: str) -> str:  # noqa: FBT001 - what two commands of git say
    """What is wrong with a signature; empty when it is good and verified."""
    if letter == "G" and verified:
        return ""
    # What git could not read it calls unsigned: it says why.
    known = "E" if letter not in WORDS or (letter == "N" and output.strip()) else letter
    said = "; ".join(line.strip() for line in output.splitlines() if line.strip() and not line.startswith("Good "))
    return f"{WORDS[known]} ({said[:LONGEST]})" if said else WORDS[known]
