"""Which image stands for a model version: a number alone is no identity, so an image's tag says what it was made of."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from reconciler.core import names
from reconciler.core.observed import ModelVersion, StoredImage
from reconciler.core.release import Origin, Release

SKEW = 900.0
"""Seconds by which the clocks of MLflow and AWS may differ: with more, S3 refuses the server's artifacts.
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, RequestTimeTooSkewed"""


def image_tag(
    number: int, version: ModelVersion | None, kept: Iterable[Release], images: Mapping[str, StoredImage]
) -> str:
    """The tag of the image that a version is served from, built or not; `kept` is what the stack keeps, newest first.

    A version that MLflow has no more is the one that was live last, or the only one that there is an image of.
    """
    releases = tuple(one for one in kept if one.version == number)
    plain = names.model_tag(number)
    if version is None:
        known = tuple(one.tag for one in releases) or namesakes(number, images)
        return known[0] if releases or len(known) == 1 else plain
    own = names.model_tag(number, version.origin.identity)
    if own in images or any(one.tag == own for one in releases):
        return own
    return plain if _may_be_of(version, plain, releases, images) else own


def _may_be_of(
    version: ModelVersion, plain: str, releases: tuple[Release, ...], images: Mapping[str, StoredImage]
) -> bool:
    """Whether an image whose tag is a number alone, as it was before, is of the version that has the number now.

    No image is older than the model in it. One that is gone is believed to have been what was live last.
    """
    if plain not in images:
        return bool(releases) and releases[0].tag == plain
    pushed = images[plain].pushed
    return not (pushed and version.created and pushed + SKEW < version.created / 1000)


def namesakes(number: int, images: Mapping[str, StoredImage]) -> tuple[str, ...]:
    """Tags of all images of models that have, or had, a version's number; sorted."""
    return tuple(sorted(tag for tag in images if names.is_model_tag(tag, number)))


def difference(before: Origin | None, now: Origin | None) -> str:
    """What two models of one number were made of, in words that tell them apart."""
    for words in (_run, _logged_model, _registered):
        old, new = (words(one) if one else UNKNOWN for one in (before, now))
        if old and new and old != new:
            return f"made from {old}, now from {new}"
    return f"made from {UNKNOWN}, now from another"


UNKNOWN = "a run that nobody noted"


def _run(origin: Origin) -> str:
    return f"run {origin.run_id[:8]}" if origin.run_id else ""


def _logged_model(origin: Origin) -> str:
    return f"logged model {origin.model_id[:10]}" if origin.model_id else ""


def _registered(origin: Origin) -> str:
    if not origin.created:
        return ""
    moment = datetime.fromtimestamp(origin.created / 1000, UTC).isoformat(timespec="seconds")
    return f"what was registered at {moment}"
