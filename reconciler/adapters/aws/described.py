"""One thing of SageMaker's by its name, which may not be there.

SageMaker has no code for that: it answers `ValidationException`, as to any bad request. Whether the name exists is
asked of the list, and no sentence decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.adapters.aws.answers import Meaning, means
from reconciler.adapters.aws.faults import AWS_FAULTS

PAGE = 100


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where SageMaker keeps one kind of things: two operations, and what they call its name."""

    describe: str
    list: str
    items: str
    name: str


ENDPOINTS = Shelf("describe_endpoint", "list_endpoints", "Endpoints", "EndpointName")
MODELS = Shelf("describe_model", "list_models", "Models", "ModelName")
CONFIGURATIONS = Shelf("describe_endpoint_config", "list_endpoint_configs", "EndpointConfigs", "EndpointConfigName")


def described(sagemaker: Any, shelf: Shelf, name: str) -> Mapping[str, Any] | None:
    """What SageMaker says of a thing; None when it refuses and no list has the name. Raises what boto3 raises."""
    try:
        answer: Mapping[str, Any] = getattr(sagemaker, shelf.describe)(**{shelf.name: name})
    except AWS_FAULTS as fault:
        if not means(fault, Meaning.UNLISTED) or name in listed(sagemaker, shelf, name):
            raise
        return None
    return answer


def listed(sagemaker: Any, shelf: Shelf, part: str) -> list[str]:
    """Names that hold `part`. Raises what boto3 raises."""
    pages = sagemaker.get_paginator(shelf.list).paginate(NameContains=part, PaginationConfig={"PageSize": PAGE})
    return [item[shelf.name] for page in pages for item in page[shelf.items]]
