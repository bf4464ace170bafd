"""Commands that break the embedded cloud on purpose."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from reconciler.cli.sandbox import sandbox

F = TypeVar("F", bound=Callable[..., Any])


def share(text: str) -> float:
    """`20%` or `0.2`, as a share of 1."""
    try:
        return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no share; write 20% or 0.2") from None


def calls_options(command: F) -> F:
    """Which calls a fault hits."""
    options = (
        click.option("--on", default="*", metavar="OPERATION", help="Such as sagemaker:Describe* or s3:PutObject."),
        click.option(
            "--rate", type=share, metavar="SHARE", default="100%", show_default=True, help="Of the matching calls."
        ),
        click.option("--seed", type=int, default=0, help="Which calls those are: the same seed, the same calls."),
        click.option(
            "--call", type=int, metavar="N", help="From the N-th matching call on; that one alone by default."
        ),
        click.option("--times", type=int, metavar="N", help="Hit N times, then no more."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@sandbox.group()
def fault() -> None:
    """Break it on purpose: slow, failing or lost calls. A fault stands until it is cleared or the sandbox stops."""


@fault.command()
@calls_options
def throttle(**given: Any) -> None:
    """Refuse calls as a service does that is called too often."""
    _add("throttle", given)


@fault.command()
@calls_options
@click.option("--seconds", type=float, required=True, help="How long a call waits; others go on meanwhile.")
def latency(**given: Any) -> None:
    """Answer calls late."""
    _add("latency", given)


@fault.command()
@calls_options
@click.option("--status", type=int, default=500, show_default=True, help="HTTP status.")
@click.option("--code", default="InternalFailure", show_default=True, help="AWS's name for the error.")
@click.option("--message", default="The sandbox was told to fail this call.", help="What the error says.")
def error(**given: Any) -> None:
    """Refuse calls with an error."""
    _add("error", given)


@fault.command()
@calls_options
def drop(**given: Any) -> None:
    """Do what a call asks for, then close the connection without an answer."""
    _add("drop", given)


@fault.command()
@calls_options
def cut(**given: Any) -> None:
    """Do what a call asks for, then close the connection in the middle of the answer."""
    _add("cut", given)


@fault.command("list")
def list_faults() -> None:
    """Show the faults that are set, and what they hit so far."""
    from reconciler.commands import sandbox_faults

    sandbox_faults.show()


@fault.command()
@click.argument("fault_id", metavar="[ID]", required=False)
def clear(fault_id: str | None) -> None:
    """Take a fault away, or all of them."""
    from reconciler.commands import sandbox_faults

    sandbox_faults.clear(fault_id)


@fault.command()
@click.option("--reset", is_flag=True, help="Count from zero afterwards.")
def calls(*, reset: bool) -> None:
    """Show how often each operation was called."""
    from reconciler.commands import sandbox_faults

    sandbox_faults.calls(reset=reset)


def _add(kind: str, given: dict[str, Any]) -> None:
    from reconciler.commands import sandbox_faults

    sandbox_faults.add(kind, given)
