"""What GitHub's workflows need to know of an environment, and what they may say of it."""

import re
from dataclasses import dataclass

from reconciler.core import names
from reconciler.core.desired import GitHub, Platform
from reconciler.core.partitions import partition
from reconciler.core.visible import visible

LONGEST = 65_000
"""Characters of one text; GitHub takes 65,536."""
CUT = "\n\n… cut here: the rest is in the job's summary"
_APART = "\u200b"
"""Keeps two characters apart, and is not seen."""
_CALLS = re.compile(
    r"@(?=\S)|#(?=\\?[0-9])|\bGH\\?-(?=[0-9])|/(?:issues|pull|pulls|discussions|commit)\\?/(?=[0-9a-f])", re.IGNORECASE
)
"""Mentions, and what becomes a reference that is told in another issue: GitHub Docs, "Autolinked references and URLs".
https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls"""
_LIVE = r"(?<!\\)((?:\\\\)*)"
"""Before a character: that no backslash escapes it. An even number of them are escaped backslashes."""


@dataclass(frozen=True, slots=True)
class CiEnvironment:
    """One environment, as a workflow's matrix names it."""

    name: str
    manifest: str
    region: str
    plan_role: str
    apply_role: str
    plan_environment: str
    """GitHub environment whose jobs take the plan role."""
    apply_environment: str


def ci_environment(platform: Platform, github: GitHub, account: str, manifest: str) -> CiEnvironment:
    """The environment, with the roles and the GitHub environments that the stack `bootstrap` made for it."""
    role = f"arn:{partition(platform.region).name}:iam::{account}:role/{names.prefix(platform)}"
    return CiEnvironment(
        name=platform.environment,
        manifest=manifest,
        region=platform.region,
        plan_role=f"{role}-plan",
        apply_role=f"{role}-apply",
        plan_environment=f"{github.environment}-plan",
        apply_environment=github.environment,
    )


def repository(written: str) -> str:
    """`owner/name` of a repository that may be written `owner@id/name@id`."""
    return re.sub(r"@[0-9]+", "", written)


def marker(kind: str, environment: str) -> str:
    """First line of a comment or an issue of ours, by which the next run finds it; nobody sees it."""
    return f"<!-- reconcile {kind} {environment} -->"


def uncalled(text: str) -> str:
    """Markdown that mentions nobody and refers to no issue.

    GitHub looks for both in the rendered text, so escaping prevents neither: only a character in between does.
    """
    return _CALLS.sub(rf"\g<0>{_APART}", text)


_DRAWING = r"`{3,}(?=[ \t]*[^\s`])|~{3,}(?=[ \t]+\S|[^\s~])"
"""A fence with the name of a language: GitHub draws some. https://spec.commonmark.org/0.31.2/#fenced-code-blocks"""


def harmless(text: str) -> str:
    """Markdown from elsewhere, as Markdown that calls nobody, shows no picture, leads nowhere unseen and hides nothing.

    What is escaped already stays as it is, so that our own texts read as they were written.
    """
    seen = visible(re.sub(f"(?<=[@#/-]){_APART}", "", text))
    plain = re.sub(rf"{_LIVE}&(?=#?[A-Za-z0-9]+;)", r"\1&amp;", seen)
    unhtml = re.sub(rf"{_LIVE}<", r"\1&lt;", plain)
    unlinked = re.sub(rf"{_LIVE}(\](?=[(\[:])|\$)", r"\1\\\2", unhtml)
    undrawn = re.sub(_DRAWING, r"\g<0>\n", unlinked)  # no diagram, no map
    safe = uncalled(undrawn)
    return safe if len(safe) <= LONGEST else safe[: LONGEST - len(CUT)] + CUT


def posted(kind: str, environment: str, text: str) -> str:
    """The body of a comment or an issue."""
    return f"{marker(kind, environment)}\n{harmless(text)}"
