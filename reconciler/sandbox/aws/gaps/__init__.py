"""What moto lacks and this project needs, one module for each service."""

from reconciler.sandbox.aws.gaps import autoscaling, core, iam
from reconciler.sandbox.aws.patches import Patches


def install(patches: Patches) -> None:
    """Close them all."""
    core.install(patches)
    iam.install(patches)
    autoscaling.install(patches)
