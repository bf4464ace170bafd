"""Amazon ECR: which images there are, how to sign in, how to put one."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from reconciler.adapters.aws.answers import Meaning, means
from reconciler.adapters.aws.faults import ClientError, changing, reading
from reconciler.adapters.aws.session import Aws
from reconciler.core.observed import StoredImage
from reconciler.errors import BuildFailed

MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG_TYPE = "application/vnd.docker.container.image.v1+json"
_LAYER_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip"


@dataclass(frozen=True, slots=True)
class Address:
    """Where an image lives: `<registry>/<repository>:<tag>`."""

    registry: str
    repository: str
    tag: str

    def __str__(self) -> str:
        return f"{self.registry}/{self.repository}:{self.tag}"


@dataclass(frozen=True, slots=True)
class Blob:
    """A part of an image."""

    digest: str
    """`sha256:` and 64 hex digits."""
    size: int
    """Bytes."""


def parse(image: str) -> Address:
    """The parts of an image's address. Raises BuildFailed when one is missing."""
    registry, _, path = image.partition("/")
    repository, _, tag = path.rpartition(":")
    if not (registry and repository and tag):
        raise BuildFailed(f"{image!r} is no address of an image", "it must read <registry>/<repository>:<tag>")
    return Address(registry, repository, tag)


def tags(aws: Aws, repository: str) -> frozenset[str]:
    """Tags in a repository; empty when there is no such repository. Raises ReadFailed."""
    found = _all(aws, repository, "list_images", "imageIds")
    return frozenset(image["imageTag"] for image in found if "imageTag" in image)


def stored(aws: Aws, repository: str) -> dict[str, StoredImage]:
    """The image behind each tag; empty when there is no such repository. Raises ReadFailed."""
    found = _all(aws, repository, "describe_images", "imageDetails")
    return {
        tag: StoredImage(image["imageDigest"], image["imagePushedAt"].timestamp())
        for image in found
        for tag in image.get("imageTags", ())
    }


def _all(aws: Aws, repository: str, operation: str, items: str) -> list[dict[str, Any]]:
    """What every page of a list of tagged images holds; nothing when there is no such repository. Raises ReadFailed."""
    with reading(f"the images of ECR repository {repository}"):
        try:
            pages = aws.client("ecr").get_paginator(operation)
            tagged = pages.paginate(repositoryName=repository, filter={"tagStatus": "TAGGED"})
            return [item for page in tagged for item in page[items]]
        except ClientError as fault:
            if means(fault, Meaning.ABSENT):
                return []
            raise


def exists(aws: Aws, address: Address) -> bool:
    """Whether the tag is taken; tags are immutable, so what it names is what was meant. Raises ReadFailed."""
    return address.tag in tags(aws, address.repository)


def login(aws: Aws) -> tuple[str, str]:
    """User and password, good for 12 hours, for the account's registry. Raises AwsFailed."""
    with changing("sign in to ECR"):
        granted = aws.client("ecr").get_authorization_token()["authorizationData"][0]
    user, _, password = base64.b64decode(granted["authorizationToken"]).decode().partition(":")
    return user, password


def put(aws: Aws, address: Address, layer: Blob, config: Blob) -> None:
    """Put a manifest of one layer under the tag, unless the tag is taken. Raises AwsFailed."""
    with changing(f"put the image {address}"):
        try:
            aws.client("ecr").put_image(
                repositoryName=address.repository,
                imageManifest=json.dumps(_manifest(layer, config), sort_keys=True),
                imageManifestMediaType=MANIFEST_TYPE,
                imageTag=address.tag,
            )
        except ClientError as fault:
            if not means(fault, Meaning.TAKEN):
                raise


def _manifest(layer: Blob, config: Blob) -> dict[str, Any]:
    return {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": {"mediaType": _CONFIG_TYPE, "size": config.size, "digest": config.digest},
        "layers": [{"mediaType": _LAYER_TYPE, "size": layer.size, "digest": layer.digest}],
    }
