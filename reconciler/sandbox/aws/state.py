"""moto's state on disk: one pickle of every backend in use."""

import io
import json
import logging
import os
import pickle
import platform
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import moto
from moto import backends
from moto.core.base_backend import BackendDict

from reconciler.sandbox.aws.pickling import Pickler, account_backend
from reconciler.sandbox.seal import Seal

log = logging.getLogger(__name__)

FORMAT = {"sandbox": 3, "moto": moto.__version__, "python": platform.python_version()}
UNSAVABLE = (pickle.PicklingError, TypeError, AttributeError)
UNREADABLE = (
    pickle.UnpicklingError,
    AttributeError,
    EOFError,
    ImportError,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
)


def in_use() -> dict[tuple[str, str, str], object]:
    """moto's backends by service, account and region."""
    return {
        (services.service_name, account, region): backend
        for services in list(BackendDict._instances)
        for account, region, backend in services.iter_backends()
    }


def dump() -> bytes:
    """State of every service in use. Hold the lock meanwhile."""
    backends_in_use = in_use()
    try:
        content = pickled(backends_in_use)
    except UNSAVABLE:
        content = pickled(_savable(backends_in_use))
    return content


def pickled(value: object) -> bytes:
    """One backend, or all. Raises what UNSAVABLE lists."""
    buffer = io.BytesIO()
    Pickler(buffer, protocol=5).dump(value)
    return buffer.getvalue()


def _savable(backends_in_use: Mapping[tuple[str, str, str], object]) -> dict[tuple[str, str, str], object]:
    """Without the services that hold what cannot be saved; few do, and each is said once in the log."""
    kept = {}
    for key, backend in backends_in_use.items():
        try:
            pickled(backend)
        except UNSAVABLE as problem:
            _say_once(f"What the sandbox holds of {key[0]} is lost when it stops: it cannot be saved ({problem}).")
        else:
            kept[key] = backend
    return kept


@cache
def _say_once(message: str) -> None:
    log.warning(message)


def write(path: Path, content: bytes, seal: Seal) -> None:
    """Replace the file whole or not at all; only its owner may read it.

    It is three parts: the format, the seal of the other two, and the pickle.
    """
    header = _header()
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(b"\n".join((header, seal.of(header + content), content)))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _header() -> bytes:
    return json.dumps(FORMAT).encode()


def load(path: Path, seal: Seal) -> bool:
    """Put the saved state in place of the present one; False when there is none that can be used.

    A state that another version or another user wrote, or that cannot be read, is kept beside as `<name>.<reason>` and
    said in the log. Nothing of it is unpickled: whoever writes a pickle has whoever reads it execute what he likes.
    """
    BackendDict.reset()
    if not path.exists():
        return False
    header, sealed, content = _parts(path)
    if header != _header():
        _set_aside(
            path,
            "other-version",
            f"another version wrote it; this one uses moto {moto.__version__} on Python {platform.python_version()}",
        )
        return False
    if not seal.fits(sealed, header + content):
        _set_aside(path, "not-ours", "your sandbox did not write it on this machine")
        return False
    try:
        state = pickle.loads(content)  # noqa: S301 - the seal says that we wrote it
    except UNREADABLE as problem:
        _set_aside(path, "unreadable", str(problem))
        return False
    for (service, account, region), backend in state.items():
        dict.__setitem__(account_backend(service, account), region, backend)
    _index_buckets()
    return True


def _parts(path: Path) -> tuple[bytes, bytes, bytes]:
    header, _, rest = path.read_bytes().partition(b"\n")
    sealed, _, content = rest.partition(b"\n")
    return header, sealed, content


def _index_buckets() -> None:
    """moto knows whose a bucket is from an index beside its backends; without, an existing name is made anew, empty."""
    buckets = backends.get_backend("s3")
    for account, partition, backend in buckets.iter_backends():
        owned: dict[str, tuple[str, str]] = dict.fromkeys(backend.buckets, (partition, account))
        buckets.bucket_accounts.update(owned)


def _set_aside(path: Path, reason: str, why: str) -> None:
    kept = path.with_name(f"{path.name}.{reason}")
    path.replace(kept)
    log.warning(
        "The sandbox starts empty: its saved state cannot be used (%s). It is kept, unread, as %s; `reconcile` makes "
        "everything anew.",
        why,
        kept,
    )
