"""Every error that a person may see, and the exit code that it ends with."""

from collections.abc import Callable
from typing import ClassVar


class ReconcilerError(Exception):
    """Something went wrong that a person can act on.

    `what` says what happened and where; `remedy` says what to do about it; `detail` is what was said elsewhere of it,
    such as the end of a log.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, remedy: str = "", detail: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.detail = detail

    def amend(self, what: str, remedy: str) -> None:
        """Say it otherwise, now that more is known."""
        self.what, self.remedy = what, remedy
        self.args = (self.what,)

    def explained_by(self, other: "ReconcilerError") -> None:
        """Say the other's reason before what happened, where nobody knew what to do about this one."""
        if other.remedy and not self.remedy:
            self.amend(f"{other.what}\n  {self.what}", other.remedy)

    def retell(self, redact: Callable[[str], str]) -> None:
        """Say the same without secrets: much of it may be the words of others."""
        self.what, self.remedy, self.detail = redact(self.what), redact(self.remedy), redact(self.detail)
        self.args = (self.what,)


class ManifestInvalid(ReconcilerError):
    """The manifest breaks a rule; `problems` holds one line for each, with file and line."""

    exit_code = 3

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Refused(ReconcilerError):
    """A guard refused: nothing was changed."""

    exit_code = 4


class Busy(ReconcilerError):
    """Somebody else is changing it at this moment. No failure: the next run goes on."""


class SettingsMissing(ReconcilerError):
    """A tool, a credential or a setting is missing on this machine."""


class SourceUnusable(ReconcilerError):
    """A project's folder cannot be used as it is."""


class ReadFailed(ReconcilerError):
    """A source of truth could not be read whole."""


class AwsFailed(ReconcilerError):
    """AWS refused a request that was to change something, or did not answer it."""


class AnswerLost(AwsFailed):
    """AWS did not say whether it did what was asked."""


class PredictionFailed(ReconcilerError):
    """A model did not answer a request."""


class TerraformFailed(ReconcilerError):
    """Terraform ended with an error."""


class LockKept(TerraformFailed):
    """Terraform did all that it was asked to, and could not give the lock of its state back."""


class AlreadyThere(TerraformFailed):
    """AWS would not make what there is already; `addresses` are Terraform's, of what was to be made."""

    def __init__(self, what: str, remedy: str, addresses: tuple[str, ...]) -> None:
        super().__init__(what, remedy)
        self.addresses = addresses


class BuildFailed(ReconcilerError):
    """An image could not be built or pushed."""


class TrainingFailed(ReconcilerError):
    """A training job ended without a model version."""


class RegistryFailed(ReconcilerError):
    """The MLflow server refused or did not answer."""


class GitHubFailed(ReconcilerError):
    """GitHub refused a request, or did not answer it."""


class RolloutRefused(ReconcilerError):
    """SageMaker took a release and does not serve it."""


class LeaseHeld(ReconcilerError):
    """Another reconcile may change the environment now."""

    exit_code = 5


class LeaseLost(ReconcilerError):
    """The right to change the environment was lost on the way."""

    exit_code = 5


class StateLocked(ReconcilerError):
    """A Terraform that lives, or may live, holds the lock of a state."""

    exit_code = 5


class TimedOut(ReconcilerError):
    """A program on this machine took longer than it may, and was stopped."""


class Interrupted(ReconcilerError):
    """Somebody asked to stop."""

    exit_code = 130
