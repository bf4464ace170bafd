"""Requests of an asynchronous endpoint: an object in, an object out."""

import time
import uuid
from typing import Any
from urllib.parse import urlsplit

from reconciler.adapters.aws.answers import Meaning, means
from reconciler.adapters.aws.faults import AWS_FAULTS, changing, failed
from reconciler.adapters.aws.session import Aws
from reconciler.errors import Interrupted, PredictionFailed, TimedOut
from reconciler.ports import Cancel

INPUT = "async/input"
"""Where the endpoint's role may read; the stack `deployment` says so."""
PATIENCE = 3600.0
"""Seconds that SageMaker gives one request at most."""


def ask(aws: Aws, name: str, bucket: str, request: tuple[bytes, str], pause: tuple[Cancel, float]) -> bytes:
    """Put the request (body, content type) into the queue and wait for its answer, looking once every `pause`.

    Raises PredictionFailed when the model refuses, AwsFailed, ReadFailed, TimedOut, Interrupted.
    """
    body, content_type = request
    key = f"{INPUT}/{uuid.uuid4()}"
    s3 = aws.client("s3")
    with changing(f"ask endpoint {name}"):
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)
        answer = aws.client("sagemaker-runtime").invoke_endpoint_async(
            EndpointName=name, InputLocation=f"s3://{bucket}/{key}", ContentType=content_type
        )
    cancel, poll = pause
    deadline = time.monotonic() + PATIENCE
    while (found := _read(s3, answer["OutputLocation"])) is None:
        if (failure := _read(s3, answer.get("FailureLocation", ""))) is not None:
            raise _refused(name, failure)
        if time.monotonic() > deadline:
            raise TimedOut(
                f"endpoint {name} has not answered for an hour", f"look at its log, and at s3://{bucket}/async"
            )
        if cancel.wait(poll):
            raise Interrupted(f"stopped waiting for endpoint {name}", f"the answer comes to {answer['OutputLocation']}")
    return found


def _read(s3: Any, location: str) -> bytes | None:
    """An object's content; None while there is none."""
    if not location:
        return None
    address = urlsplit(location)
    try:
        return bytes(s3.get_object(Bucket=address.netloc, Key=address.path.removeprefix("/"))["Body"].read())
    except AWS_FAULTS as fault:
        if means(fault, Meaning.ABSENT):
            return None
        raise failed(fault, location) from fault


def _refused(name: str, failure: bytes) -> PredictionFailed:
    message = " ".join(failure.decode(errors="replace").split())
    remedy = f"compare the request with the model's signature; the log group is /aws/sagemaker/Endpoints/{name}"
    return PredictionFailed(f"the model behind endpoint {name} answered: {message}", remedy)
