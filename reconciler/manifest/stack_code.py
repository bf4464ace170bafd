"""Digests of the Terraform root modules."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from reconciler.core.desired import StackCode
from reconciler.errors import SettingsMissing

SUFFIXES = (".tf", ".tf.json", ".auto.tfvars.json")
DIGITS = 12
_NOT_CODE = {"tests", ".terraform"}


def stack_code(stacks: Path) -> StackCode:
    """Digests of the stacks in the folder `stacks`. Raises SettingsMissing when one of them has no code."""
    return StackCode(
        platform=_digest(stacks / "platform", _is_code),
        training=_digest(stacks / "training", _is_code),
        deployment=_digest(stacks / "deployment", _is_code),
        server=_digest(stacks / "mlflow-server", _is_code),
        server_image=_digest(stacks / "mlflow-server" / "image", _is_built),
        bootstrap=_digest(stacks / "bootstrap", _is_code),
    )


def _digest(folder: Path, counts: Callable[[Path, Path], bool]) -> str:
    """First hex digits of the SHA-256 over the path and content of each file that counts."""
    paths = (path for path in folder.rglob("*") if path.is_file() and counts(path, folder))
    files = {path.relative_to(folder).as_posix(): path for path in paths}
    if not files:
        raise SettingsMissing(f"there is no Terraform code in {folder}", "run from a complete checkout")
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        content = path.read_bytes()
        digest.update(f"{name}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()[:DIGITS]


def _is_code(path: Path, folder: Path) -> bool:
    """Whether Terraform reads the file: its own kinds, and programs beside them that it hands on."""
    reads = path.name.endswith(SUFFIXES) or (path.suffix == ".py" and path.parent == folder)
    return reads and not _NOT_CODE & set(path.relative_to(folder).parts)


def _is_built(path: Path, folder: Path) -> bool:
    """Whether the file goes into an image; Python's caches are this machine's own."""
    return "__pycache__" not in path.relative_to(folder).parts
