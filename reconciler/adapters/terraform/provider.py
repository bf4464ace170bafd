"""Where Terraform finds the AWS provider: a mirror on this machine if there is one, else the registry."""

import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from reconciler.adapters.terraform import trust

REGISTRY = "registry.terraform.io"
PROVIDER = "hashicorp/aws"
PREFIXES = ("/opt", "/srv", "/usr/share", "/usr/local/share", "/usr/local/lib", "/var/lib")
"""Folders in which a machine's keeper may have put a folder that holds a mirror."""

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True)
class Found:
    """Folders of this machine that hold the provider."""

    mirrors: tuple[Path, ...]
    """To take it from."""
    refused: Mapping[Path, str]
    """To leave alone, each with why: Terraform checks no signature of what a mirror holds, and executes it."""


def look(folders: Iterable[Path], target: str) -> Found:
    """Which of the folders hold the provider for `target` (such as `linux_amd64`), packed or unpacked."""
    held = {folder: tuple(_programs(folder, target)) for folder in folders}
    reasons = {folder: _why_not(programs) for folder, programs in held.items() if programs}
    taken = tuple(folder for folder, reason in reasons.items() if not reason)
    return Found(taken, {folder: reason for folder, reason in reasons.items() if reason})


def _programs(folder: Path, target: str) -> Iterator[Path]:
    place = folder / REGISTRY / PROVIDER
    for unpacked in place.glob(f"*/{target}"):
        yield unpacked
        yield from unpacked.glob("*")
    yield from place.glob(f"terraform-provider-aws_*_{target}.zip")


def _why_not(programs: Iterable[Path]) -> str:
    try:
        return next(filter(None, map(trust.why_not, programs)), "")
    except OSError as error:
        return str(error)


def likely_folders(env: Mapping[str, str], prefixes: Iterable[str] = PREFIXES) -> tuple[Path, ...]:
    """Terraform's own plugin folders, and every folder of a usual prefix that holds a registry's name."""
    inside = chain.from_iterable(sorted(Path(prefix).glob(f"*/{REGISTRY}")) for prefix in prefixes)
    return (*_implied_folders(env), *(found.parent for found in inside))


def _implied_folders(env: Mapping[str, str]) -> tuple[Path, ...]:
    home = Path(env.get("HOME", "/"))
    shared = env.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    own = env.get("XDG_DATA_HOME") or str(home / ".local/share")
    data = [home / "Library/Application Support/io.terraform", Path("/Library/Application Support/io.terraform")]
    data += [Path(folder) / "terraform" for folder in (own, *shared.split(":"))]
    return (home / ".terraform.d/plugins", *(folder / "plugins" for folder in data))


def this_machine() -> str:
    """Terraform's name of this machine's platform, such as `darwin_arm64`."""
    machine = platform.machine().lower()
    return f"{sys.platform}_{_ARCHITECTURES.get(machine, machine)}"


def has_own_configuration(env: Mapping[str, str]) -> bool:
    """Whether the user configured Terraform's command line: then it is theirs to say where providers come from."""
    named = env.get("TF_CLI_CONFIG_FILE", "")
    return bool(named and Path(named).is_file()) or (Path(env.get("HOME", "/")) / ".terraformrc").is_file()


def configuration(found: Iterable[Path]) -> str:
    """A CLI configuration that takes the AWS provider from mirrors alone, and every other one from its registry.

    The registry is excluded for it because Terraform asks every source it may, and fails when one does not answer.
    """
    name = f"{REGISTRY}/{PROVIDER}"
    blocks = [
        f'  filesystem_mirror {{\n    path    = "{_escaped(path)}"\n    include = ["{name}"]\n  }}' for path in found
    ]
    blocks.append(f'  direct {{\n    exclude = ["{name}"]\n  }}')
    return "provider_installation {\n" + "\n".join(blocks) + "\n}\n"


def registry_alone(cache: Path) -> str:
    """A CLI configuration that takes every provider from its registry, and keeps it in a cache.

    Without one Terraform looks into its own plugin folders first, and does not ask whose they are.
    """
    return (
        f'plugin_cache_dir = "{_escaped(cache)}"\n'
        "plugin_cache_may_break_dependency_lock_file = true\n"
        "provider_installation {\n  direct {}\n}\n"
    )


def _escaped(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace('"', '\\"')
