"""One project's deployment, as the rules and the rollout need to see it."""

from dataclasses import dataclass

from reconciler.core import names
from reconciler.core.desired import Deployment, DesiredState, Platform, Project, Scaling
from reconciler.core.model_image import image_tag, namesakes
from reconciler.core.observed import DeploymentStack, ModelVersion, Network, ObservedProject
from reconciler.core.release import Origin, Release, Vpc


@dataclass(frozen=True, slots=True)
class Context:
    """What a project's deployment depends on beside the project."""

    desired: DesiredState
    account: str
    training: bool
    """Whether a training is on its way to a new version."""
    retry: bool
    """Whether somebody asks to try a refused release again."""
    network: Network | None = None
    """The platform's network; None while it does not stand as it should."""
    despite_alarm: bool = False
    """Whether somebody asks to update an endpoint although an alarm fires that would roll the update back."""


@dataclass(frozen=True, slots=True)
class Case:
    """One project's deployment, as every rule below needs it."""

    project: Project
    wanted: Deployment
    seen: ObservedProject
    context: Context
    release: Release

    @classmethod
    def of(cls, project: Project, wanted: Deployment, seen: ObservedProject, context: Context) -> "Case":
        """The case of one pinned version."""
        platform = context.desired.platform
        repository = names.model_repository(platform, project.name)
        version, kept = _registered(wanted.version, seen), _kept(seen)
        tag = image_tag(wanted.version, version, kept, seen.model_images)
        release = Release(
            version=wanted.version,
            image=names.image(context.account, platform.region, repository, tag),
            endpoint=wanted.endpoint,
            capture=wanted.capture,
            vpc=_vpc(context.network) if wanted.vpc else None,
            env=wanted.env,
            elastic=wanted.scaling is not None,
            origin=_origin(tag, version, kept),
        )
        return cls(project, wanted, seen, context, _sized(release, wanted.scaling, seen))

    @property
    def desired(self) -> DesiredState:
        """What git asks for in the whole environment."""
        return self.context.desired

    @property
    def stack(self) -> DeploymentStack:
        """Terraform state of the stack; an empty one when there is none."""
        return self.seen.deployment or DeploymentStack({})

    @property
    def served(self) -> Release | None:
        """The retained release that the endpoint really serves."""
        return served_release(self.seen, self.desired.platform)

    def serves(self, release: Release) -> bool:
        """Whether the endpoint has the release's configuration."""
        configuration = names.configuration(self.desired.platform, self.project.name, release.name)
        return self.seen.endpoint is not None and self.seen.endpoint.configuration == configuration

    @property
    def in_service(self) -> bool:
        """Whether the endpoint answers requests."""
        return self.seen.endpoint is not None and self.seen.endpoint.status == "InService"

    @property
    def serving(self) -> bool:
        """Whether this very release answers requests."""
        return self.in_service and self.serves(self.release)

    @property
    def asked(self) -> bool:
        """Whether this very release is the one that was last asked for, and nobody asks for it again."""
        return self.stack.live == self.release.name and (self.serving or not self.context.retry)

    @property
    def available(self) -> bool:
        """Whether the release can be served: its version can be built from, or its image is built.

        Of several images of models that had its number nobody knows which is meant, unless one is kept.
        """
        if self.registered:
            return True
        kept = any(one.image == self.release.image for one in self.stack.releases)
        return self.release.tag in self.seen.model_images and (kept or len(self.namesakes) == 1)

    @property
    def registered(self) -> ModelVersion | None:
        """What MLflow has under the pinned version's number."""
        return _registered(self.wanted.version, self.seen)

    @property
    def namesakes(self) -> tuple[str, ...]:
        """Tags of the images of all models that have, or had, the pinned version's number."""
        return namesakes(self.wanted.version, self.seen.model_images)


def _registered(number: int, seen: ObservedProject) -> ModelVersion | None:
    return next((one for one in seen.versions if one.number == number), None)


def _kept(seen: ObservedProject) -> tuple[Release, ...]:
    return seen.deployment.releases if seen.deployment else ()


def _origin(tag: str, version: ModelVersion | None, kept: tuple[Release, ...]) -> Origin | None:
    """What the image of this tag was made of; None when nobody noted it."""
    if version and version.origin.identity and tag == names.model_tag(version.number, version.origin.identity):
        return version.origin
    return next((one.origin for one in kept if one.tag == tag), None)


def _vpc(network: Network | None) -> Vpc | None:
    return Vpc(network.subnet_ids, network.security_group_ids) if network else None


def _sized(release: Release, scaling: Scaling | None, seen: ObservedProject) -> Release:
    """The release on as many instances as autoscaling chose: a rollout must not undo that."""
    if scaling is None:
        return release
    stack = seen.deployment or DeploymentStack({})
    asked = next((one for one in stack.releases if one.name == stack.live), None)
    if asked and release.answers(asked):
        return release.with_instances(asked.instances)
    now = seen.endpoint.instances if seen.endpoint else None
    count = release.instances if now is None else now
    # An endpoint configuration starts with one instance at least (SageMaker), even where autoscaling may go to none.
    return release.with_instances(max(1, scaling.min, min(count, scaling.max)))


def served_release(seen: ObservedProject, platform: Platform) -> Release | None:
    """The retained release whose configuration the endpoint has."""
    releases = _kept(seen)
    configuration = seen.endpoint.configuration if seen.endpoint else None
    return next((one for one in releases if names.configuration(platform, seen.name, one.name) == configuration), None)
