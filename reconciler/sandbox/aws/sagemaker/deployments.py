"""What SageMaker refuses in a deployment configuration.

Sources: the API reference's BlueGreenUpdatePolicy, TrafficRoutingConfig, RollingUpdatePolicy and
AutoRollbackConfig, and the list of features that serverless endpoints do without.
"""

from collections.abc import Iterator, Mapping
from typing import Any

MOST_ALARMS = 10
WAIT = (0, 3600)  # seconds
TOTAL = (600, 28800)  # seconds
SIZES = {"CanarySize": (1, 50), "LinearStepSize": (10, 50), "MaximumBatchSize": (5, 50)}
"""Percent of the variant's instances."""
SIZE_OF = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}

Config = Mapping[str, Any]


def refusal(config: Config | None, *, serverless: bool) -> str:
    """Why SageMaker refuses a deployment configuration; empty when it does not."""
    return next(_problems(config, serverless=serverless), "") if config else ""


def _problems(config: Config, *, serverless: bool) -> Iterator[str]:
    blue_green, rolling = config.get("BlueGreenUpdatePolicy"), config.get("RollingUpdatePolicy")
    if blue_green and rolling:
        yield "Only one update policy can be used: BlueGreenUpdatePolicy or RollingUpdatePolicy."
    if serverless and (rolling or _routing(blue_green).get("Type", "ALL_AT_ONCE") != "ALL_AT_ONCE"):
        yield "Serverless endpoints take no deployment but ALL_AT_ONCE."
    if blue_green:
        yield from _of_blue_green(blue_green)
    if rolling:
        yield from _of_size("MaximumBatchSize", rolling.get("MaximumBatchSize"))
        yield from _of_seconds(rolling, "WaitIntervalInSeconds", WAIT)
        yield from _of_seconds(rolling, "MaximumExecutionTimeoutInSeconds", TOTAL)
    alarms = (config.get("AutoRollbackConfiguration") or {}).get("Alarms") or ()
    if len(alarms) > MOST_ALARMS:
        yield f"At most {MOST_ALARMS} alarms can guard a deployment; there are {len(alarms)}."


def _of_blue_green(policy: Config) -> Iterator[str]:
    routing = _routing(policy)
    wanted = SIZE_OF.get(routing.get("Type", ""))
    for name in SIZE_OF.values():
        if name == wanted:
            yield from _of_size(name, routing.get(name))
        elif routing.get(name):
            yield f"{name} has no meaning for traffic routing of type {routing.get('Type')}."
    yield from _of_seconds(routing, "WaitIntervalInSeconds", WAIT)
    yield from _of_seconds(policy, "TerminationWaitInSeconds", WAIT)
    yield from _of_seconds(policy, "MaximumExecutionTimeoutInSeconds", TOTAL)


def _of_size(name: str, size: Config | None) -> Iterator[str]:
    if not size:
        yield f"{name} is missing."
        return
    least, most = SIZES[name]
    if size["Type"] == "CAPACITY_PERCENT" and not least <= size["Value"] <= most:
        yield f"{name} must be {least} to {most} percent of the instances; it is {size['Value']}."


def _of_seconds(policy: Config, name: str, limits: tuple[int, int]) -> Iterator[str]:
    value = policy.get(name)
    if value is not None and not limits[0] <= value <= limits[1]:
        yield f"{name} must be {limits[0]} to {limits[1]} seconds; it is {value}."


def _routing(policy: Config | None) -> Config:
    return (policy or {}).get("TrafficRoutingConfiguration") or {}
