"""Where Terraform finds the AWS provider: a mirror on this machine if there is one, else the registry."""

import platform
import sys
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

REGISTRY = "registry.terraform.io"
PROVIDER = "hashicorp/aws"
PREFIXES = ("/opt", "/srv", "/usr/share", "/usr/local/share", "/usr/local/lib", "/var/lib")
"""Folders in which a machine's keeper may have put a folder that holds a mirror."""

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def mirrors(folders: Iterable[Path], target: str) -> tuple[Path, ...]:
    """Those of the folders that hold the provider for `target` (such as `linux_amd64`), packed or unpacked."""
    patterns = (f"{REGISTRY}/{PROVIDER}/*/{target}", f"{REGISTRY}/{PROVIDER}/terraform-provider-aws_*_{target}.zip")
    holds = (folder for folder in folders if any(next(folder.glob(pattern), None) for pattern in patterns))
    return tuple(dict.fromkeys(holds))


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


def _escaped(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace('"', '\\"')
