"""What makes an environment that environment: where it is, and where it is known."""

from reconciler.core.desired import Platform

_FACTS = {
    "platform": "name",
    "environment": "environment",
    "account": "account",
    "region": "region",
    "state_bucket": "state_bucket",
    "mlflow.tracking_uri": "tracking_uri",
}
"""Keys of a manifest, and the fields that hold them."""


def differences(base: Platform, other: Platform) -> tuple[str, ...]:
    """One sentence for each key by which the other is not the same environment; empty when it is."""
    pairs = ((key, getattr(base, field), getattr(other, field)) for key, field in _FACTS.items())
    return tuple(
        f"{key}: {ours or 'nothing'} became {theirs or 'nothing'}" for key, ours, theirs in pairs if ours != theirs
    )
