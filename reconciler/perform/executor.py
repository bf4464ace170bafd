"""What every step needs that is done to the world."""

from dataclasses import dataclass
from typing import Any

from reconciler.core.desired import DesiredState, Platform
from reconciler.core.observed import Spec
from reconciler.ports import World


@dataclass(frozen=True, slots=True)
class Executor:
    """Performs single actions on the world."""

    desired: DesiredState
    world: World
    wait: bool
    """Whether to stay until a training or a changing endpoint has ended."""

    @property
    def platform(self) -> Platform:
        """The environment."""
        return self.desired.platform

    def variables(self, project: str | None, spec: Spec) -> dict[str, Any]:
        """A stack's variables: its specification, and what names it."""
        named = {"project": project} if project else {}
        return {"platform": self.platform.name, "environment": self.platform.environment, **named, **spec}
