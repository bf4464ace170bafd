"""What stands in for the actions of others that our workflows use. One that is not in the table is an error."""

from collections.abc import Callable, Mapping

from support.workflows import artifacts, checkout
from support.workflows.failed import Failed
from support.workflows.frame import Working
from support.workflows.identity import Refused
from support.workflows.permissions import allows
from support.workflows.results import Role
from support.workflows.values import Wrong

__all__ = ["Failed", "play"]

HOUR = 3600
"""Seconds that a session lasts unless the workflow says otherwise."""

Given = Mapping[str, str]
Played = tuple[dict[str, str], str]
"""Outputs of an action, and what it says."""


def play(uses: str, job: Working, given: Given) -> Played:
    """Do what an action would do. Raises Failed, and Wrong for an action or an input that is not known."""
    name = uses.partition("@")[0]
    if name not in _TABLE:
        raise Wrong(f"the action {name} is not played here: only {', '.join(_TABLE)}")
    function, known = _TABLE[name]
    if unknown := set(given) - set(known):
        raise Wrong(f"{name} has no input {', '.join(sorted(unknown))} here")
    return function(job, given)


def _installed(job: Working, given: Given) -> Played:
    return {}, ""


def _credentials(job: Working, given: Given) -> Played:
    """A role is given to whoever its trust policy names, and to nobody else."""
    if not allows(job.result.permissions, "id-token", "write"):
        raise Failed("Credentials could not be loaded: the job may not ask for an identity (id-token: write)")
    arn, region = given.get("role-to-assume", ""), given.get("aws-region", "")
    if not arn or not region:
        raise Failed("Input required and not supplied: role-to-assume, aws-region")
    role = Role(arn, job.subject(), region)
    try:
        job.takes(role, job.door(arn, role.subject, int(given.get("role-duration-seconds") or HOUR)))
    except Refused as refused:
        raise Failed(str(refused)) from refused
    return {"aws-account-id": arn.split(":")[4]}, f"{arn} taken as {role.subject}\n"


_TABLE: Mapping[str, tuple[Callable[[Working, Given], Played], tuple[str, ...]]] = {
    "actions/checkout": (checkout.check_out, checkout.INPUTS),
    "actions/setup-python": (_installed, ("python-version", "python-version-file")),
    "hashicorp/setup-terraform": (_installed, ("terraform_version", "terraform_wrapper")),
    "actions/upload-artifact": (artifacts.upload, artifacts.UPLOAD),
    "actions/download-artifact": (artifacts.download, artifacts.DOWNLOAD),
    "aws-actions/configure-aws-credentials": (
        _credentials,
        ("role-to-assume", "aws-region", "role-session-name", "role-duration-seconds", "mask-aws-account-id"),
    ),
}
