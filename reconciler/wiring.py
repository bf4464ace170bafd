"""Put the world together: which adapter stands behind which port, for AWS and for the sandbox."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import FrameType

import click

from reconciler.adapters.aws.account import StsAccount
from reconciler.adapters.aws.endpoints import SageMakerEndpoints
from reconciler.adapters.aws.examiner import AwsExaminer
from reconciler.adapters.aws.history import S3History
from reconciler.adapters.aws.inventory import AwsInventory
from reconciler.adapters.aws.jobs import BatchJobs
from reconciler.adapters.aws.lease import S3Leases
from reconciler.adapters.aws.logs import CloudWatchLogs
from reconciler.adapters.aws.session import BRIEF_SECONDS, Aws
from reconciler.adapters.aws.state import S3StateStore
from reconciler.adapters.clock import SystemClock
from reconciler.adapters.git import GitSources
from reconciler.adapters.images.builds import LocalBuilds, RememberedImages
from reconciler.adapters.images.docker import DockerImages
from reconciler.adapters.images.mlflow_cli import MlflowCli
from reconciler.adapters.images.sandbox import SandboxImages
from reconciler.adapters.machine import LocalMachine
from reconciler.adapters.mlflow_rest import MlflowRegistry
from reconciler.adapters.patience import Patience
from reconciler.adapters.terraform import Backend, PythonTerraform
from reconciler.adapters.tools import LocalTools
from reconciler.adapters.tracking import MlflowServer
from reconciler.core import names
from reconciler.core.desired import Platform
from reconciler.core.redaction import Redactor
from reconciler.errors import ReconcilerError, SettingsMissing
from reconciler.intake import Intake, stacks_folder
from reconciler.ports import Images, World
from reconciler.ports.doctor import Cloud, Practice, Tracking
from reconciler.sandbox import Sandbox
from reconciler.settings import Settings

SESSION = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
"""What says that somebody acts as a role for a while."""
HOME_REGION = "us-east-1"
"""Every account may use it, whatever its other regions are."""
AWS_SECONDS = 12
"""That it waits for one answer of AWS, which on a busy machine may be the sandbox."""
GIT_SECONDS = 10.0
"""That a person who only wants to know what is wrong waits for git."""


@contextmanager
def stoppable(wake: Callable[[], None] = lambda: None) -> Iterator[threading.Event]:
    """An event that the first SIGINT or SIGTERM sets; a second one ends the program where it stands.

    `wake` is called after it, in the signal's handler.
    """
    cancel = threading.Event()

    def stop(number: int, _frame: FrameType | None) -> None:
        click.echo("stopping: what runs is brought to an end, nothing new is begun", err=True)
        cancel.set()
        signal.signal(number, signal.SIG_DFL)
        wake()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield cancel
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def open_world(
    intake: Intake, settings: Settings, *, founding: bool = False, cancel: threading.Event | None = None
) -> Iterator[World]:
    """The world, with the first SIGINT or SIGTERM turned into a request to stop, unless `cancel` stands for one.

    The sandbox's state bucket is simply there, unless it is `founding` what is asked for. Errors leave it redacted.
    """
    with nullcontext(cancel) if cancel else stoppable() as stopped:
        world = build_world(intake, settings, stopped)
        if intake.sandbox and not founding and not played(intake.sandbox, settings):
            world.state.create(intake.desired.platform.region)
        try:
            yield world
        except ReconcilerError as error:
            error.retell(world.redact)
            raise


def build_world(intake: Intake, settings: Settings, cancel: threading.Event) -> World:
    """Every port of the loop, for the environment that the manifest describes."""
    platform, root, sandbox = intake.desired.platform, intake.root, intake.sandbox
    patience = Patience(cancel)
    aws = connect(platform, settings, sandbox, patience)
    poll, redact, builds = 0.5 if sandbox else 5.0, _redactor(settings, sandbox), root / ".reconcile" / "builds"
    return World(
        account=StsAccount(aws),
        state=S3StateStore(aws, platform.state_bucket, platform.environment),
        terraform=PythonTerraform(
            stacks_folder(root),
            root / ".reconcile" / "terraform",
            Backend(platform.state_bucket, platform.region, platform.environment),
            _terraform_environment(platform, settings, sandbox),
            cancel,
        ),
        endpoints=SageMakerEndpoints(aws, cancel, poll=poll),
        jobs=BatchJobs(aws, cancel, poll=poll, tags=names.tags(platform)),
        images=RememberedImages(_images(aws, intake, cancel), builds, redact),
        registry=MlflowRegistry(
            platform.tracking_uri, platform.environment, _login(settings, sandbox), cancel=cancel, patience=patience
        ),
        sources=GitSources(root),
        clock=SystemClock(),
        cancel=cancel,
        inventory=AwsInventory(aws),
        redact=redact,
        leases=S3Leases(aws, platform.state_bucket, platform.environment),
        history=S3History(aws, platform.state_bucket, platform.environment),
        machine=LocalMachine(settings.actor, settings.trigger, settings.run_url),
        logs=CloudWatchLogs(aws, cancel, poll),
        builds=LocalBuilds(builds),
    )


def build_practice(
    platform: Platform | None, root: Path, settings: Settings, sandbox: Sandbox | None, cancel: threading.Event
) -> Practice:
    """What the doctor asks; without a `platform` there is nothing that it could ask beyond this machine."""

    @cache
    def cloud() -> Cloud:
        there = _there(platform)
        here, home = (
            connect(replace(there, region=region), settings, sandbox, Patience(cancel), AWS_SECONDS)
            for region in (there.region, HOME_REGION)
        )
        return AwsExaminer(here, home, there)

    @cache
    def tracking() -> Tracking:
        return MlflowServer(_there(platform).tracking_uri, _login(settings, sandbox))

    return Practice(
        tools=LocalTools(settings.variables, cancel),
        cloud=cloud,
        tracking=tracking,
        sources=GitSources(root, GIT_SECONDS),
        machine=LocalMachine(settings.actor, settings.trigger, settings.run_url),
    )


def _there(platform: Platform | None) -> Platform:
    if platform is None:
        raise SettingsMissing("it is not known which environment this is", "correct the manifest, start the sandbox")
    return platform


def connect(
    platform: Platform,
    settings: Settings,
    sandbox: Sandbox | None,
    patience: Patience | None = None,
    brief: int = BRIEF_SECONDS,
) -> Aws:
    """AWS, or the sandbox and never AWS. `brief`: seconds that a client waits which repeats nothing."""
    if sandbox:
        return Aws(
            platform.region,
            sandbox.aws_endpoint,
            tuple(_login_to(sandbox, settings).values()),
            patience=patience,
            brief=brief,
        )
    return Aws(platform.region, settings.aws_endpoint, profile=settings.profile, patience=patience, brief=brief)


def _images(aws: Aws, intake: Intake, cancel: threading.Event) -> Images:
    uri, server = intake.desired.platform.tracking_uri, stacks_folder(intake.root) / "mlflow-server" / "image"
    if intake.sandbox:
        return SandboxImages(aws, intake.sandbox.images, MlflowCli(uri, cancel, intake.sandbox.keys.mlflow), server)
    return DockerImages(aws, uri, cancel, server, intake.desired.platform.images)


def _terraform_environment(platform: Platform, settings: Settings, sandbox: Sandbox | None) -> dict[str, str]:
    region = {"AWS_REGION": platform.region, "AWS_DEFAULT_REGION": platform.region}
    if sandbox is None:
        return {**settings.variables, **region}
    own = {key: value for key, value in settings.variables.items() if not key.startswith("AWS_")}
    cloud = {"AWS_ENDPOINT_URL": sandbox.aws_endpoint, "AWS_EC2_METADATA_DISABLED": "true"}
    return {**own, **region, **cloud, **_login_to(sandbox, settings)}


def _login_to(sandbox: Sandbox, settings: Settings) -> Mapping[str, str]:
    """The owner's keys, or the session of a role that is played in this shell."""
    return played(sandbox, settings) or sandbox.keys.for_aws()


def played(sandbox: Sandbox, settings: Settings) -> Mapping[str, str]:
    """The session of a role in the sandbox, as variables: where the shell leads to it by itself. Empty: nobody's."""
    session = {name: settings.variables[name] for name in SESSION if settings.variables.get(name)}
    return session if settings.aws_endpoint == sandbox.aws_endpoint and len(session) == len(SESSION) else {}


def _redactor(settings: Settings, sandbox: Sandbox | None) -> Redactor:
    """Knows the sandbox's keys, too: a job may print its environment."""
    return Redactor.of({**settings.variables, **sandbox.keys.secrets()}) if sandbox else settings.redactor


def _login(settings: Settings, sandbox: Sandbox | None) -> tuple[str, str] | str | None:
    return sandbox.keys.mlflow if sandbox else settings.mlflow_login or settings.mlflow_token
