"""What stands on a model's image about the model in it, for whoever finds the image alone."""

from reconciler.core.observed import ModelVersion

MODEL = "reconciler.model"
VERSION = "reconciler.version"
RUN = "reconciler.run"
LOGGED_MODEL = "reconciler.logged-model"
REGISTERED = "reconciler.registered"


def labels(model: str, version: ModelVersion) -> dict[str, str]:
    """Labels of an image, without those of which nothing is known; the time is in milliseconds since the epoch."""
    noted = {
        MODEL: model,
        VERSION: str(version.number),
        RUN: version.run_id,
        LOGGED_MODEL: version.model_id,
        REGISTERED: str(version.created or ""),
    }
    return {key: value for key, value in noted.items() if value}
