"""Digests of the Terraform root modules."""

import hashlib
from pathlib import Path

from reconciler.core.desired import StackCode
from reconciler.errors import SettingsMissing

SUFFIXES = (".tf", ".tf.json", ".auto.tfvars.json")
DIGITS = 12
_NOT_CODE = {"tests", ".terraform"}


def stack_code(stacks: Path) -> StackCode:
    """Digests of the stacks in the folder `stacks`. Raises SettingsMissing when one of them has no code."""
    return StackCode(*(_digest(stacks / kind) for kind in ("platform", "training", "deployment")))


def _digest(folder: Path) -> str:
    """First hex digits of the SHA-256 over the path and content of each file that Terraform reads."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if _is_code(path, folder)}
    if not files:
        raise SettingsMissing(f"there is no Terraform code in {folder}", "run from a complete checkout")
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        content = path.read_bytes()
        digest.update(f"{name}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()[:DIGITS]


def _is_code(path: Path, folder: Path) -> bool:
    return path.name.endswith(SUFFIXES) and path.is_file() and not _NOT_CODE & set(path.relative_to(folder).parts)
