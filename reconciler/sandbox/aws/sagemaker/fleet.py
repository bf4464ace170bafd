"""Model servers of one endpoint: one process for each production variant, whatever its instance count."""

import http.client
import os
import random
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from reconciler.sandbox.aws import images
from reconciler.sandbox.aws.children import Child
from reconciler.sandbox.aws.cloud import Cloud
from reconciler.sandbox.aws.iam import sessions
from reconciler.sandbox.aws.iam.sessions import Session
from reconciler.sandbox.aws.logs import open_stream
from reconciler.sandbox.aws.runtime import Say
from reconciler.sandbox.aws.sagemaker import roles
from reconciler.sandbox.aws.sagemaker.variants import Container

# FailureReasons in SageMaker's own words; what the sandbox knows beyond them goes into the endpoint's log.
# https://repost.aws/knowledge-center/sagemaker-endpoint-creation-fail
UNHEALTHY = (
    "The primary container for production variant {variant} did not pass the ping health check. "
    "Please check CloudWatch logs for this endpoint."
)
# https://github.com/aws/amazon-sagemaker-examples/issues/275
NO_IMAGE = (
    "Please make sure all images included in the model for the production variant {variant} exist, "
    "and that the execution role used to create the model has permissions to access them."
)
# https://github.com/aws/sagemaker-python-sdk/issues/4615
UNSTARTED = (
    "CannotStartContainerError. Please ensure the model container for variant {variant} starts correctly "
    "when invoked with 'docker run <image> serve'"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model server answered."""

    status: int
    content_type: str
    body: bytes


class ModelServer:
    """One model container. It must answer `GET /ping` and `POST /invocations`."""

    def __init__(self, cloud: Cloud, container: Container, port: int, child: Child, say: Say) -> None:
        self._timing = cloud.timing
        self._stopping = cloud.stopping
        self._container = container
        self._port = port
        self._child = child
        self._say = say

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return not self._child.ended.is_set()

    def invoke(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Ask the model. Raises OSError, http.client.HTTPException when no answer comes."""
        return self._request("POST", "/invocations", self._timing.invocation, body, headers)

    def wait_until_healthy(self) -> None:
        """Raises RuntimeError with SageMaker's failure reason."""
        deadline = time.monotonic() + (self._container.startup or self._timing.startup)
        while not self._healthy():
            if not self.alive:
                raise self._failed(f"its process ended with exit code {self._child.exit_code}: {self._child.last_line}")
            if time.monotonic() > deadline:
                raise self._failed("it did not answer in time")
            if self._stopping.wait(self._timing.poll):
                raise self._failed("the sandbox was stopped")

    def stop(self) -> None:
        """End its process; returns when it is gone."""
        self._child.stop(self._timing.grace)

    def _healthy(self) -> bool:
        try:
            return self._request("GET", "/ping", self._timing.ping).status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False

    def _request(
        self,
        method: str,
        path: str,
        timeout: float,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=timeout)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, response.headers.get("Content-Type", "application/json"), response.read())
        finally:
            connection.close()

    def _failed(self, why: str) -> RuntimeError:
        self._say(f"The model server did not come up: {why}.")
        return RuntimeError(UNHEALTHY.format(variant=self._container.variant))


@dataclass(frozen=True, slots=True)
class Fleet:
    """The model servers that answer for an endpoint, by variant."""

    servers: Mapping[str, ModelServer]

    def choose(self, weights: Mapping[str, float]) -> str:
        """A variant, by traffic weight."""
        names = sorted(self.servers)
        shares = [weights.get(name, 0.0) for name in names]
        return random.choices(names, shares if any(shares) else None)[0]  # noqa: S311 - spreads load, keeps no secret

    def stop(self) -> None:
        """End every process, all at once."""
        if self.servers:
            with ThreadPoolExecutor(len(self.servers)) as pool:
                list(pool.map(ModelServer.stop, self.servers.values()))


def start(cloud: Cloud, region: str, endpoint: str, containers: Iterable[Container]) -> Fleet:
    """Start a server for every variant and wait until all are healthy; none is left when one fails.

    Raises RuntimeError with SageMaker's failure reason.
    """
    servers: dict[str, ModelServer] = {}
    healthy = False
    try:
        for container in containers:
            servers[container.variant] = _launch(cloud, region, endpoint, container)
        for server in servers.values():
            server.wait_until_healthy()
        healthy = True
    finally:
        if not healthy:
            Fleet(servers).stop()
    return Fleet(servers)


def _launch(cloud: Cloud, region: str, endpoint: str, container: Container) -> ModelServer:
    stream = f"{container.variant}/i-{os.urandom(8).hex()}"
    say = open_stream(cloud, region, f"/aws/sagemaker/Endpoints/{endpoint}", stream)
    session = _session(cloud, region, endpoint, container, say)
    with _reason(NO_IMAGE, container, say), cloud.lock:
        image = images.locate(container.image, cloud.runtime.images)
    with _reason(UNSTARTED, container, say):
        port = _free_port()
        command = cloud.runtime.model_server(image.folder, port, container.environment, say)
        if cloud.stopping.is_set():
            raise RuntimeError("The sandbox was stopped.")
        return ModelServer(cloud, container, port, Child(command, session.variables(), say), say)


def _session(cloud: Cloud, region: str, endpoint: str, container: Container, say: Say) -> Session:
    """The model's role, taken for its container. Raises RuntimeError in SageMaker's words."""
    with cloud.lock:
        try:
            roles.check_start(container.role, container.image, region, endpoint)
        except RuntimeError as problem:
            say(str(problem))
            raise
        return sessions.begin(container.role, "SageMaker")


@contextmanager
def _reason(words: str, container: Container, say: Say) -> Iterator[None]:
    """Turn what goes wrong into SageMaker's words, and tell in the log what it was. Raises RuntimeError."""
    try:
        yield
    except (RuntimeError, OSError) as problem:
        say(str(problem))
        raise RuntimeError(words.format(variant=container.variant)) from problem


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
