"""InvokeEndpointAsync: what is accepted, where its answer goes, and what is told of it when it is there."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from reconciler.sandbox.aws.sagemaker import objects
from reconciler.sandbox.aws.sagemaker.questions import Question, Serving


@dataclass(frozen=True, slots=True)
class Asked:
    """The headers of an asynchronous invocation; empty where there was none."""

    input_location: str
    content_type: str
    accept: str
    attributes: str
    inference_id: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """An accepted question. Kept in the saved state."""

    inference_id: str
    asked: Asked
    inline: bytes
    """The question itself, when it was sent with the request instead of lying in S3."""
    output: str
    failure: str
    """Where a failure is written; empty when the configuration names no place."""
    received: datetime

    def question(self, role: str) -> Question:
        """What the model is asked. Hold the lock meanwhile. Raises RuntimeError when its input cannot be read."""
        body = objects.read(self.asked.input_location, role) if self.asked.input_location else self.inline
        return Question(
            body,
            self.asked.content_type or "application/octet-stream",
            self.asked.accept or "*/*",
            self.asked.attributes,
            self.inference_id,
        )


def only(name: str) -> str:
    """What InvokeEndpoint says of an asynchronous endpoint."""
    return f"Endpoint {name} serves asynchronously: call InvokeEndpointAsync."


def accept(serving: Serving, asked: Asked, inline: bytes) -> Waiting:
    """Take a question for later. Raises LookupError with the reason to refuse it."""
    if not serving.release.asynchronous:
        name = serving.endpoint.endpoint_name
        raise LookupError(f"Endpoint {name} does not serve asynchronously: call InvokeEndpoint.")
    if bool(asked.input_location) == bool(inline):
        raise LookupError("Give the question either as InputLocation or as the body of the request.")
    if asked.input_location and not objects.is_address(asked.input_location):
        raise LookupError(f"InputLocation {asked.input_location} is not an address in S3: write s3://bucket/key.")
    output = serving.release.asynchronous["OutputConfig"]
    number = str(uuid.uuid4())
    failures = output.get("S3FailurePath")
    return Waiting(
        inference_id=asked.inference_id or str(uuid.uuid4()),
        asked=asked,
        inline=inline,
        output=objects.below(output.get("S3OutputPath", ""), f"{number}.out"),
        failure=objects.below(failures, f"{number}-error.out") if failures else "",
        received=datetime.now(UTC),
    )


def notice(serving: Serving, waiting: Waiting, content_type: str | None, failure: str | None) -> str:
    """The message that SageMaker publishes to a topic when a question was answered, or could not be."""
    asked = {
        "contentType": waiting.asked.content_type,
        "endpointName": serving.endpoint.endpoint_name,
        "inputLocation": waiting.asked.input_location,
    }
    answered = {"contentType": content_type, "outputLocation": waiting.output} if failure is None else {}
    told = {
        "awsRegion": serving.endpoint.region,
        "eventTime": _moment(datetime.now(UTC)),
        "receivedTime": _moment(waiting.received),
        "invocationStatus": "Completed" if failure is None else "Failed",
        "failureReason": failure,
        "requestParameters": {name: value for name, value in asked.items() if value},
        "responseParameters": answered or None,
        "inferenceId": waiting.inference_id,
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }
    return json.dumps({name: value for name, value in told.items() if value is not None})


def topic(serving: Serving, failure: str | None) -> str:
    """ARN of the topic that is to be told; empty for none."""
    output = (serving.release.asynchronous or {}).get("OutputConfig") or {}
    topics = output.get("NotificationConfig") or {}
    return str(topics.get("SuccessTopic" if failure is None else "ErrorTopic") or "")


def _moment(when: datetime) -> str:
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
