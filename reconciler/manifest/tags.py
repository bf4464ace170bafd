"""Rules of the tags that people give to what is made for them, which look at all of them.

https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html#id_tags_naming_best_practices,
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
"""

from collections.abc import Iterator, Mapping

from reconciler.manifest.problem import Problem, Where
from reconciler.manifest.schema import ManifestFile

MOST = 30
"""AWS takes 50 of a resource, and some are ours."""


def broken_tags(file: ManifestFile) -> Iterator[Problem]:
    """Keys that IAM takes for one, and more tags than a resource has room for."""
    yield from _broken(("tags",), file.tags or {}, {})
    for name, project in (file.projects or {}).items():
        yield from _broken(("projects", name, "tags"), project.tags or {}, file.tags or {})


def _broken(where: Where, own: Mapping[str, str], around: Mapping[str, str]) -> Iterator[Problem]:
    spelt = {key.lower(): key for key in around}
    for key in own:
        if (other := spelt.setdefault(key.lower(), key)) != key:
            yield Problem(
                (*where, key), f"differs from {other} in capitals alone, because IAM takes the two for one key"
            )
    if len({*own, *around}) > MOST:
        yield Problem(
            where, f"are more than {MOST} tags together, because AWS takes 50 of a resource, and some are ours"
        )
