"""The environment that a header describes."""

from dataclasses import replace

from reconciler.core import names
from reconciler.core.desired import BaseImages, GitHub, Platform
from reconciler.core.server import Database, Server
from reconciler.manifest import schema_environment as schema
from reconciler.manifest.merged import merged
from reconciler.manifest.schema import ManifestFile

SANDBOX_REGION = "eu-west-1"
ZONES = 2


def platform_of(file: ManifestFile) -> Platform:
    """The environment of a file that breaks no rule; `tracking_uri` is empty for the sandbox's own server."""
    mlflow, images = file.mlflow or schema.Mlflow(), file.images or schema.Images()
    platform = Platform(
        name=file.platform or "",
        environment=file.environment or "",
        region=file.region or SANDBOX_REGION,
        state_bucket=file.state_bucket or f"{file.platform}-{file.environment}-tfstate",
        tracking_uri=mlflow.tracking_uri or "",
        account=file.account,
        max_vcpus=file.max_vcpus,
        disk=file.disk,
        alert_emails=file.alerts.email,
        artifact_bucket=mlflow.artifact_bucket or "",
        server=_server(mlflow.server) if mlflow.server else None,
        tags=merged(file.tags),
        images=BaseImages(images.python or "", images.conda or ""),
        github=GitHub(file.github.repository, file.github.environment) if file.github else None,
    )
    return _reached(_within(platform, file.network), sandbox=file.sandbox)


def _within(platform: Platform, network: schema.Network | None) -> Platform:
    """Public addresses are for the default VPC alone, unless they are asked for: the others have a NAT gateway."""
    if network is None:
        return replace(platform, public_ips=platform.server is None)
    return replace(
        platform,
        vpc_id=network.vpc_id or "",
        subnet_ids=network.subnet_ids,
        cidr=network.cidr or "",
        zones=network.zones or ZONES,
        public_ips=network.public_ips or False,
    )


def _reached(platform: Platform, *, sandbox: bool) -> Platform:
    """The sandbox provisions a server as any environment does, and tracks in its own, which really runs."""
    if platform.server is None or sandbox:
        return platform
    return replace(platform, tracking_uri=names.server_uri(platform))


def _server(written: schema.Server) -> Server:
    database = written.database
    return Server(
        cpu=written.cpu,
        memory=written.memory,
        min_tasks=written.tasks.min,
        max_tasks=written.tasks.max,
        database=Database(database.engine, database.instance_class, database.storage, database.multi_az),
        cidr=written.cidr,
        zones=written.zones,
        domain=written.domain or "",
        certificate_arn=written.certificate or "",
        vpn_cidr=written.vpn.cidr if written.vpn else "",
        deletion_protection=written.deletion_protection,
    )
