"""Time that passes only when somebody waits."""

from dataclasses import dataclass, field


@dataclass
class Standstill:
    """A `Cancel` whose waits take no time, and its clock, in seconds."""

    asked_to_stop: bool = False
    now: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def is_set(self) -> bool:
        return self.asked_to_stop

    def wait(self, timeout: float | None = None) -> bool:
        self.slept.append(timeout or 0)
        self.now += timeout or 0
        return self.asked_to_stop
