"""What a running sandbox tells others about itself, and the ports that it keeps: small JSON files in its home."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from reconciler.sandbox.errors import SandboxError
from reconciler.sandbox.files import write_private
from reconciler.sandbox.home import is_ours
from reconciler.sandbox.keys import Keys, keys_of
from reconciler.sandbox.network import LOOPBACK, free_port, is_free

ACCOUNT = "123456789012"
"""The account that the AWS stand-in plays."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox."""

    id: str
    pid: int
    aws_endpoint: str
    mlflow_url: str
    account: str
    images: Path
    home: Path
    keys: Keys


@dataclass(frozen=True, slots=True)
class Ports:
    """Kept over restarts: Terraform was applied with them."""

    aws: int
    mlflow: int


def publish(sandbox: Sandbox, started: str) -> None:
    """Write `sandbox.json`; `started` is an ISO 8601 time."""
    content = {
        "id": sandbox.id,
        "pid": sandbox.pid,
        "aws_endpoint": sandbox.aws_endpoint,
        "mlflow_url": sandbox.mlflow_url,
        "account": sandbox.account,
        "images": str(sandbox.images),
        "started": started,
        **asdict(sandbox.keys),
    }
    write_private(_record(sandbox.home), content)


def published(home: Path) -> Sandbox | None:
    """What `sandbox.json` says; None when there is none of ours. Whether it is still true is another question."""
    if not is_ours(home, _record(home).name):
        return None
    try:
        content = json.loads(_record(home).read_text())
        return Sandbox(
            id=str(content["id"]),
            pid=int(content["pid"]),
            aws_endpoint=content["aws_endpoint"],
            mlflow_url=content["mlflow_url"],
            account=content["account"],
            images=Path(content["images"]),
            home=home,
            keys=keys_of(content),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def withdraw(home: Path) -> None:
    """Remove `sandbox.json`."""
    _record(home).unlink(missing_ok=True)


def has_record(home: Path) -> bool:
    """Whether a sandbox of whatever version has told others about itself."""
    return _record(home).is_file()


def is_home(folder: Path) -> bool:
    """Whether a sandbox ever lived in `folder`."""
    return _ports(folder).is_file()


def free_ports(home: Path) -> Ports:
    """The ports of the sandbox in `home`, for it to listen on.

    Raises SandboxError when somebody else listens on one, or the file that keeps them makes no sense.
    """
    ports = _kept_ports(_ports(home))
    for port in (ports.aws, ports.mlflow):
        if not is_free(port):
            what = f"port {port} on {LOOPBACK}, which the sandbox keeps, is taken by another program"
            remedy = f"end that program (`lsof -i :{port}` names it), or start anew: `reconcile sandbox down --wipe`"
            raise SandboxError(what, remedy)
    return ports


def _kept_ports(path: Path) -> Ports:
    """Chosen the first time."""
    if not path.is_file():
        aws = free_port()
        write_private(path, {"aws": aws, "mlflow": free_port(frozenset({aws}))})
    try:
        content = json.loads(path.read_text())
        return Ports(int(content["aws"]), int(content["mlflow"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        remedy = f"delete {path} to have new ports chosen"
        raise SandboxError(f"{path} does not hold the sandbox's ports", remedy) from error


def _record(home: Path) -> Path:
    return home / "sandbox.json"


def _ports(home: Path) -> Path:
    return home / "ports.json"
