"""The SageMaker runtime's HTTP interface: InvokeEndpoint and InvokeEndpointAsync."""

import re
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import unquote

from reconciler.sandbox.aws import signature
from reconciler.sandbox.aws.cloud import Cloud
from reconciler.sandbox.aws.http import Environ, Reply, json_reply
from reconciler.sandbox.aws.sagemaker import asynchronous
from reconciler.sandbox.aws.sagemaker.backlog import Backlog
from reconciler.sandbox.aws.sagemaker.capture import Recorder
from reconciler.sandbox.aws.sagemaker.hosting import Hosting
from reconciler.sandbox.aws.sagemaker.questions import Answered, Failure, Question, Serving, ask, find

PATH = re.compile(r"^/endpoints/([^/]+)/(?:async-)?invocations$")
ASYNC = "/async-invocations"
HEADER = "HTTP_X_AMZN_SAGEMAKER_"


class Invocations:
    """Answers the questions that come in over HTTP."""

    def __init__(self, cloud: Cloud, hosting: Hosting) -> None:
        self._cloud = cloud
        self._hosting = hosting
        self._recorder = Recorder(cloud)
        self._backlog = Backlog(cloud, hosting, self._recorder)

    @staticmethod
    def concern(environ: Environ) -> bool:
        """Whether a request is one of the two."""
        signed = signature.read(environ)
        asks = environ["REQUEST_METHOD"] == "POST" and PATH.match(environ.get("PATH_INFO", ""))
        return bool(asks and signed and signed.service == "sagemaker")

    def answer(self, environ: Environ, body: bytes) -> Reply:
        """Answer one. The lock is not held while the model works."""
        signed = signature.read(environ)
        name, region = unquote(_found(PATH, environ["PATH_INFO"])), signed.region if signed else ""
        answer = self._accept if environ["PATH_INFO"].endswith(ASYNC) else self._invoke
        try:
            return answer(find(self._cloud, self._hosting, region, name), environ, body)
        except LookupError as problem:
            return _error(HTTPStatus.BAD_REQUEST, "ValidationError", str(problem.args[0]))

    def resume(self) -> None:
        """Go on with the questions that a former process accepted."""
        self._backlog.resume()

    def stop(self) -> None:
        """Write what was captured; accepted questions wait for the next start. `cloud.stopping` is set."""
        self._backlog.stop()
        self._recorder.flush()

    def _invoke(self, serving: Serving, environ: Environ, body: bytes) -> Reply:
        if serving.release.asynchronous:
            raise LookupError(asynchronous.only(serving.endpoint.endpoint_name))
        question = _question(environ, body)
        outcome = ask(self._hosting, serving, question)
        if isinstance(outcome, Failure):
            return _model_error(outcome)
        self._recorder.record(serving, question, outcome)
        return _reply(outcome)

    def _accept(self, serving: Serving, environ: Environ, body: bytes) -> Reply:
        waiting = asynchronous.accept(serving, _asynchronous_headers(environ), body)
        self._backlog.add(serving.endpoint, waiting)
        headers = {
            "X-Amzn-SageMaker-OutputLocation": waiting.output,
            "X-Amzn-SageMaker-FailureLocation": waiting.failure,
        }
        said = {name: value for name, value in headers.items() if value}
        return json_reply(HTTPStatus.ACCEPTED, {"InferenceId": waiting.inference_id}, said)


def _question(environ: Environ, body: bytes) -> Question:
    return Question(
        body,
        content_type=environ.get("CONTENT_TYPE") or "application/octet-stream",
        accept=environ.get("HTTP_ACCEPT") or "*/*",
        attributes=_header(environ)("Custom-Attributes"),
        inference_id=_header(environ)("Inference-Id"),
        variant=_header(environ)("Target-Variant"),
    )


def _asynchronous_headers(environ: Environ) -> asynchronous.Asked:
    header = _header(environ)
    return asynchronous.Asked(
        input_location=header("InputLocation"),
        content_type=header("Content-Type"),
        accept=header("Accept"),
        attributes=header("Custom-Attributes"),
        inference_id=header("Inference-Id"),
    )


def _header(environ: Environ) -> Callable[[str], str]:
    """Reads SageMaker's own headers."""
    return lambda name: str(environ.get(HEADER + name.upper().replace("-", "_")) or "")


def _reply(outcome: Answered) -> Reply:
    headers = {"Content-Type": outcome.answer.content_type, "x-Amzn-Invoked-Production-Variant": outcome.variant}
    return Reply(HTTPStatus.OK, outcome.answer.body, headers)


def _model_error(failure: Failure) -> Reply:
    return _error(
        HTTPStatus.FAILED_DEPENDENCY,
        "ModelError",
        failure.message,
        OriginalStatusCode=int(failure.status),
        OriginalMessage=failure.original,
    )


def _error(status: HTTPStatus, code: str, message: str, **more: str | int) -> Reply:
    return json_reply(status, {"message": message, "Message": message, **more}, {"x-amzn-errortype": code})


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1] if match else ""
