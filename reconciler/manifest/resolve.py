"""From a manifest to the desired state: every default filled in, every project folder looked at."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from reconciler.core.desired import (
    Deployment,
    DesiredState,
    Endpoint,
    Platform,
    Project,
    RealtimeEndpoint,
    ServerlessEndpoint,
    Source,
    Training,
)
from reconciler.errors import ManifestInvalid, SettingsMissing
from reconciler.manifest import schema
from reconciler.manifest.context import Context
from reconciler.manifest.load import Manifest
from reconciler.manifest.sources import find_source
from reconciler.manifest.stack_code import stack_code
from reconciler.manifest.training import find_training

Value = TypeVar("Value")

KEEP_VERSIONS = 5
ENDPOINT = RealtimeEndpoint("ml.m5.large", 1)


def resolve(manifest: Manifest, context: Context) -> DesiredState:
    """The desired state of the environment.

    Raises ManifestInvalid with every problem of the project folders at once, SettingsMissing when no MLflow server is
    known or the Terraform code is not there.
    """
    names = manifest.projects
    sources, untraceable = _gather(partial(find_source, name, manifest, context) for name in names)
    trainings, untrainable = _gather(partial(find_training, name, manifest, context) for name in names)
    if problems := (*untraceable, *untrainable):
        raise ManifestInvalid(tuple(dict.fromkeys(problems)))
    parts = zip(names, sources, trainings, strict=True)
    return DesiredState(
        platform=_platform(manifest, context),
        code=stack_code(context.terraform),
        projects=tuple(_project(manifest, *part) for part in parts),
        retire_limit=manifest.retire_limit,
    )


def _gather(steps: Iterable[Callable[[], Value]]) -> tuple[list[Value], list[str]]:
    """What the steps return, and the problems of those that cannot."""
    values: list[Value] = []
    problems: list[str] = []
    for step in steps:
        try:
            values.append(step())
        except ManifestInvalid as error:
            problems.extend(error.problems)
    return values, problems


def _platform(manifest: Manifest, context: Context) -> Platform:
    uri = manifest.platform.tracking_uri or context.tracking_uri
    if not uri:
        raise SettingsMissing("no MLflow server is known", "start the sandbox, or write mlflow.tracking_uri")
    return replace(manifest.platform, tracking_uri=uri)


def _project(manifest: Manifest, name: str, source: Source, training: Training) -> Project:
    written = manifest.projects[name]
    return Project(
        name=name,
        model=written.model or name,
        source=source,
        training=training,
        deployment=_deployment(written.deployment, manifest.defaults.deployment),
        owner=written.owner,
        protect=written.protect,
    )


def _deployment(written: schema.Deployment | None, defaults: schema.DeploymentDefaults) -> Deployment | None:
    if written is None:
        return None
    return Deployment(
        version=written.version,
        endpoint=_endpoint(written.endpoint or defaults.endpoint),
        keep_versions=written.keep_versions or defaults.keep_versions or KEEP_VERSIONS,
    )


def _endpoint(written: schema.Endpoint | None) -> Endpoint:
    match written:
        case schema.Realtime():
            return RealtimeEndpoint(written.instance_type, written.instances)
        case schema.Serverless():
            return ServerlessEndpoint(written.memory, written.max_concurrency)
        case None:
            return ENDPOINT
