"""How an endpoint configuration serves, as DescribeEndpointConfig tells it. Pure."""

from collections.abc import Mapping
from typing import Any

from reconciler.core.desired import AsyncEndpoint, Endpoint, RealtimeEndpoint, ServerlessEndpoint
from reconciler.core.observed import Serving

CONCURRENT = 4
"""Requests that SageMaker gives one instance of an asynchronous endpoint at the same time, unless it is told."""


def serving_of(described: Mapping[str, Any]) -> Serving:
    """One configuration in the terms of a manifest, which knows one variant with one model in it."""
    variants = described.get("ProductionVariants", [])
    if len(variants) != 1 or described.get("ShadowProductionVariants") or "ModelName" not in variants[0]:
        return Serving(None, variants[0]["VariantName"] if variants else "")
    return Serving(_endpoint(variants[0], described.get("AsyncInferenceConfig")), variants[0]["VariantName"])


def _endpoint(variant: Mapping[str, Any], queue: Mapping[str, Any] | None) -> Endpoint | None:
    if serverless := variant.get("ServerlessConfig"):
        return ServerlessEndpoint(serverless["MemorySizeInMB"], serverless["MaxConcurrency"])
    if "InstanceType" not in variant:
        return None
    instance_type, count = variant["InstanceType"], variant.get("InitialInstanceCount", 1)
    if queue is None:
        return RealtimeEndpoint(instance_type, count)
    concurrent = queue.get("ClientConfig", {}).get("MaxConcurrentInvocationsPerInstance", CONCURRENT)
    return AsyncEndpoint(instance_type, count, concurrent)
