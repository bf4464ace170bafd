"""InvokeEndpoint: a question to an endpoint goes to the process that serves its model."""

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from moto.core import DEFAULT_ACCOUNT_ID
from moto.sagemaker.models import sagemaker_backends

from reconciler.sandbox.aws.cloud import Cloud
from reconciler.sandbox.aws.sagemaker.endpoint import LocalEndpoint
from reconciler.sandbox.aws.sagemaker.fleet import Answer
from reconciler.sandbox.aws.sagemaker.hosting import Hosting

PATH = re.compile(r"^/endpoints/([^/]+)/invocations$")
SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+)/sagemaker/")
TARGET_VARIANT = "HTTP_X_AMZN_SAGEMAKER_TARGET_VARIANT"
CUSTOM_ATTRIBUTES = "HTTP_X_AMZN_SAGEMAKER_CUSTOM_ATTRIBUTES"

Environ = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP response."""

    status: HTTPStatus
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def is_invocation(environ: Environ) -> bool:
    """Whether a request is an InvokeEndpoint."""
    return bool(
        environ["REQUEST_METHOD"] == "POST"
        and PATH.match(environ.get("PATH_INFO", ""))
        and SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    )


def invoke(cloud: Cloud, hosting: Hosting, environ: Environ, body: bytes) -> Reply:
    """Answer an InvokeEndpoint. The lock is not held while the model works."""
    name, region = unquote(_found(PATH, environ["PATH_INFO"])), _found(SCOPE, environ["HTTP_AUTHORIZATION"])
    with cloud.lock:
        endpoint = sagemaker_backends[DEFAULT_ACCOUNT_ID][region].endpoints.get(name)
        fleet = hosting.fleet(endpoint) if endpoint else None
        weights = {one["VariantName"]: one["CurrentWeight"] for one in endpoint.production_variants} if endpoint else {}
    if endpoint is None or fleet is None:
        return _error(HTTPStatus.BAD_REQUEST, "ValidationError", _not_found(name, endpoint))
    variant = environ.get(TARGET_VARIANT) or fleet.choose(weights)
    server = fleet.servers.get(variant)
    if server is None:
        return _error(HTTPStatus.BAD_REQUEST, "ValidationError", f"Variant {variant} not found for endpoint {name}.")
    try:
        answer = server.invoke(body, _headers(environ))
    except (OSError, http.client.HTTPException) as problem:
        if not server.alive:
            hosting.revive(endpoint)
        return _no_answer(variant, problem)
    return _reply(answer, variant)


def _reply(answer: Answer, variant: str) -> Reply:
    if answer.status != HTTPStatus.OK:
        return _model_error(answer, variant)
    headers = {"Content-Type": answer.content_type, "x-Amzn-Invoked-Production-Variant": variant}
    return Reply(HTTPStatus.OK, answer.body, headers)


def _headers(environ: Environ) -> dict[str, str]:
    headers = {
        "Content-Type": environ.get("CONTENT_TYPE") or "application/octet-stream",
        "Accept": environ.get("HTTP_ACCEPT") or "*/*",
        "X-Amzn-SageMaker-Custom-Attributes": environ.get(CUSTOM_ATTRIBUTES) or "",
    }
    return {name: value for name, value in headers.items() if value}


def _not_found(name: str, endpoint: LocalEndpoint | None) -> str:
    missing = f"Endpoint {name} of account {DEFAULT_ACCOUNT_ID} not found."
    return f"{missing} Its status is {endpoint.endpoint_status}." if endpoint else missing


def _no_answer(variant: str, problem: Exception) -> Reply:
    if isinstance(problem, TimeoutError):
        status, message = 0, "Your invocation timed out while waiting for a response from container primary."
    else:
        status, message = HTTPStatus.INTERNAL_SERVER_ERROR, f"The container of variant {variant} does not answer."
    return _error(
        HTTPStatus.FAILED_DEPENDENCY,
        "ModelError",
        message,
        OriginalStatusCode=int(status),
        OriginalMessage=str(problem),
    )


def _model_error(answer: Answer, variant: str) -> Reply:
    text = answer.body.decode(errors="replace")
    side = "client" if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR else "server"
    message = f'Received {side} error ({answer.status}) from primary of variant {variant} with message "{text}".'
    return _error(
        HTTPStatus.FAILED_DEPENDENCY, "ModelError", message, OriginalStatusCode=answer.status, OriginalMessage=text
    )


def _error(status: HTTPStatus, code: str, message: str, **more: str | int) -> Reply:
    body = json.dumps({"message": message, "Message": message, **more}).encode()
    return Reply(status, body, {"Content-Type": "application/json", "x-amzn-errortype": code})


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1] if match else ""
