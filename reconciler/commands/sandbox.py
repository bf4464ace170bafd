"""`reconcile sandbox up | down | status | env | roles`."""

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from rich.text import Text

from reconciler import sandbox
from reconciler.errors import SettingsMissing
from reconciler.intake import sandbox_home
from reconciler.render.progress import waiting
from reconciler.render.screen import print_wrapped, screen, tell
from reconciler.sandbox.faults import Faults
from reconciler.settings import Settings

REGION = "eu-west-1"
"""Where `manifests/sandbox.yaml` is; a tool may say another."""
OTHERS = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "MLFLOW_TRACKING_TOKEN")
"""What would be sent in place of the sandbox's own keys, or with them."""
DIVERSION = re.compile(r"AWS_ENDPOINT_URL_\w+|AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", re.ASCII)
NOBODY = "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN\nfalse\n"
"""For a shell that wanted to be somebody, and is not to go on as who it was."""


def up() -> None:
    """Start the sandbox and say how to reach it."""
    with translated(), waiting("starting the sandbox", Settings.read()):
        running = sandbox.up(sandbox_at(), _say)
    _show(running)


def down(*, wipe: bool) -> None:
    """Stop the sandbox."""
    with translated(), waiting("stopping the sandbox", Settings.read()):
        stopped = sandbox.down(sandbox_at(), _say, wipe=wipe)
    kept = "what it held is deleted" if wipe else "what it holds is kept"
    click.echo(f"the sandbox is stopped, {kept}" if stopped or wipe else "no sandbox was running")


def status() -> int:
    """Show what runs; 1 when nothing does."""
    with translated():
        running = sandbox.find(sandbox_at())
        processes = sandbox.status(sandbox_at())
    if running is None:
        error = sandbox.why_none(sandbox_at())
        click.echo(f"{error.what}; {error.remedy}")
        return 1
    _show(running)
    click.echo('for other tools, in a shell of their own: eval "$(reconcile sandbox env)"')
    console = screen(Settings.read())
    for process in processes:
        pid, megabytes = process.pid or "-", process.memory // 2**20
        what = " ".join(word for word in (process.role, process.name, f"({process.state})") if word)
        print_wrapped(Text(f"{pid:>8}  {megabytes:>6} MB  {what}"), console, indent=2, hang=21)
    return 0


def env(role: str = "") -> str:
    """Lines for a shell that wants to reach it: what other tools, and a browser at MLflow's door, are asked for.

    With a `role`, by its name, AWS is met as that role's session.
    """
    running = running_sandbox()
    variables = {
        "AWS_ENDPOINT_URL": running.aws_endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,  # the name that boto3 reads
        "AWS_EC2_METADATA_DISABLED": "true",
        **(_session(running, role) if role else running.keys.for_aws()),
        "MLFLOW_TRACKING_URI": running.mlflow_url,
        **running.keys.for_mlflow(),
    }
    lines = [
        f"unset {' '.join((*OTHERS, *_diversions(os.environ)))}",
        *(f"export {name}={shlex.quote(text)}" for name, text in variables.items()),
    ]
    return "".join(f"{line}\n" for line in lines)


def _diversions(environ: Mapping[str, str]) -> list[str]:
    """Variables of this shell that lead the tools of one service elsewhere, or hide where all of them are led.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """
    return sorted(filter(DIVERSION.fullmatch, environ))


def _session(running: sandbox.Sandbox, role: str) -> Mapping[str, str]:
    try:
        return _control(running).play(role)
    except sandbox.SandboxError as error:
        raise SettingsMissing(error.what, "`reconcile bootstrap` makes the roles of CI, a run those of jobs") from error


def roles() -> None:
    """Show what each role did since the sandbox was started, what it was refused, and what it may and never did."""
    with translated():
        told = _control(running_sandbox()).roles()
    if not told:
        click.echo('no role has called yet; play one: eval "$(reconcile sandbox env --role NAME)"')
    console = screen(Settings.read())
    for one in told:
        calls = sum(one["used"].values())
        click.echo(f"{one['role'].rpartition('/')[2]}: {calls} calls of {len(one['used'])} actions")
        for refused in one["refused"]:
            print_wrapped(Text(f"refused     {refused['action']} on {refused['resource']}"), console, indent=2, hang=14)
        if one["unused"]:
            print_wrapped(Text(f"never used  {', '.join(one['unused'])}"), console, indent=2, hang=14)


def _control(running: sandbox.Sandbox) -> Faults:
    return Faults(running.aws_endpoint, running.keys.access_key_id)


def running_sandbox() -> sandbox.Sandbox:
    """The sandbox that runs. Raises SettingsMissing."""
    with translated():
        running = sandbox.find(sandbox_at())
        if running is None:
            raise sandbox.why_none(sandbox_at())
    return running


def _say(line: str) -> None:
    tell(line, stderr=False)


def _show(running: sandbox.Sandbox) -> None:
    click.echo(f"AWS     {running.aws_endpoint}   (account {running.account})")
    click.echo(f"MLflow  {running.mlflow_url}   (for a browser: `reconcile sandbox env` tells user and password)")


def sandbox_at() -> Path:
    """The sandbox's folder, as seen from here."""
    return sandbox_home(Path.cwd(), Settings.read())


@contextmanager
def translated() -> Iterator[None]:
    """The sandbox knows nothing of the rest, its errors included. Raises SettingsMissing."""
    try:
        yield
    except sandbox.SandboxError as error:
        raise SettingsMissing(error.what, error.remedy) from error
