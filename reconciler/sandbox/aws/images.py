"""From an image's address in ECR to the folder that stands for it."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.ecr.models import ecr_backends

ADDRESS = re.compile(
    r"^(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/"
    r"(?P<repository>[a-z0-9._/-]+?)(?:@(?P<digest>sha256:[0-9a-f]{64})|:(?P<tag>[\w.-]+))?$"
)
LAYER = re.compile(r"^sha256:([0-9a-f]{64})$")


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is there."""

    folder: Path
    digest: str
    """Its digest in ECR, `sha256:…`."""


def locate(address: str, images: Path) -> Image:
    """Find an image by the address that jobs and models name it by.

    Raises RuntimeError with the reason that AWS gives for an image that cannot be pulled.
    """
    found = ADDRESS.match(address)
    if not found or found["account"] != DEFAULT_ACCOUNT_ID:
        raise _missing(address, f"the sandbox pulls from the registry of account {DEFAULT_ACCOUNT_ID} only")
    repository = ecr_backends[found["account"]][found["region"]].repositories.get(found["repository"])
    if repository is None:
        raise _missing(address, "there is no such repository")
    image = _pick(repository.images, found["tag"] or "latest", found["digest"])
    if image is None:
        raise _missing(address, "there is no such tag or digest in the repository")
    return Image(_folder(address, image.image_manifest, images), image.image_digest)


def _pick(candidates: list[Any], tag: str, digest: str | None) -> Any | None:  # moto's own image objects
    if digest:
        return next((one for one in candidates if one.image_digest == digest), None)
    return next((one for one in candidates if tag in one.image_tags), None)


def _folder(address: str, manifest: str, images: Path) -> Path:
    layers = json.loads(manifest).get("layers", [])
    layer = LAYER.match(layers[0].get("digest", "")) if layers else None
    if layer is None:
        raise _missing(address, "its manifest names no layer by a sha256 digest")
    folder = images / layer[1]
    if not folder.is_dir():
        raise _missing(address, f"its layer {layer[1][:12]} is gone from the sandbox's images")
    return folder


def _missing(address: str, why: str) -> RuntimeError:
    return RuntimeError(f"CannotPullContainerError: {address} not found: {why}")
