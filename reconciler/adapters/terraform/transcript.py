"""What one run of Terraform told."""

from collections.abc import Mapping

from reconciler.adapters.terraform import events
from reconciler.adapters.terraform.events import Diagnostic
from reconciler.ports import Say


class Transcript:
    """Passes progress on as it comes, and keeps the errors."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._errors: list[Diagnostic] = []
        self._planned: dict[str, str] = {}

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """Errors so far, the first one first."""
        return tuple(self._errors)

    @property
    def planned(self) -> Mapping[str, str]:
        """What a plan would do, by address of its resource."""
        return dict(self._planned)

    def tell(self, line: str) -> None:
        """Take one line of output."""
        event = events.parse(line)
        if event is None:
            return
        if told := events.progress(event):
            self._say(told)
        if change := events.planned(event):
            self._planned[change[0]] = change[1]
        if found := events.diagnostic(event):
            self._note(found)

    def _note(self, found: Diagnostic) -> None:
        if found.is_error:
            self._errors.append(found)
        else:
            self._say(f"{found.severity}: {found.sentence}")
