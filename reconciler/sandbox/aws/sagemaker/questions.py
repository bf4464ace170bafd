"""A question to an endpoint and its answer, however it came in: over HTTP or from S3."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from moto.core import DEFAULT_ACCOUNT_ID
from moto.sagemaker.models import sagemaker_backends

from reconciler.sandbox.aws.cloud import Cloud
from reconciler.sandbox.aws.sagemaker.endpoint import LocalEndpoint
from reconciler.sandbox.aws.sagemaker.fleet import Answer, Fleet
from reconciler.sandbox.aws.sagemaker.hosting import Hosting
from reconciler.sandbox.aws.sagemaker.variants import Release


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked."""

    body: bytes
    content_type: str = "application/octet-stream"
    accept: str = "*/*"
    attributes: str = ""
    """Opaque text that goes with it."""
    inference_id: str = ""
    variant: str = ""
    """Empty: chosen by traffic weight."""

    @property
    def headers(self) -> dict[str, str]:
        """As the model's container gets them."""
        named = {
            "Content-Type": self.content_type,
            "Accept": self.accept,
            "X-Amzn-SageMaker-Custom-Attributes": self.attributes,
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Serving:
    """What answers for an endpoint at one moment."""

    endpoint: LocalEndpoint
    release: Release
    fleet: Fleet
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Answered:
    """A model's answer, and the variant that gave it."""

    variant: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer that counts."""

    message: str
    status: int
    """HTTP status of the model's answer; 0 when none came in time."""
    original: str
    """What the model said."""


def find(cloud: Cloud, hosting: Hosting, region: str, name: str) -> Serving:
    """What serves an endpoint now. Raises LookupError with SageMaker's message when nothing does."""
    with cloud.lock:
        endpoint = sagemaker_backends[DEFAULT_ACCOUNT_ID][region].endpoints.get(name)
        fleet = hosting.fleet(endpoint) if endpoint else None
        if endpoint is None or fleet is None:
            raise LookupError(_not_found(name, endpoint))
        weights = {one["VariantName"]: one["CurrentWeight"] for one in endpoint.production_variants}
        return Serving(endpoint, endpoint.release, fleet, weights)


def ask(hosting: Hosting, serving: Serving, question: Question) -> Answered | Failure:
    """Ask the model. The lock is not held while it works. Raises LookupError for a variant that is not there."""
    variant = question.variant or serving.fleet.choose(serving.weights)
    server = serving.fleet.servers.get(variant)
    if server is None:
        raise LookupError(f"Variant {variant} not found for endpoint {serving.endpoint.endpoint_name}.")
    try:
        answer = server.invoke(question.body, question.headers)
    except (OSError, http.client.HTTPException) as problem:
        if not server.alive:
            hosting.revive(serving.endpoint)
        return _no_answer(variant, problem)
    return Answered(variant, answer) if answer.status == HTTPStatus.OK else _refused(variant, answer)


def _not_found(name: str, endpoint: LocalEndpoint | None) -> str:
    missing = f"Endpoint {name} of account {DEFAULT_ACCOUNT_ID} not found."
    return f"{missing} Its status is {endpoint.endpoint_status}." if endpoint else missing


def _no_answer(variant: str, problem: Exception) -> Failure:
    if isinstance(problem, TimeoutError):
        message = "Your invocation timed out while waiting for a response from container primary."
        return Failure(message, 0, str(problem))
    message = f"The container of variant {variant} does not answer."
    return Failure(message, HTTPStatus.INTERNAL_SERVER_ERROR, str(problem))


def _refused(variant: str, answer: Answer) -> Failure:
    text = answer.body.decode(errors="replace")
    side = "client" if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR else "server"
    message = f'Received {side} error ({answer.status}) from primary of variant {variant} with message "{text}".'
    return Failure(message, answer.status, text)
