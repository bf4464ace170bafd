"""The policy of a project's training jobs: which file it is in, and everything that is wrong with it."""

from collections.abc import Iterator
from typing import Any

from reconciler.core.policy import VARIABLES, render, variables
from reconciler.errors import ManifestInvalid
from reconciler.manifest.aws_tables import REGIONS
from reconciler.manifest.context import Context
from reconciler.manifest.load import Manifest
from reconciler.manifest.policy.json_document import read_json
from reconciler.manifest.policy.ours import Ours, ours
from reconciler.manifest.policy.rules import policy_problems, size_problems, texts
from reconciler.manifest.problem import Problem, describe
from reconciler.manifest.sources import project_text
from reconciler.manifest.text_file import read_text_file

OWN_FILE = "policy.json"
SHARED_FILE = "policies/training-jobs-policy.json"
KIND = "a policy"
MAX_BYTES = 100_000
"""Ten times what IAM takes; more is no policy."""
_LONGEST = {
    "platform": "p" * 15,
    "environment": "e" * 8,
    "region": max(REGIONS, key=len),
    "project": "n" * 24,
    "account": "0" * 12,
    "partition": "aws-us-gov",
    "artifact_bucket": "b" * 63,
}


def find_policy(name: str, manifest: Manifest, context: Context) -> str:
    """Template of the policy that a project's training jobs have; empty when no file says one.

    `policy.json` in the project's folder, else `policies/training-jobs-policy.json`. Raises ManifestInvalid with every
    mistake of the file at once.
    """
    platform = manifest.platform
    own = project_text(name, OWN_FILE, manifest, context, MAX_BYTES, KIND)
    shared = read_text_file(context.root / SHARED_FILE, SHARED_FILE, MAX_BYTES, KIND) if own is None else None
    for text, shown in ((own, f"{manifest.source(name)}/{OWN_FILE}"), (shared, SHARED_FILE)):
        if text is not None:
            has_bucket = bool(platform.artifact_bucket or platform.server)
            problems = _problems(text, shown, ours(platform, name), has_bucket=has_bucket)
            if problems:
                raise ManifestInvalid(problems)
            return text
    return ""


def _problems(text: str, shown: str, ours: Ours, *, has_bucket: bool) -> tuple[str, ...]:
    document = read_json(text)
    if not document.lines:
        return describe(shown, document.lines, document.problems)
    found = [*document.problems, *policy_problems(document.value, ours), *_too_large(text, document.value)]
    if not has_bucket:
        found += _without_bucket(document.value)
    return describe(shown, document.lines, found)


def _too_large(text: str, value: Any) -> Iterator[Problem]:
    if all(name in VARIABLES for _, words in texts(value) for name in variables(words)):
        yield from size_problems(render(text, _LONGEST))


def _without_bucket(value: Any) -> list[Problem]:
    what = (
        "${artifact_bucket} stands for nothing, because no artifact bucket is known; "
        "set mlflow.artifact_bucket or mlflow.server in the manifest"
    )
    uses = (Problem(where, what) for where, text in texts(value) if "artifact_bucket" in variables(text))
    return list(uses)[:1]
