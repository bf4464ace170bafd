"""Production variants: what a configuration asks for, what runs, and what DescribeEndpoint tells of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

COUNT, WEIGHT = "DesiredInstanceCount", "DesiredWeight"
CURRENT = {COUNT: "CurrentInstanceCount", WEIGHT: "CurrentWeight"}
RETAINED = frozenset({COUNT, WEIGHT})


@dataclass(frozen=True, slots=True)
class Container:
    """What one production variant runs. Kept in the saved state, so that it outlives its configuration."""

    variant: str
    image: str
    environment: Mapping[str, str]
    startup: float | None
    """Seconds that it may take to answer /ping, when its configuration says so."""
    role: str
    """ARN of the model's execution role."""


@dataclass(frozen=True, slots=True)
class Release:
    """An endpoint configuration, ready to be served."""

    config_name: str
    containers: tuple[Container, ...]
    variants: tuple[dict[str, Any], ...]
    """As DescribeEndpoint shows them."""
    capture: Mapping[str, Any] | None = None
    """Its `DataCaptureConfig`."""
    asynchronous: Mapping[str, Any] | None = None
    """Its `AsyncInferenceConfig`."""

    @property
    def role(self) -> str:
        """ARN of the role that it reads and writes with."""
        return self.containers[0].role

    @property
    def serverless(self) -> bool:
        """Whether a variant of it has no instances."""
        return any("CurrentServerlessConfig" in variant for variant in self.variants)


def release(config: Any, models: Mapping[str, Any], now: datetime) -> Release:  # both hold moto's own objects
    """What a configuration asks for, with the models that it names.

    Raises RuntimeError when a model was deleted since.
    """
    missing = [one["ModelName"] for one in config.production_variants if one["ModelName"] not in models]
    if missing:
        raise RuntimeError(f"Could not find model {missing[0]}.")
    containers = tuple(container(one, models[one["ModelName"]]) for one in config.production_variants)
    pairs = zip(config.production_variants, containers, strict=True)
    return Release(
        config.endpoint_config_name,
        containers,
        tuple(described(variant, runs.image, now) for variant, runs in pairs),
        config.data_capture_config or None,
        config.async_inference_config or None,
    )


def data_capture_summary(config: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What DescribeEndpoint tells of a data capture configuration; nothing when there is none."""
    if not config:
        return None
    enabled = bool(config.get("EnableCapture", True))
    summary = {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": config.get("InitialSamplingPercentage"),
        "DestinationS3Uri": config.get("DestinationS3Uri"),
        "KmsKeyId": config.get("KmsKeyId", ""),
    }
    return {name: value for name, value in summary.items() if value is not None}


def container(variant: Mapping[str, Any], model: Any) -> Container:  # model is moto's own object
    """What runs for a variant of an endpoint configuration; of an inference pipeline, its first container."""
    primary = model.primary_container or (model.containers or [{}])[0]
    return Container(
        variant["VariantName"],
        primary.get("Image", ""),
        dict(primary.get("Environment") or {}),
        variant.get("ContainerStartupHealthCheckTimeoutInSeconds"),
        model.execution_role_arn,
    )


def described(variant: Mapping[str, Any], image: str, now: datetime) -> dict[str, Any]:
    """A variant of a configuration as DescribeEndpoint shows it once it serves."""
    serverless = variant.get("ServerlessConfig")
    weight = variant.get("InitialVariantWeight", 1.0)
    size = (
        {"CurrentServerlessConfig": serverless, "DesiredServerlessConfig": serverless}
        if serverless
        else _both(COUNT, variant.get("InitialInstanceCount", 1))
    )
    images = [{"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": now}]
    return {"VariantName": variant["VariantName"], "DeployedImages": images, **_both(WEIGHT, weight), **size}


def retain(new: Release, old: Release, excluded: Iterable[str]) -> Release:
    """`new` with counts and weights of the `old` variants of the same names, save the `excluded` property types."""
    before = {variant["VariantName"]: variant for variant in old.variants}
    kept = RETAINED - frozenset(excluded)
    variants = ({**one, **_retained(one, before.get(one["VariantName"], {}), kept)} for one in new.variants)
    return replace(new, variants=tuple(variants))


def resize(served: Release, wanted: Iterable[Mapping[str, Any]]) -> Release:
    """`served` with the counts and weights that UpdateEndpointWeightsAndCapacities names.

    Raises RuntimeError for a variant that it does not have.
    """
    changes = {change["VariantName"]: change for change in wanted}
    unknown = sorted(changes.keys() - {one["VariantName"] for one in served.variants})
    if unknown:
        raise RuntimeError(
            f'The variant name(s) "{", ".join(unknown)}" is/are not present within endpoint configuration '
            f'"{served.config_name}".'
        )
    variants = ({**one, **_retained(one, changes.get(one["VariantName"], {}), RETAINED)} for one in served.variants)
    return replace(served, variants=tuple(variants))


def _retained(variant: Mapping[str, Any], source: Mapping[str, Any], kept: frozenset[str]) -> dict[str, Any]:
    chosen = (prop for prop in kept if source.get(prop) is not None and prop in variant)
    return {name: source[prop] for prop in chosen for name in (prop, CURRENT[prop])}


def _both(prop: str, value: float) -> dict[str, float]:
    return {prop: value, CURRENT[prop]: value}
