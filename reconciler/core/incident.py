"""What it means for a plan that alarms of an endpoint fire."""

from collections.abc import Iterable, Iterator

from reconciler.core.actions import ProjectAction, Repair, RestoreGuardrails, Update
from reconciler.core.alarms import Alarm, told
from reconciler.core.observed import ObservedProject
from reconciler.core.verdict import Health


def health_of(seen: ObservedProject) -> Health:
    """Health of an endpoint as its alarms tell it."""
    return Health.DEGRADED if seen.firing else Health.HEALTHY


def alarm_notes(seen: ObservedProject, actions: Iterable[ProjectAction]) -> Iterator[str]:
    """Which alarms fire, and whether an update goes without them."""
    ignored = {alarm for action in actions for alarm in ignored_by(action, seen)}
    for alarm in seen.firing:
        if alarm in ignored:
            yield f"its alarm {alarm}: the update goes without it, for SageMaker would roll it back"
        else:
            yield f"its alarm {alarm.name} fires since {alarm.moment}"


def ignored_by(action: ProjectAction, seen: ObservedProject) -> tuple[Alarm, ...]:
    """Alarms that fire and that an action goes without."""
    return action.alarms.ignored(seen.firing, _serves_since(seen)) if isinstance(action, Update | Repair) else ()


def blocking(action: ProjectAction, seen: ObservedProject) -> str:
    """The alarms for which SageMaker would roll an action back, in words; empty when there is none."""
    match action:
        case Update(alarms=alarms) | Repair(alarms=alarms):
            return told(alarms.blocking(seen.firing, _serves_since(seen)))
        case RestoreGuardrails():
            return told(seen.firing)
        case _:
            return ""


def _serves_since(seen: ObservedProject) -> float:
    return seen.endpoint.serves_since if seen.endpoint else 0.0
