"""The MLflow tracking server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from reconciler.core.observed import ModelVersion, Noted, TrainingRun


class Registry(Protocol):
    """The MLflow tracking server."""

    def versions(self, model: str) -> tuple[ModelVersion, ...]:
        """Versions that are READY, ascending; empty when there is no such model. Raises ReadFailed."""
        ...

    def version(self, model: str, number: int) -> ModelVersion | None:
        """One version, ready or not; None when there is none of this number. Raises ReadFailed."""
        ...

    def runs(self, project: str) -> tuple[TrainingRun, ...]:
        """Runs that the reconciler started for the project in this environment, newest first. Raises ReadFailed."""
        ...

    def nested(self, project: str, run: TrainingRun) -> TrainingRun:
        """The same run with the runs that were begun within it, at any depth. Raises ReadFailed."""
        ...

    def metrics(self, run_id: str) -> Mapping[str, float]:
        """The newest finite value of each metric of a run; empty when there is no such run. Raises ReadFailed."""
        ...

    def start_run(self, project: str, digest: str, revision: int, commit: str, asked: str = "") -> str:
        """Create a run tagged with its source, or return the one made for it that no job has used yet."""
        ...

    def announce(self, run_id: str, at: datetime) -> None:
        """Note on a run that a job is about to be submitted for it."""
        ...

    def link_job(self, run_id: str, job_id: str) -> None:
        """Note on a run which Batch job executes it."""
        ...

    def note_version(self, run_id: str, seen: Noted) -> None:
        """Note on a run which version of it was seen."""
        ...

    def note_ending(self, run_id: str, reason: str, log: str) -> None:
        """Note on a run why its job failed, with the end of the log."""
        ...

    def end_run(self, run_id: str, *, killed: bool) -> None:
        """Mark a run that its job left open as FAILED, or as KILLED."""
        ...

    def register(self, model: str, run_id: str, logged_model: str) -> ModelVersion:
        """Register a logged model as the next version of `model`."""
        ...
