"""A run that changes something: under the lease, and with a record of it in the history."""

from reconciler.tenure.hold import Run, Wish, describe, hold

__all__ = ["Run", "Wish", "describe", "hold"]
