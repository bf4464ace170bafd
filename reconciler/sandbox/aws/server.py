"""moto's server in this process, with the gaps closed that the project meets."""

import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path

from moto.batch import models as batch_models
from moto.batch.models import batch_backends
from moto.core.base_backend import BackendDict
from moto.moto_api import state_manager
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.sagemaker import models as sagemaker_models
from moto.sagemaker.models import sagemaker_backends
from werkzeug.serving import BaseWSGIServer, make_server

from reconciler.sandbox.aws import gaps, state
from reconciler.sandbox.aws.application import SandboxApplication
from reconciler.sandbox.aws.batch import responses as batch_responses
from reconciler.sandbox.aws.batch.backend import LocalBatch
from reconciler.sandbox.aws.batch.job import LocalJob
from reconciler.sandbox.aws.batch.slots import Slots
from reconciler.sandbox.aws.callers import Callers
from reconciler.sandbox.aws.clock.clock import Clock
from reconciler.sandbox.aws.cloud import Cloud, Timing
from reconciler.sandbox.aws.patches import Patches
from reconciler.sandbox.aws.runtime import Runtime
from reconciler.sandbox.aws.sagemaker import responses as sagemaker_responses
from reconciler.sandbox.aws.sagemaker.backend import LocalSageMaker
from reconciler.sandbox.aws.sagemaker.hosting import Hosting
from reconciler.sandbox.aws.sagemaker.invocations import Invocations
from reconciler.sandbox.aws.saver import Saver
from reconciler.sandbox.seal import Seal

HOST = "127.0.0.1"
JOBS_AT_A_TIME = 2
STATE_FILE = "aws.pickle"
ONE_SERVER = threading.Lock()
LOOK = 0.1  # seconds between two looks at whether to stop
JOB_MODEL = "batch::job"
BY_HAND = {"progression": "manual", "times": 10**9}
"""Keeps moto from moving a job's status by itself."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use the server, and whose files it believes."""

    key_id: str = field(repr=False)
    """The owner's access key id."""
    secret: str = field(repr=False)
    """The owner's secret access key."""
    seal: Seal


class AwsServer:
    """The sandbox's AWS. moto's state belongs to the process: one server at a time."""

    def __init__(  # what it is, and how long it waits
        self, home: Path, port: int, runtime: Runtime, access: Access, timing: Timing | None = None
    ) -> None:
        """State is kept in `home`. Port 0 takes a free one; `port` tells which after the start."""
        self.port = port
        self._state = home / STATE_FILE
        self._access = access
        self._cloud = Cloud(runtime, timing or Timing())
        self._hosting = Hosting(self._cloud)
        self._invocations = Invocations(self._cloud, self._hosting)
        self._patches = Patches()
        self._saver = Saver(self._cloud, self._state, access.seal)
        self._http: BaseWSGIServer | None = None

    def start(self) -> None:
        """Load the saved state, serve on 127.0.0.1 in the background, and serve the saved endpoints again.

        Jobs that were under way are FAILED. Raises RuntimeError when the port is taken, or another server runs in
        this process.
        """
        listener = _listen(self.port)
        if not ONE_SERVER.acquire(blocking=False):
            listener.close()
            raise RuntimeError("This process runs a sandbox already: moto keeps its state once for each process.")
        install(self._patches, self._cloud, self._hosting)
        state.load(self._state, self._access.seal)
        application = SandboxApplication(
            self._cloud,
            Callers(self._access.key_id, self._access.secret),
            self._invocations,
            DomainDispatcherApplication(create_backend_app),
        )
        self._http = make_server(
            HOST, self.port, application, threaded=True, request_handler=QuietHandler, fd=listener.fileno()
        )
        listener.close()  # the server holds a duplicate
        self.port = self._http.port
        with self._cloud.change():
            _carry_on()
            self._invocations.resume()
        self._saver.start()
        Clock(self._cloud).start()
        threading.Thread(target=self._http.serve_forever, args=(LOOK,), name="aws", daemon=True).start()

    def stop(self) -> None:
        """Accept no more requests, end every job and model server, save the state, leave moto as it was."""
        if self._http is None:
            return
        self._cloud.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._http = None
        self._hosting.stop()
        self._invocations.stop()
        self._end_jobs()
        self._saver.stop()
        self._leave_moto_as_it_was()
        ONE_SERVER.release()

    def _end_jobs(self) -> None:
        patience = 2 * self._cloud.timing.grace
        for _, _, backend in list(batch_backends.iter_backends()):
            for job in backend.running_jobs():
                job.join(patience)

    def _leave_moto_as_it_was(self) -> None:
        self._patches.undo()
        state_manager.unset_transition(JOB_MODEL)
        BackendDict.reset()


class QuietHandler(MotoRequestHandler):  # type: ignore[misc]  # moto's classes are untyped here
    """Writes no line for each request, and keeps no connection open whose answer was dropped."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""

    def connection_dropped(self, *_: object) -> None:
        """Close it on this side too."""
        self.close_connection = True


def install(patches: Patches, cloud: Cloud, hosting: Hosting) -> None:
    """Put what this package adds in the place of moto's own, for the server that is about to start."""
    gaps.install(patches)
    batch_responses.install(patches)
    sagemaker_responses.install(patches)
    patches.attribute(batch_models, "Job", LocalJob)
    patches.attribute(batch_backends, "backend", LocalBatch)
    patches.attribute(sagemaker_backends, "backend", LocalSageMaker)
    patches.entry(sagemaker_models.PAGINATION_MODEL["list_endpoints"], "limit_default", 10)  # as AWS; moto gives 100
    state_manager.set_transition(JOB_MODEL, BY_HAND)
    LocalJob.cloud, LocalJob.slots = cloud, Slots(JOBS_AT_A_TIME)
    LocalSageMaker.hosting = hosting


def _carry_on() -> None:
    for _, _, backend in list(batch_backends.iter_backends()):
        backend.abandon_jobs()
    for _, _, backend in list(sagemaker_backends.iter_backends()):
        backend.resume_endpoints()


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as problem:
        listener.close()
        raise RuntimeError(f"Port {port} on {HOST} cannot be used: {problem.strerror}") from problem
    listener.listen()
    return listener
