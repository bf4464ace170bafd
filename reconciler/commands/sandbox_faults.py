"""`reconcile sandbox fault …`."""

from collections.abc import Mapping
from typing import Any

import click
from rich.text import Text

from reconciler.commands.sandbox import running_sandbox, translated
from reconciler.render.screen import print_wrapped, screen
from reconciler.sandbox.faults import CALLS, Fault, Faults, Kind, Standing
from reconciler.settings import Settings


def add(kind: str, given: Mapping[str, Any]) -> None:
    """Set a fault."""
    try:
        fault = Fault(Kind(kind), **given)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    with translated():
        standing = _faults().add(fault)
    click.echo(f"{standing.id} is set; `reconcile sandbox fault clear {standing.id}` takes it away")


def show() -> None:
    """One line for each fault."""
    with translated():
        standing = _faults().standing()
    for one in standing:
        print_wrapped(Text(_line(one)), screen(Settings.read()), indent=0, hang=2)
    if not standing:
        click.echo("no fault is set")


def clear(fault_id: str | None) -> None:
    """Take faults away."""
    with translated():
        count = _faults().clear(fault_id)
    click.echo(f"{count} {'fault' if count == 1 else 'faults'} cleared")


def calls(*, reset: bool) -> None:
    """One line for each operation, and the sum."""
    with translated():
        faults = _faults()
        counted = faults.calls()
        if reset:
            faults.forget_calls()
    for name, count in counted.items():
        click.echo(f"{count:>6}  {name}")
    click.echo(f"{sum(counted.values()):>6}  calls in all")


def _line(one: Standing) -> str:
    limit = "" if one.fault.limit is None else f" of {one.fault.limit}"
    seen = f", saw {one.seen}" if one.fault.kind in CALLS else ""
    spent = ", spent" if one.spent else ""
    return f"{one.id:<18} on {one.fault.on:<32} hit {one.hits}{limit}{seen}{spent}"


def _faults() -> Faults:
    running = running_sandbox()
    return Faults(running.aws_endpoint, running.keys.access_key_id)
