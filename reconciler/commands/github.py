"""`reconcile github`: what the workflows ask for beside planning and applying."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from reconciler.adapters.github import GitHubRepository
from reconciler.core.github import LONGEST, CiEnvironment, ci_environment, marker, posted, repository
from reconciler.errors import ManifestInvalid, ReconcilerError, SettingsMissing
from reconciler.manifest import Header, load_header
from reconciler.settings import Settings

PLAN, DRIFT = "plan", "drift"
"""Kinds of what is posted."""
FOLDER = Path("manifests")


def environments_command(only: str) -> str:
    """The environments of this repository, or `only` the one of that name, as a line for GITHUB_OUTPUT.

    Raises ManifestInvalid, SettingsMissing, ReconcilerError when nothing has that name.
    """
    settings = Settings.read()
    found = tuple(_environments(_needed(settings.github_repository, "GITHUB_REPOSITORY"), settings))
    chosen = [asdict(one) for one in found if only in ("", one.name)]
    if only and not chosen:
        known = ", ".join(one.name for one in found) or "none"
        raise ReconcilerError(
            f"no manifest in {FOLDER}/ is of environment {only} of this repository", f"known: {known}"
        )
    return f"environments={json.dumps(chosen)}"


def _environments(ours: str, settings: Settings) -> Iterator[CiEnvironment]:
    for path in sorted((*FOLDER.glob("*.yaml"), *FOLDER.glob("*.yml"))):
        header = load_header(path, settings.variables)
        github = header.platform.github
        if github and repository(github.repository) == ours:
            yield ci_environment(header.platform, github, _account(header), path.as_posix())


def _account(header: Header) -> str:
    if header.platform.account is None:
        line = header.lines.get(("github",), 1)
        what = f"{header.path}:{line}: github: workflows take roles of one account; write `account:` beside it"
        raise ManifestInvalid((what,))
    return header.platform.account


def outputs_command(path: Path) -> str:
    """What a job that applies has to know of a plan file, as lines for GITHUB_OUTPUT. Raises ReconcilerError."""
    plan = _document(path)
    commit = str(plan.get("basis", {}).get("commit", ""))
    told = {"pending": json.dumps(plan.get("pending") is True), "commit": commit, "digest": str(plan.get("digest", ""))}
    return "\n".join(f"{key}={' '.join(value.split())}" for key, value in told.items())


def comment_command(environment: str, pull_request: int, path: Path) -> None:
    """Put a plan into the one comment that a pull request has of it. Raises ReconcilerError."""
    body = posted(PLAN, environment, _text(path))
    forge = _forge()
    sign = marker(PLAN, environment)
    known = next((one for one in forge.comments(pull_request) if one.body.startswith(sign)), None)
    if known is None:
        forge.comment(pull_request, body)
    elif known.body.strip() != body.strip():
        forge.edit_comment(known.number, body)
    click.echo(f"pull request {pull_request}: the plan of {environment} is in its comment")


def issue_command(environment: str, found: Path, path: Path) -> None:
    """Open, update or close the one issue of an environment's drift. Raises ReconcilerError.

    A survey that did not see everything closes nothing.
    """
    status = _document(found).get("status", "Unknown")
    forge = _forge()
    sign = marker(DRIFT, environment)
    known = next((one.number for one in forge.open_issues() if one.body.startswith(sign)), None)
    if status == "Drifted":
        said = _tell(forge, known, f"Drift in {environment}", posted(DRIFT, environment, _text(path)))
    else:
        said = _done(forge, known, clean=status == "InSync")
    click.echo(f"drift of {environment}: {status}; {said}")


def _tell(forge: GitHubRepository, known: int | None, title: str, body: str) -> str:
    if known is None:
        forge.open_issue(title, body)
        return "an issue was opened"
    forge.edit_issue(known, title, body)
    return f"issue {known} was updated"


def _done(forge: GitHubRepository, known: int | None, *, clean: bool) -> str:
    if known is None:
        return "there is no issue"
    if not clean:
        return f"issue {known} stays open, because not everything was seen"
    forge.comment(known, "Nothing drifts any more.")
    forge.close_issue(known)
    return f"issue {known} was closed"


def _forge() -> GitHubRepository:
    settings = Settings.read()
    ours = _needed(settings.github_repository, "GITHUB_REPOSITORY")
    return GitHubRepository(settings.github_api, ours, _needed(settings.github_token, "GITHUB_TOKEN"))


def _needed(value: str, variable: str) -> str:
    if not value:
        raise SettingsMissing(f"{variable} is not set", "a workflow sets it; by hand: export it")
    return value


def _document(path: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ReconcilerError(f"{path} is no JSON file that can be read: {error}", "make it with --out") from error
    if not isinstance(document, dict):
        raise ReconcilerError(f"{path} holds no JSON object", "make it with --out")
    return document


def _text(path: Path) -> str:
    """Not more of the file than can be posted."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(LONGEST + 1)
    except OSError as error:
        raise ReconcilerError(f"{path} cannot be read: {error.strerror}", "make it with -o markdown") from error
