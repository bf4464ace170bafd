"""The time, as this machine knows it."""

from datetime import UTC, datetime


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Current time, UTC."""
        return datetime.now(UTC)
