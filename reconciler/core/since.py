"""Since when something goes on, as it is told: a moment and no age, so that the same plan is told in the same words."""

from datetime import UTC, datetime


def since(seconds: float) -> str:
    """` since 2026-12-01 09:30 UTC`, with the blank before it; empty for 0, which stands for a time nobody knows.

    `seconds` since the epoch.
    """
    return f" since {minute(datetime.fromtimestamp(seconds, UTC))}" if seconds else ""


def minute(moment: datetime) -> str:
    """`2026-12-01 09:30 UTC`"""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
