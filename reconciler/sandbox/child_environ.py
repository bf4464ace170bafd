"""What the sandbox's processes find in their environment variables, and what of the user's they do not."""

from collections.abc import Iterable, Mapping
from pathlib import Path

MARK = "RECONCILE_SANDBOX_ID"
"""Names the sandbox that a process belongs to: how orphans are found."""

ROLE = "RECONCILE_SANDBOX_ROLE"
"""What the process does in it."""

NAME = "RECONCILE_SANDBOX_NAME"
"""What it does it for."""

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
OF_THE_MACHINE = (
    *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    *PROXIES,
)
"""What a job, a model server or the MLflow server keeps of the user's environment: nothing else."""

SAFE_PATH = {"PYTHONSAFEPATH": "1"}
"""For Python that works in a folder of data: `python -m` would look there first for every module, and so would the
Python that it starts in turn. https://docs.python.org/3/using/cmdline.html#envvar-PYTHONSAFEPATH"""

NOT_FOR_THE_SUPERVISOR = ("AWS_", "MLFLOW_", "MOTO_", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
SYSTEM = "/usr/local/bin:/usr/bin:/bin"
LOOPBACK_HOSTS = "127.0.0.1,localhost"


def for_supervisor(environ: Mapping[str, str], mark: str) -> dict[str, str]:
    """The user's environment without what would reach into moto, MLflow or uv."""
    kept = {key: value for key, value in environ.items() if not key.startswith(NOT_FOR_THE_SUPERVISOR)}
    return {**kept, MARK: mark, ROLE: "supervisor", "PYTHONUNBUFFERED": "1"}


def for_child(environ: Mapping[str, str], role: str, home: Path, bins: Iterable[Path] = ()) -> dict[str, str]:
    """A clean environment for a process of the sandbox.

    `environ` is the supervisor's; `home` is the HOME that the process sees, so that no credentials file of the user
    is found; `bins` are searched for programs first.
    """
    kept = {key: environ[key] for key in OF_THE_MACHINE if key in environ}
    searched = [*map(str, bins), *_system(kept.get("PATH", SYSTEM), environ.get("HOME", ""))]
    return {
        **kept,
        **around_proxies(environ),
        "PATH": ":".join(searched),
        "HOME": str(home),
        "PYTHONUNBUFFERED": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        MARK: environ[MARK],
        ROLE: role,
    }


def _system(path: str, home: str) -> list[str]:
    """The folders of a PATH with a machine's own programs: no image on AWS has a person's, or an environment's."""
    own = [one for one in path.split(":") if one and not _is_a_persons(Path(one), home)]
    return own or SYSTEM.split(":")


def _is_a_persons(folder: Path, home: str) -> bool:
    return (bool(home) and folder.is_relative_to(home)) or (folder.parent / "pyvenv.cfg").is_file()


def around_proxies(environ: Mapping[str, str]) -> dict[str, str]:
    """The sandbox's servers are on this machine, wherever the user's proxy is."""
    if not any(name in environ for name in PROXIES):
        return {}
    theirs = dict.fromkeys(environ[name] for name in ("no_proxy", "NO_PROXY") if environ.get(name))
    hosts = ",".join([*theirs, LOOPBACK_HOSTS])
    return {"NO_PROXY": hosts, "no_proxy": hosts}
