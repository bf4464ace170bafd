"""`reconcile sandbox up | down | status`."""

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
    click.echo(f"""for other tools:
  export AWS_ENDPOINT_URL={running.aws_endpoint}
  export MLFLOW_TRACKING_URI={running.mlflow_url}
  export AWS_ACCESS_KEY_ID=sandbox AWS_SECRET_ACCESS_KEY=sandbox AWS_REGION=eu-west-1""")
    console = screen(Settings.read())
    for process in processes:
        pid, megabytes = process.pid or "-", process.memory // 2**20
        what = " ".join(word for word in (process.role, process.name, f"({process.state})") if word)
        print_wrapped(Text(f"{pid:>8}  {megabytes:>6} MB  {what}"), console, indent=2, hang=21)
    return 0


def _say(line: str) -> None:
    tell(line, stderr=False)


def _show(running: sandbox.Sandbox) -> None:
    click.echo(f"AWS     {running.aws_endpoint}   (account {running.account})")
    click.echo(f"MLflow  {running.mlflow_url}   (open it in a browser)")


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
