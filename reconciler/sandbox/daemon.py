"""The sandbox's supervisor: runs the AWS stand-in in its own process and MLflow as a child until it is told to stop."""

import logging
import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from reconciler.sandbox.aws import Access, AwsServer
from reconciler.sandbox.child_environ import MARK
from reconciler.sandbox.errors import SandboxError
from reconciler.sandbox.home import prepare
from reconciler.sandbox.keys import Keys, kept_keys
from reconciler.sandbox.locks import exclusive
from reconciler.sandbox.mlflow_server import MlflowServer
from reconciler.sandbox.network import url
from reconciler.sandbox.processes import GRACE, reap
from reconciler.sandbox.record import ACCOUNT, Ports, Sandbox, free_ports, publish, withdraw
from reconciler.sandbox.runtime import SCRATCH, LocalRuntime
from reconciler.sandbox.seal import users_seal

LOOK = 1.0
"""Seconds between two looks at the MLflow server."""

log = logging.getLogger("sandbox")


def main(home: Path, environ: Mapping[str, str]) -> int:
    """Run the sandbox in `home` until SIGTERM or SIGINT; `environ` carries its mark. Returns the exit code."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        prepare(home)
        with exclusive(home / "supervisor.lock", timeout=0):
            serve(home, environ, stop)
    except TimeoutError:
        log.error("another supervisor runs in %s", home)
        return 1
    except SandboxError as error:
        log.error("%s", "; ".join(filter(None, (error.what, error.remedy))))
        return 1
    return 0


def serve(home: Path, environ: Mapping[str, str], stop: threading.Event) -> None:
    """Run until `stop` is set. Raises SandboxError when one of the servers cannot start."""
    ports, keys = free_ports(home), kept_keys(home)
    access = Access(*keys.aws, users_seal(environ))
    runtime = LocalRuntime(home, url(ports.aws), url(ports.mlflow), keys, environ)
    _clear(home)
    with _only_ours(environ[MARK]), _mlflow(home, ports, keys, environ) as mlflow, _aws(runtime, ports, access):
        mlflow.wait_until_healthy(stop)
        if stop.is_set():
            return
        publish(_sandbox(home, ports, keys, environ), datetime.now(UTC).isoformat(timespec="seconds"))
        try:
            log.info("ready: AWS at %s, MLflow at %s", url(ports.aws), url(ports.mlflow))
            _watch(mlflow, stop)
        finally:
            withdraw(home)
            log.info("stopping")


def _clear(home: Path) -> None:
    """Remove what a supervisor that was killed left half done."""
    for left_over in (home / "jobs", home / SCRATCH, *(home / "environments").glob("*.part")):
        shutil.rmtree(left_over, ignore_errors=True)


def _watch(mlflow: MlflowServer, stop: threading.Event) -> None:
    while mlflow.exit_code is None:
        if stop.wait(LOOK):
            return
    log.error("the MLflow server ended with exit code %s; `reconcile sandbox up` starts it again", mlflow.exit_code)
    stop.wait()


def _sandbox(home: Path, ports: Ports, keys: Keys, environ: Mapping[str, str]) -> Sandbox:
    aws, mlflow = url(ports.aws), url(ports.mlflow)
    return Sandbox(environ[MARK], os.getpid(), aws, mlflow, ACCOUNT, home / "images", home, keys)


@contextmanager
def _mlflow(home: Path, ports: Ports, keys: Keys, environ: Mapping[str, str]) -> Iterator[MlflowServer]:
    server = MlflowServer(home, ports.mlflow, keys, environ)
    try:
        yield server
    finally:
        server.stop(GRACE)


@contextmanager
def _aws(runtime: LocalRuntime, ports: Ports, access: Access) -> Iterator[None]:
    runtime.images.mkdir(parents=True, exist_ok=True)
    server = AwsServer(runtime.home, ports.aws, runtime, access)
    try:
        server.start()
    except RuntimeError as error:
        raise SandboxError(f"the AWS stand-in cannot start: {error}") from error
    try:
        yield
    finally:
        server.stop()


@contextmanager
def _only_ours(mark: str) -> Iterator[None]:
    """Whatever happens inside, no other process of the sandbox outlives it."""
    try:
        yield
    finally:
        reap(mark, spare={os.getpid()})
