"""Take the lease before anything is looked at, and give it back whatever happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import monotonic

from reconciler.core.lease import Holder, Lease, Seen, is_free, succeed
from reconciler.core.statelock import of_tenures
from reconciler.errors import Interrupted, LeaseHeld, LeaseLost, ReconcilerError, SourceUnusable
from reconciler.ports import Head, Say, World
from reconciler.tenure.heart import Heart
from reconciler.tenure.journal import Journal
from reconciler.tenure.statelocks import LeasedTerraform

LOOK = 1.0
"""Seconds between looks at a lease that is waited for."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a run wants the lease."""

    environment: str
    """Start of the names in the state bucket."""
    name: str
    """What a person calls the environment."""
    patience: float = 0.0
    """Seconds that somebody else's lease is waited for."""
    founding: bool = False
    """Whether the state bucket need not be there: nobody can hold anything then."""
    trigger: str = ""
    """Why the run was begun; empty: the machine says."""


@dataclass(frozen=True, slots=True)
class Run:
    """What goes on under the lease."""

    world: World
    """The world, with a Terraform that releases what dead runs locked."""
    journal: Journal


@contextmanager
def hold(world: World, wish: Wish, say: Say) -> Iterator[Run]:
    """Hold the lease of the environment, and write down at the end what was done.

    Raises LeaseHeld, LeaseLost, Interrupted, ReadFailed, AwsFailed.
    """
    began, head = world.clock.now(), _head(world)
    holder = world.machine.holder()
    holder = replace(holder, commit=head.commit, trigger=wish.trigger or holder.trigger)
    run = f"{began:%Y%m%dT%H%M%SZ}-{world.machine.token()}"
    journal = Journal(run, began, holder, head.author)
    if wish.founding and not world.state.exists():
        with _written_down(world, journal, 0, say):
            yield Run(world, journal)
        return
    lease, version = _take(world, holder, run, wish, say)
    heart = Heart(world, lease, version)
    heart.start()
    try:
        with _written_down(world, journal, lease.number, say), _kept(heart, wish):
            yield Run(_under(lease, world, wish), journal)
    finally:
        _give_back(heart, say)


@contextmanager
def _kept(heart: Heart, wish: Wish) -> Iterator[None]:
    """Whatever a run ends with once its lease is lost, that is why."""
    try:
        yield
    except ReconcilerError:
        if not heart.lost:
            raise
    if heart.lost:
        what = f"the lease of {wish.name} was lost, and the run with it: {heart.lost}"
        raise LeaseLost(what, "what was under way was brought to an end; run again: it goes on from here")


@contextmanager
def _written_down(world: World, journal: Journal, number: int, say: Say) -> Iterator[None]:
    try:
        yield
    except ReconcilerError as error:
        error.retell(world.redact)
        journal.failed(error)
        raise
    finally:
        journal.write(world, number, say)


def _give_back(heart: Heart, say: Say) -> None:
    try:
        heart.stop()
    except ReconcilerError as error:
        say(f"the lease could not be given back, and runs out by itself in a minute: {error}")


def _under(lease: Lease, world: World, wish: Wish) -> World:
    lost = of_tenures(lease.lost, world.clock.now())
    return replace(world, terraform=LeasedTerraform(world.terraform, world.state, wish.environment, lost))


def _head(world: World) -> Head:
    try:
        return world.sources.head()
    except SourceUnusable:  # an environment without projects needs no repository
        return Head("", "")


def _take(world: World, holder: Holder, run: str, wish: Wish, say: Say) -> tuple[Lease, str]:
    """The lease, and its version in the bucket."""
    deadline, told = monotonic() + wish.patience, False
    while True:
        seen = world.leases.read()
        if seen is None or is_free(seen, gone=world.machine.is_gone(seen.lease.holder)):
            lease = succeed(seen.lease if seen else None, holder, run, world.clock.now())
            if seen and not seen.lease.released:
                say(f"taking over the lease of {wish.name}, which was not given back: {describe(seen)}")
            if version := world.leases.write(lease, seen.version if seen else None):
                return lease, version
        elif monotonic() >= deadline:
            raise _held(seen, wish)
        else:
            if not told:
                say(f"waiting for the lease of {wish.name}: {describe(seen)}")
            told = True
            _pause(world, wish)


def _pause(world: World, wish: Wish) -> None:
    if world.cancel.wait(LOOK):
        raise Interrupted(f"stopped waiting for the lease of {wish.name}", "nothing was changed")


def _held(seen: Seen, wish: Wish) -> LeaseHeld:
    what = f"another reconcile holds the lease of {wish.name}: {describe(seen)}"
    return LeaseHeld(what, f"wait, or if it is dead: reconcile unlock --id {seen.lease.id}")


def describe(seen: Seen) -> str:
    """Who holds a lease, since when, and whether it still shows life."""
    holder = seen.lease.holder
    commit = f"commit {holder.commit[:7]}" if holder.commit else ""
    where = ", ".join(part for part in (holder.url, commit) if part)
    since = f"{seen.lease.acquired:%Y-%m-%d %H:%M:%S UTC}"
    told = f"{holder.user} on {holder.host} since {since}{f' ({where})' if where else ''}"
    return f"{told}, last heartbeat {seen.age:.0f} s ago"
