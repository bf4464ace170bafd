"""What moto lacks and this project needs, one module for each service."""

from reconciler.sandbox.aws.gaps import (
    acm,
    autoscaling,
    client_vpn,
    cloudwatch,
    core,
    ec2,
    ecs,
    iam,
    rds,
    route53,
    s3,
    scheduler,
    secretsmanager,
    sts,
)
from reconciler.sandbox.aws.patches import Patches

SERVICES = (
    core,
    acm,
    iam,
    autoscaling,
    client_vpn,
    cloudwatch,
    ec2,
    ecs,
    rds,
    route53,
    s3,
    scheduler,
    secretsmanager,
    sts,
)


def install(patches: Patches) -> None:
    """Close them all."""
    for service in SERVICES:
        service.install(patches)
