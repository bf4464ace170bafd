"""What GitHub's workflows need to know of an environment, and what they may say of it."""

import re
from dataclasses import dataclass

from reconciler.core import names
from reconciler.core.desired import GitHub, Platform

LONGEST = 65_000
"""Characters of one text; GitHub takes 65,536."""
CUT = "\n\n… cut here: the rest is in the job's summary"
_PARTITIONS = {"cn": "aws-cn", "us-gov": "aws-us-gov"}
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that change the direction of what follows."""


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
    role = f"arn:{_partition(platform.region)}:iam::{account}:role/{names.prefix(platform)}"
    return CiEnvironment(
        name=platform.environment,
        manifest=manifest,
        region=platform.region,
        plan_role=f"{role}-plan",
        apply_role=f"{role}-apply",
        plan_environment=f"{github.environment}-plan",
        apply_environment=github.environment,
    )


def _partition(region: str) -> str:
    return next((name for start, name in _PARTITIONS.items() if region.startswith(f"{start}-")), "aws")


def repository(written: str) -> str:
    """`owner/name` of a repository that may be written `owner@id/name@id`."""
    return re.sub(r"@[0-9]+", "", written)


def marker(kind: str, environment: str) -> str:
    """First line of a comment or an issue of ours, by which the next run finds it; nobody sees it."""
    return f"<!-- reconcile {kind} {environment} -->"


def harmless(text: str) -> str:
    """Markdown from elsewhere, as Markdown that calls nobody, shows no picture, leads nowhere unseen and hides nothing.

    What is escaped already stays as it is, so that our own texts read as they were written.
    """
    seen = _UNSEEN.sub("", text)
    unhtml = re.sub(r"(?<!\\)<", "&lt;", seen)
    unlinked = re.sub(r"(?<!\\)\](?=[(\[:])", r"\\]", unhtml)
    uncalled = re.sub("@(?=[A-Za-z0-9])", "@\u200b", unlinked)
    return uncalled if len(uncalled) <= LONGEST else uncalled[: LONGEST - len(CUT)] + CUT


def posted(kind: str, environment: str, text: str) -> str:
    """The body of a comment or an issue."""
    return f"{marker(kind, environment)}\n{harmless(text)}"
