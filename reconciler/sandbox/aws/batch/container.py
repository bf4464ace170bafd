"""The container of a job: its definition's properties with what was overridden on submission."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PLACEHOLDER = re.compile(r"Ref::([A-Za-z0-9_-]+)")
SHOWN = ("image", "jobRoleArn", "executionRoleArn", "logConfiguration", "networkConfiguration")
DEFAULT_LOG_GROUP = "/aws/batch/job"


@dataclass(frozen=True, slots=True)
class Container:
    """What a job runs."""

    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log_group: str
    log_prefix: str


def resolve(
    properties: Mapping[str, Any], overrides: Mapping[str, Any], parameters: Mapping[str, str], definition: str
) -> Container:
    """Merge `containerProperties` of a definition, `containerOverrides` and parameters."""
    options = (properties.get("logConfiguration") or {}).get("options") or {}
    return Container(
        image=properties["image"],
        command=fill_in(overrides.get("command") or properties.get("command") or (), parameters),
        environment=environment(properties, overrides),
        log_group=options.get("awslogs-group") or DEFAULT_LOG_GROUP,
        log_prefix=options.get("awslogs-stream-prefix") or definition,
    )


def fill_in(command: Sequence[str], parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Put the parameters in the place of `Ref::name`; a placeholder without a parameter stays."""
    return tuple(PLACEHOLDER.sub(lambda found: parameters.get(found[1], found[0]), part) for part in command)


def environment(properties: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, str]:
    """Variables of the definition, replaced by overrides of the same name."""
    pairs = [*(properties.get("environment") or ()), *(overrides.get("environment") or ())]
    return {pair["name"]: pair.get("value", "") for pair in pairs}
