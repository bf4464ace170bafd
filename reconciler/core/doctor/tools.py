"""What is to be on this machine."""

import re
from dataclasses import dataclass

from reconciler.core.doctor.finding import Finding, failed, ok, warning

PYTHON = "3.11.4"
"""Its `tarfile` is the first that unpacks archives of others without harm."""
GIT = "2.30"
"""The first whose `rev-parse` knows `--end-of-options`."""
TERRAFORM = "1.11"
"""What every stack's `required_version` says."""
LISTED = 3
"""Files that are named of many."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Where Terraform gets the AWS provider from."""

    place: str
    """A folder or a file of this machine, or the registry's name."""
    fault: str = ""
    """Why it cannot be had from there."""
    refused: str = ""
    """Folders that hold it and are left alone, with why."""


def judge_python(version: str) -> Finding:
    """The Python that runs this."""
    return _at_least("Python", version, PYTHON, "https://www.python.org/downloads/, then: make clean setup")


def judge_git(version: str) -> Finding:
    """The git on the PATH."""
    return _at_least("git", version, GIT, "https://git-scm.com/downloads")


def judge_terraform(version: str) -> Finding:
    """The Terraform on the PATH."""
    return _at_least("Terraform", version, TERRAFORM, "https://developer.hashicorp.com/terraform/install")


def judge_provider(provider: Provider) -> Finding:
    """Terraform's plugin for AWS."""
    if provider.refused:
        reached = f"cannot be reached ({provider.fault})" if provider.fault else "is asked"
        told = f"{provider.place} {reached}, {provider.refused}"
        remedy = "let root or yourself own every folder down to it, and nobody else write them: chown, chmod go-w"
        return warning("provider", told, remedy)
    if not provider.fault:
        return ok("provider", f"from {provider.place}")
    remedy = "open the way to it, or put a mirror into ~/.terraform.d/plugins: terraform providers mirror"
    return warning("provider", f"{provider.place} cannot be reached ({provider.fault})", remedy)


def judge_docker(version: str, *, mlflow: bool) -> Finding:
    """What builds images."""
    if not mlflow:
        return warning("Docker", f"{version}, but building images needs MLflow as well", 'pip install ".[images]"')
    return ok("Docker", version)


def judge_repository(commit: str, uncommitted: tuple[str, ...]) -> Finding:
    """What git says of the files around the manifest."""
    if not uncommitted:
        return ok("repository", f"{commit[:12]}, everything is committed")
    more = f" and {len(uncommitted) - LISTED} more" if len(uncommitted) > LISTED else ""
    told = f"{commit[:12]}, not committed: {', '.join(uncommitted[:LISTED])}{more}"
    return warning("repository", told, "what is not committed is not trained: git add … && git commit")


def numbers(version: str) -> tuple[int, ...]:
    """The first version number in a text; empty when there is none."""
    found = re.search(r"\d+(\.\d+)+", version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def _at_least(name: str, version: str, least: str, where: str) -> Finding:
    if numbers(version) >= numbers(least):
        return ok(name, version)
    return failed(name, f"{version or 'no version'}, and {least} or later is needed", where)
