"""What came of a check, and why there is no answer, as Markdown: whoever reads a comment sees no log."""

from collections.abc import Sequence

from reconciler.core.desired import Platform
from reconciler.core.verdict import Problem
from reconciler.errors import LeaseHeld, ManifestInvalid, ReconcilerError, Refused
from reconciler.render.markup import code, escape, item, shortened, told

REASONS = {ManifestInvalid.exit_code: "the manifest is not valid", Refused.exit_code: "it was refused"}
REASONS[LeaseHeld.exit_code] = "somebody else is at work"
PLACE = 120
MISTAKE = 600
"""Characters of a place and of a mistake: the longest of ours are whole."""
OTHERWISE = "an error came between"


def valid_markdown(platform: Platform, verdict: str, notes: Sequence[str]) -> str:
    """A manifest in which nothing is wrong, and what a person should know of it."""
    return shortened([f"## {_named(platform)}", f"**{escape(verdict)}**", *(item(note, "note") for note in notes)])


def _named(platform: Platform) -> str:
    return code(f"{platform.name}-{platform.environment}")


def failure_markdown(error: ReconcilerError, platform: Platform | None, manifest: str, wanted: str) -> str:
    """What happened and what to do, of an environment or of a manifest that does not say which.

    `wanted` is what there would have been, such as "plan".
    """
    title = _named(platform) if platform else code(manifest, PLACE)
    reason = REASONS.get(error.exit_code, OTHERWISE)
    if isinstance(error, ManifestInvalid):
        reason = f"{reason}, with {_many(len(error.problems))}"
        listed = [_mistake(problem) for problem in error.problems]
    else:
        first, *more = error.what.splitlines() or [""]
        listed = [told(Problem(first, error.remedy, error.detail)), *(f"  {item(one)}" for one in more)]
    return shortened([f"## {title}", f"**No {wanted}: {reason}.**", *listed])


def _mistake(problem: str) -> str:
    """Of a problem in the shape of `file:line: what`."""
    place, _, what = problem.partition(": ")
    return f"- {code(place, PLACE)} {escape(what, MISTAKE)}"


def _many(count: int) -> str:
    return "1 mistake" if count == 1 else f"{count} mistakes"
