"""From a manifest to the desired state: every default filled in, every project folder looked at."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from reconciler.core.desired import Deployment, DesiredState, DriftPolicy, Platform, Project, Source, Training
from reconciler.core.restraint import Pause
from reconciler.errors import ManifestInvalid, SettingsMissing
from reconciler.manifest.context import Context
from reconciler.manifest.deployment import find_deployment
from reconciler.manifest.freezes import window_of
from reconciler.manifest.load import Manifest
from reconciler.manifest.merged import merged
from reconciler.manifest.pauses import find_pause
from reconciler.manifest.policy import find_policy
from reconciler.manifest.requires import find_requires
from reconciler.manifest.sources import find_source
from reconciler.manifest.stack_code import stack_code
from reconciler.manifest.training import find_training

Value = TypeVar("Value")


def resolve(manifest: Manifest, context: Context) -> DesiredState:
    """The desired state of the environment.

    Raises ManifestInvalid with every problem of the project folders at once, SettingsMissing when no MLflow server is
    known or the Terraform code is not there.
    """
    sources, untraceable = _gather(find_source, manifest, context)
    trainings, untrainable = _gather(find_training, manifest, context)
    policies, forbidden = _gather(find_policy, manifest, context)
    deployments, unservable = _gather(find_deployment, manifest, context)
    pauses, forgotten = _gather(find_pause, manifest, context)
    if problems := (*untraceable, *untrainable, *forbidden, *unservable, *forgotten):
        raise ManifestInvalid(tuple(dict.fromkeys(problems)))
    ruled = (replace(training, policy=policy) for training, policy in zip(trainings, policies, strict=True))
    parts = zip(manifest.projects, sources, ruled, deployments, pauses, strict=True)
    return DesiredState(
        platform=_platform(manifest, context),
        code=stack_code(context.terraform),
        projects=tuple(_project(manifest, *part) for part in parts),
        retire_limit=manifest.retire_limit,
        freeze=tuple(window_of(written) for written in manifest.freeze),
        requires=find_requires(manifest, context),
    )


def _gather(
    look: Callable[[str, Manifest, Context], Value], manifest: Manifest, context: Context
) -> tuple[list[Value], list[str]]:
    """What `look` returns for each project, and the problems of those for which it cannot."""
    values: list[Value] = []
    problems: list[str] = []
    for name in manifest.projects:
        try:
            values.append(look(name, manifest, context))
        except ManifestInvalid as error:
            problems.extend(error.problems)
    return values, problems


def _platform(manifest: Manifest, context: Context) -> Platform:
    uri = manifest.platform.tracking_uri or context.tracking_uri
    if not uri:
        raise SettingsMissing("no MLflow server is known", "start the sandbox, or write mlflow.tracking_uri")
    return replace(manifest.platform, tracking_uri=uri)


def _project(
    manifest: Manifest,
    name: str,
    source: Source,
    training: Training,
    deployment: Deployment | None,
    pause: Pause | None,
) -> Project:
    written = manifest.projects[name]
    first = written.renamed_from or name
    return Project(
        name=first,
        renamed=name if written.renamed_from else "",
        model=written.model or first,
        source=source,
        training=training,
        deployment=deployment,
        owner=written.owner,
        protect=written.protect,
        paused=pause,
        drift_policy=DriftPolicy(written.drift_policy or manifest.defaults.drift_policy),
        tags=merged(dict(manifest.platform.tags), written.tags),
    )
