"""`reconcile sandbox up | down | status`."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.text import Text

from reconciler import sandbox
from reconciler.errors import SettingsMissing
from reconciler.intake import sandbox_home
from reconciler.render.progress import waiting
from reconciler.render.screen import print_wrapped, screen, tell
from reconciler.settings import Settings

REGION = "eu-west-1"
"""Where `manifests/sandbox.yaml` is; a tool may say another."""
OTHERS = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "MLFLOW_TRACKING_TOKEN")
"""What would be sent in place of the sandbox's own keys, or with them."""


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
        click.echo("no sandbox is running; start it: make sandbox-up")
        return 1
    _show(running)
    click.echo('for other tools, in a shell of their own: eval "$(reconcile sandbox env)"')
    console = screen(Settings.read())
    for process in processes:
        pid, megabytes = process.pid or "-", process.memory // 2**20
        what = " ".join(word for word in (process.role, process.name, f"({process.state})") if word)
        print_wrapped(Text(f"{pid:>8}  {megabytes:>6} MB  {what}"), console, indent=2, hang=21)
    return 0


def env() -> str:
    """Lines for a shell that wants to reach it: what other tools, and a browser at MLflow's door, are asked for."""
    running = running_sandbox()
    variables = {
        "AWS_ENDPOINT_URL": running.aws_endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,  # the name that boto3 reads
        "AWS_EC2_METADATA_DISABLED": "true",
        **running.keys.for_aws(),
        "MLFLOW_TRACKING_URI": running.mlflow_url,
        **running.keys.for_mlflow(),
    }
    lines = [f"unset {' '.join(OTHERS)}", *(f"export {name}={shlex.quote(text)}" for name, text in variables.items())]
    return "".join(f"{line}\n" for line in lines)


def running_sandbox() -> sandbox.Sandbox:
    """The sandbox that runs. Raises SettingsMissing."""
    with translated():
        running = sandbox.find(sandbox_at())
    if running is None:
        raise SettingsMissing("no sandbox is running", "start it: make sandbox-up")
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
