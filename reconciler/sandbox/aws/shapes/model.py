"""AWS's model of an operation."""

from functools import cache
from typing import Any

from botocore.model import OperationModel, ServiceModel

from reconciler.sandbox.aws.faults import routes

Shape = Any
"""A shape of botocore's, which is untyped here."""


@cache
def operation(service: str, name: str) -> OperationModel | None:
    """The model of one operation; None when AWS has no such thing."""
    described = _service(service)
    return described.operation_model(name) if described and name in described.operation_names else None


@cache
def _service(service: str) -> ServiceModel | None:
    described = routes.model(service)
    return ServiceModel(described, service) if described else None
