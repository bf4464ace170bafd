"""Questions that asynchronous endpoints have accepted and will answer, in the order in which they came."""

import logging
import threading

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.exceptions import ServiceException
from moto.sagemaker.models import sagemaker_backends
from moto.sns.models import sns_backends

from reconciler.sandbox.aws.cloud import Cloud
from reconciler.sandbox.aws.sagemaker import asynchronous, objects
from reconciler.sandbox.aws.sagemaker.asynchronous import Waiting
from reconciler.sandbox.aws.sagemaker.capture import Recorder
from reconciler.sandbox.aws.sagemaker.endpoint import LocalEndpoint
from reconciler.sandbox.aws.sagemaker.hosting import Hosting
from reconciler.sandbox.aws.sagemaker.questions import Answered, Question, Serving, ask, find
from reconciler.sandbox.aws.sagemaker.roles import check_topic

log = logging.getLogger(__name__)


class Backlog:
    """One thread for each endpoint that has questions to answer.

    A question stays with its endpoint, and so in the saved state, until its answer is written.
    """

    def __init__(self, cloud: Cloud, hosting: Hosting, recorder: Recorder) -> None:
        self._cloud = cloud
        self._hosting = hosting
        self._recorder = recorder
        self._threads: dict[str, threading.Thread] = {}

    def add(self, endpoint: LocalEndpoint, waiting: Waiting) -> None:
        """Answer a question later."""
        with self._cloud.change():
            endpoint.backlog.append(waiting)
            self._answer_all(endpoint)

    def resume(self) -> None:
        """Answer what a former process left. Hold the lock meanwhile."""
        for _, _, backend in list(sagemaker_backends.iter_backends()):
            for endpoint in backend.endpoints.values():
                self._answer_all(endpoint)

    def stop(self) -> None:
        """Wait for what is being written. `cloud.stopping` is set and no model server runs any more."""
        for thread in list(self._threads.values()):
            thread.join(self._cloud.timing.grace)

    def _answer_all(self, endpoint: LocalEndpoint) -> None:
        if endpoint.backlog and endpoint.arn not in self._threads:
            thread = threading.Thread(target=self._run, args=(endpoint,), name="backlog", daemon=True)
            self._threads[endpoint.arn] = thread
            thread.start()

    def _run(self, endpoint: LocalEndpoint) -> None:
        while (waiting := self._next(endpoint)) is not None:
            serving = self._serving(endpoint)
            if serving is None:
                self._cloud.stopping.wait(self._cloud.timing.poll)
                continue
            outcome = self._ask(serving, waiting)
            with self._cloud.change():
                if not self._cloud.stopping.is_set() or isinstance(outcome, Answered):
                    _settle(serving, waiting, outcome)
                    endpoint.backlog.remove(waiting)

    def _next(self, endpoint: LocalEndpoint) -> Waiting | None:
        """The oldest question; None when the thread's work is done."""
        with self._cloud.lock:
            known = sagemaker_backends[DEFAULT_ACCOUNT_ID][endpoint.region].endpoints
            if endpoint.backlog and endpoint in known.values() and not self._cloud.stopping.is_set():
                return endpoint.backlog[0]
            self._threads.pop(endpoint.arn, None)
            return None

    def _serving(self, endpoint: LocalEndpoint) -> Serving | None:
        try:
            return find(self._cloud, self._hosting, endpoint.region, endpoint.endpoint_name)
        except LookupError:
            return None

    def _ask(self, serving: Serving, waiting: Waiting) -> Answered | str:
        """The answer, or why there is none."""
        try:
            question = self._question(serving, waiting)
            outcome = ask(self._hosting, serving, question)
        except (RuntimeError, LookupError) as problem:
            return str(problem.args[0])
        if isinstance(outcome, Answered):
            self._recorder.record(serving, question, outcome)
            return outcome
        return outcome.message

    def _question(self, serving: Serving, waiting: Waiting) -> Question:
        with self._cloud.lock:
            return waiting.question(serving.release.role)


def _settle(serving: Serving, waiting: Waiting, outcome: Answered | str) -> None:
    role = serving.release.role
    try:
        if isinstance(outcome, Answered):
            objects.write(waiting.output, outcome.answer.body, outcome.answer.content_type, role)
        elif waiting.failure:
            objects.write(waiting.failure, outcome.encode(), "text/plain", role)
    except RuntimeError as problem:
        outcome = str(problem)
    failure = outcome if isinstance(outcome, str) else None
    _tell(serving, waiting, None if isinstance(outcome, str) else outcome.answer.content_type, failure)


def _tell(serving: Serving, waiting: Waiting, content_type: str | None, failure: str | None) -> None:
    arn = asynchronous.topic(serving, failure)
    if not arn:
        return
    message = asynchronous.notice(serving, waiting, content_type, failure)
    try:
        check_topic(serving.release.role, arn)
        sns_backends[DEFAULT_ACCOUNT_ID][serving.endpoint.region].publish(message, arn)
    except (RuntimeError, ServiceException) as problem:
        log.warning("The sandbox could not tell %s of an asynchronous inference: %s", arn, problem)
