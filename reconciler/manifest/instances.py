"""Which instance a model gets when the manifest names what it needs, and no type."""

from reconciler.core.desired import Resources
from reconciler.manifest.aws_tables import INSTANCE_TYPES

_BURSTABLE = "ml.t2."


def cheapest(resources: Resources, *, elastic: bool) -> str | None:
    """The cheapest SageMaker hosting instance that holds the resources; None when there is none so large.

    Without GPUs asked for, an instance with some will do. `elastic` instances can be scaled, which SageMaker refuses
    for burstable ones: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-console.html.
    Of two that cost the same, the first by name.
    """
    from reconciler.manifest.instance_prices import INSTANCES

    fitting = [
        (price, name)
        for name, vcpu, memory, gpus, price in INSTANCES
        if vcpu >= resources.vcpu
        and memory >= resources.memory
        and gpus >= resources.gpu
        and name in INSTANCE_TYPES
        and not (elastic and name.startswith(_BURSTABLE))
    ]
    return min(fitting)[1] if fitting else None
