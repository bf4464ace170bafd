"""What an environment stands on: the state bucket with its roles, and the MLflow server. Pure.

Both are applied by commands of their own: the first has to be there before anything can be read, the second before
the registry can be asked.
"""

from collections.abc import Collection, Mapping
from typing import Any

from reconciler.core import names
from reconciler.core.actions import Bootstrap, BuildServerImage, PlatformAction, ProvisionServer
from reconciler.core.desired import DesiredState
from reconciler.core.diff import changes
from reconciler.core.observed import ServerStack, Spec
from reconciler.core.specs import bootstrap_spec, server_spec

GITHUB = "token.actions.githubusercontent.com"
"""Issuer of the tokens that GitHub's workflows sign in with."""


def plan_bootstrap(
    desired: DesiredState, applied: Spec | None, begun: Spec, *, bucket: bool, provider: str
) -> tuple[Bootstrap, ...]:
    """What the bootstrap stack needs.

    `applied` is its specification when its state is in the bucket, `begun` that of a first apply that was stopped.
    `bucket` and `provider` say what the account has: what somebody else made is used and never owned.
    """
    known = applied or begun
    own_bucket = bool(known["own_bucket"]) if known else not bucket
    had_github = bool(known and known["github"]["repository"])
    arn = str(known["oidc_provider_arn"]) if had_github else provider
    spec = bootstrap_spec(desired, own_bucket=own_bucket, oidc_provider_arn=arn if desired.platform.github else "")
    if applied is None:
        return (Bootstrap("never applied", spec, first=True),)
    differing = changes(applied, spec)
    return (Bootstrap("changed", spec, first=False, changes=differing),) if differing else ()


def plan_server(
    desired: DesiredState, applied: ServerStack | None, tags: Collection[str], account: str, vpn: Mapping[str, str]
) -> tuple[PlatformAction, ...]:
    """What the MLflow server needs. `tags` are those in its image repository, `vpn` the ARNs of its certificates."""
    tag = desired.code.server_image
    repository = names.server_repository(desired.platform)
    image = names.image(account, desired.platform.region, repository, tag)
    spec = server_spec(desired, image, vpn)
    build = () if tag in tags else (BuildServerImage("not built yet", image),)
    if applied is None or not applied.spec:
        first = ProvisionServer("never applied", {**spec, "image": ""})
        return (first, *build, ProvisionServer("its image is there", spec))
    differing = changes(applied.spec, spec)
    return (*build, ProvisionServer("changed", spec, differing)) if differing else ()


def dependents(environment: str, stacks: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the stacks that live in, or log to, the MLflow server's network; `stacks` are keyed by state key."""
    projects = names.projects_of(environment, stacks)
    platform = ("the platform",) if names.stack_key(environment, "platform") in stacks else ()
    return (*(f"project {name}" for name in projects), *platform)
