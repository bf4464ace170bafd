"""What each stack is applied with: the variables that the stack publishes again as its output `spec`.

A new variable of a stack is a new line here; platform, environment and project are added where a stack is applied.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from reconciler.core import names, policy
from reconciler.core.desired import Deployment, DesiredState, Pairs, Platform, Project, Scaling, Training
from reconciler.core.observed import Network, ServerStack
from reconciler.core.partitions import partition
from reconciler.core.release import Release

Spec = dict[str, Any]
NO_SCALING = Scaling(0, 0, 0)


def platform_spec(desired: DesiredState, server: ServerStack | None) -> Spec:
    """The platform stack, in a network of its own, the one that is named, the MLflow server's, or the default VPC."""
    platform = desired.platform
    network = _jobs_network(platform, server)
    return {
        "vpc_id": network.vpc_id,
        "subnet_ids": list(network.subnet_ids),
        "cidr": platform.cidr,
        "zones": platform.zones,
        "max_vcpus": platform.max_vcpus,
        "disk": platform.disk,
        "alert_emails": list(platform.alert_emails),
        **_tags(platform.tags),
        "code_digest": desired.code.platform,
    }


def _jobs_network(platform: Platform, server: ServerStack | None) -> Network:
    if shares_servers_network(platform) and server and server.network:
        return server.network
    return Network(platform.vpc_id, platform.subnet_ids)


def shares_servers_network(platform: Platform) -> bool:
    """Whether training jobs run in the network of the MLflow server that is provisioned here."""
    return platform.server is not None and not platform.vpc_id and not platform.cidr


def training_spec(project: Project, desired: DesiredState, account: str, image: str) -> Spec:
    """A project's training stack."""
    platform, training = desired.platform, project.training
    return {
        "owner": project.owner,
        "image": image,
        "vcpu": training.resources.vcpu,
        "memory": training.resources.memory,
        "gpu": training.resources.gpu,
        "compute": training.compute.value,
        "public_ips": platform.public_ips,
        "timeout": training.timeout,
        "attempts": training.attempts,
        "tracking_uri": platform.tracking_uri,
        "experiment": names.experiment(platform, project.name),
        "model": project.model,
        "artifact_bucket": _artifact_bucket(platform, account),
        "policy": _policy(project, platform, account),
        "schedule": training.schedule,
        "queue": names.queue(platform, training) if training.schedule else "",
        "protect": project.protect,
        **_given(training, platform, account),
        **_tags(project.tags),
        "code_digest": desired.code.training,
    }


def _given(training: Training, platform: Platform, account: str) -> Spec:
    """What the code is given; a stack that gives nothing is as it was before there was anything to give."""
    inputs = training.inputs
    given = {
        "entry_point": inputs.entry_point,
        "parameters": dict(inputs.parameters),
        "env": dict(inputs.env),
        "secrets": {name: names.secret(where, platform.region, account) for name, where in training.secrets},
    }
    return {key: value for key, value in given.items() if value}


def _artifact_bucket(platform: Platform, account: str) -> str:
    return platform.artifact_bucket or (names.server_bucket(platform, account) if platform.server else "")


def _policy(project: Project, platform: Platform, account: str) -> str:
    if not project.training.policy:
        return ""
    values = {
        "platform": platform.name,
        "environment": platform.environment,
        "region": platform.region,
        "project": project.name,
        "account": account,
        "partition": partition(platform.region).name,
        "artifact_bucket": _artifact_bucket(platform, account),
    }
    return policy.render(project.training.policy, values)


def deployment_spec(
    project: Project, desired: DesiredState, account: str, releases: Collection[Release], metrics: Mapping[str, float]
) -> Spec:
    """A project's deployment stack, with the first of `releases` live; without any, the repository alone."""
    wanted = project.deployment
    live = next(iter(releases), None)
    return {
        "owner": project.owner,
        "releases": [release.to_variable() for release in releases],
        "live": live.name if live else "",
        **_serving_settings(wanted),
        "alerts_topic": names.alerts_topic(desired.platform, account),
        "metrics": {name: f"{value:.6g}" for name, value in sorted(metrics.items())} if live else {},
        **_tags(project.tags),
        "code_digest": desired.code.deployment,
    }


def _serving_settings(wanted: Deployment | None) -> Spec:
    """What can change without another release."""
    if wanted is None:
        return {}
    alarms = {name: threshold or 0 for name, threshold in asdict(wanted.alarms).items()}
    rollout = {**asdict(wanted.rollout), "strategy": wanted.rollout.strategy.value}
    return {"scaling": asdict(wanted.scaling or NO_SCALING), "rollout": rollout, "alarms": alarms}


def server_spec(desired: DesiredState, image: str, vpn: Mapping[str, str]) -> Spec:
    """The MLflow server's stack. Without an image: what has to stand before one can be pushed. Raises ValueError."""
    platform, server = desired.platform, desired.platform.server
    if server is None:
        raise ValueError("the manifest has no mlflow.server")
    return {
        "cidr": server.cidr,
        "zones": server.zones,
        "cpu": server.cpu,
        "memory": server.memory,
        "min_tasks": server.min_tasks,
        "max_tasks": server.max_tasks,
        "image": image,
        "database": asdict(server.database),
        "host": names.server_host(platform),
        "certificate_arn": server.certificate_arn,
        "vpn": {"client_cidr": server.vpn_cidr, "server_certificate_arn": "", "authority_arn": "", **vpn},
        "deletion_protection": server.deletion_protection,
        **_tags(platform.tags),
        "code_digest": desired.code.server,
    }


def bootstrap_spec(desired: DesiredState, *, own_bucket: bool, oidc_provider_arn: str) -> Spec:
    """The stack that everything else stands on."""
    platform = desired.platform
    github = asdict(platform.github) if platform.github else {"repository": "", "environment": ""}
    return {
        "state_bucket": platform.state_bucket,
        "own_bucket": own_bucket,
        "github": github,
        "oidc_provider_arn": oidc_provider_arn,
        **_tags(platform.tags),
        "code_digest": desired.code.bootstrap,
    }


def _tags(tags: Pairs) -> Spec:
    """A stack without tags of people's own is as it was before there could be any."""
    return {"tags": dict(tags)} if tags else {}


TOMBSTONES: Mapping[str, Spec] = {
    "training": {
        "image": "retired",
        "compute": "fargate",
        "timeout": 60,
        "attempts": 1,
        "tracking_uri": "http://retired.invalid",
        "experiment": "retired",
        "model": "retired",
    },
    "deployment": {},
    "platform": {},
}
"""What stacks are destroyed with: it does not matter, but the variables that have no default must be valid."""
