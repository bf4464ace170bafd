"""What holds the reconciler back although there is something to do. Written in the manifest, by people."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo


@dataclass(frozen=True, slots=True)
class Pause:
    """A project that is left as it is for a time."""

    reason: str
    until: datetime
    """The first moment at which it holds no more."""

    def holds(self, now: datetime) -> bool:
        """Whether the project is left as it is."""
        return now < self.until


@dataclass(frozen=True, slots=True)
class Requires:
    """What an environment asks of the commit that it is changed from."""

    clean: tuple[str, ...] = ()
    """Paths below the project root that have to be as HEAD has them; empty: nobody asks."""
    signed: bool = False
    """Whether HEAD needs a good signature by somebody who is trusted."""


def over(pause: Pause) -> str:
    """What there is to say of a pause that holds no more."""
    return f"its pause ({pause.reason}) was until {said(pause.until)}: delete it, or give a later date"


def said(moment: datetime, zone: tzinfo = UTC) -> str:
    """A moment as a person of that zone says it; midnight is the end of a day, for that is what people write."""
    local = moment.astimezone(zone)
    if (local.hour, local.minute) == (0, 0):
        return f"the end of {(local - timedelta(minutes=1)).date()} ({zone})"
    return f"{local:%Y-%m-%d %H:%M} ({zone})"
