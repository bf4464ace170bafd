"""Commands that break the embedded cloud on purpose."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from reconciler.cli.sandbox import sandbox

OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"
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


def endpoint_options(command: F) -> F:
    """Which creations and updates of endpoints a fault hits."""
    times = click.option("--times", type=int, metavar="N", help="Hit N times, then no more.")
    return click.option("--endpoint", "on", default="*", metavar="NAME", help="Only this one; * stands for any part.")(
        times(command)
    )


def job_options(command: F) -> F:
    """Which jobs a fault hits."""
    times = click.option("--times", type=int, metavar="N", help="End N attempts; one by default.")
    return click.option("--job", "on", default="*", metavar="NAME", help="By its name or id; * stands for any part.")(
        times(command)
    )


@sandbox.group()
def fault() -> None:
    """Break it on purpose: calls, endpoints, jobs. A fault stands until it is cleared or the sandbox stops."""


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
@click.option("--region", default="", metavar="NAME", help="Where S3 says that the bucket is, as with status 301.")
def error(**given: Any) -> None:
    """Refuse calls with an error."""
    _add("error", given)


@fault.command()
@calls_options
def drop(**given: Any) -> None:
    """Do the work, then close the connection without an answer."""
    _add("drop", given)


@fault.command()
@calls_options
def cut(**given: Any) -> None:
    """Do the work, then lose the second half of the answer."""
    _add("cut", given)


@fault.command()
@calls_options
@click.option("--seconds", type=float, required=True, help="How far answers lag behind.")
def stale(**given: Any) -> None:
    """Answer reads as they were answered before, errors too."""
    _add("stale", given)


@fault.command()
@calls_options
@click.option("--size", type=int, default=1, show_default=True, help="Most entries of a page.")
def pages(**given: Any) -> None:
    """Answer lists in pages smaller than asked for."""
    _add("pages", given)


@fault.command()
@endpoint_options
@click.option("--seconds", type=float, default=0.0, help="How long it is given to become healthy.")
def unhealthy(**given: Any) -> None:
    """Let no new fleet pass its ping: updates roll back."""
    _add("unhealthy", given)


@fault.command()
@endpoint_options
def hang(**given: Any) -> None:
    """Keep endpoints Updating or Creating until this is cleared."""
    _add("hang", given)


@fault.command()
@endpoint_options
def capacity(**given: Any) -> None:
    """Have no instances: updates roll back, creations fail."""
    _add("capacity", given)


@fault.command()
@endpoint_options
@click.option("--alarm", default="*", metavar="NAME", help="Which of its rollback alarms; the first by default.")
@click.option("--seconds", type=float, default=0.0, help="How long it bakes before.")
def alarm(**given: Any) -> None:
    """Let a rollback alarm fire while an update bakes."""
    _add("alarm", given)


@fault.command("rollback-fails")
@endpoint_options
def rollback_fails(**given: Any) -> None:
    """Let updates that fail end in UpdateRollbackFailed."""
    _add("rollback-fails", given)


@fault.command("kill-job")
@job_options
@click.option("--out-of-memory", is_flag=True, help="Say that it took too much memory.")
def kill_job(*, out_of_memory: bool, **given: Any) -> None:
    """Kill a job's process, now or as soon as one runs."""
    _add("kill-job", {**given, "reason": OUT_OF_MEMORY if out_of_memory else ""})


@fault.command()
@job_options
def reclaim(**given: Any) -> None:
    """Take a job's spot host away, now or as soon as one runs."""
    _add("reclaim", given)


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
