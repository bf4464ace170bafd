"""An AWS account on loopback, empty at the start of every test, and clients that answer what a test says."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from reconciler.adapters.aws.session import Aws
from support.moto_server import BUCKET, empty, moto_server

REGION = "eu-west-1"


@pytest.fixture(scope="session")
def aws_address() -> Iterator[str]:
    with moto_server() as address:
        yield address


@pytest.fixture(scope="session")
def shared_aws(aws_address: str) -> Aws:
    return Aws(REGION, aws_address, ("key", "secret"))


@pytest.fixture
def aws(aws_address: str, shared_aws: Aws) -> Aws:
    empty(aws_address)
    return shared_aws


@pytest.fixture
def s3(aws: Aws) -> Any:
    """A client, and an empty state bucket."""
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return client


@pytest.fixture
def cancel() -> threading.Event:
    return threading.Event()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def fault() -> Callable[..., ClientError]:
    """An error as AWS answers it."""

    def make(code: str, message: str = "", operation: str = "Operation", **more: Any) -> ClientError:
        return ClientError({"Error": {"Code": code, "Message": message}, **more}, operation)

    return make


class FakeAws:
    """Hands out hand-written clients instead of boto3's."""

    def __init__(self, **clients: Any) -> None:
        self._clients = clients

    def client(self, service: str, *, once: bool = False, brief: bool = False) -> Any:
        return self._clients[service.replace("-", "_")]


@pytest.fixture
def fake_aws() -> type[FakeAws]:
    return FakeAws


class Script:
    """Answers one call after another with what a list says: a value is returned, an error raised; the last stays."""

    def __init__(self, answers: list[Any]) -> None:
        self._answers = answers
        self.calls: list[dict[str, Any]] = []

    def __call__(self, **request: Any) -> Any:
        answer = self._answers[min(len(self.calls), len(self._answers) - 1)]
        self.calls.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def script() -> type[Script]:
    return Script


class Pages:
    """A paginator: every page that is an error is raised when it is reached."""

    def __init__(self, *pages: Any) -> None:
        self._pages = pages
        self.requests: list[dict[str, Any]] = []

    def paginate(self, **request: Any) -> Iterator[Any]:
        self.requests.append(request)
        for page in self._pages:
            if isinstance(page, Exception):
                raise page
            yield page


@pytest.fixture
def pages() -> type[Pages]:
    return Pages
