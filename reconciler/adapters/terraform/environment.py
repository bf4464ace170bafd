"""The environment that Terraform sees."""

from collections.abc import Mapping
from pathlib import Path

OWNED = ("TF_CLI_ARGS", "TF_VAR_")
"""What starts like this would change a run behind our back."""
REPLACED = frozenset({"TF_CLI_CONFIG_FILE", "TF_DATA_DIR", "TF_INPUT", "TF_WORKSPACE"})

FRUGAL = {"GOGC": "400"}
"""Terraform and its providers are written in Go, live for seconds and collect garbage most of that time: collecting it
less often takes a quarter off their CPU, and costs a tenth more memory (measured: 560 MB become 610)."""


LOG = "TF_LOG"
"""What starts like this asks for a trace. Without a file for it, it comes between errors, and nobody sees it."""


def base(env: Mapping[str, str]) -> dict[str, str]:
    """The given environment without what would change a run behind our back; what it says of garbage is kept."""
    owned = OWNED if env.get(f"{LOG}_PATH") else (*OWNED, LOG)
    kept = {name: value for name, value in env.items() if not name.startswith(owned) and name not in REPLACED}
    return {**FRUGAL, **kept, "TF_IN_AUTOMATION": "true", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}


def own_configuration(env: Mapping[str, str]) -> dict[str, str]:
    """The user's CLI configuration file, as long as it exists: Terraform warns of one that does not."""
    named = env.get("TF_CLI_CONFIG_FILE", "")
    return {"TF_CLI_CONFIG_FILE": named} if named and Path(named).is_file() else {}


def plugin_cache(env: Mapping[str, str], folder: Path, *, locked: bool = False) -> dict[str, str]:
    """Where downloaded providers (700 MB each) are shared between stacks, unless the user has a place for them."""
    if "TF_PLUGIN_CACHE_DIR" in env:
        return {}
    # Terraform takes a cached provider only if a lock file knows it; the stacks carry none, unless somebody made it.
    without = {} if locked else {"TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "true"}
    return {"TF_PLUGIN_CACHE_DIR": str(folder), **without}
