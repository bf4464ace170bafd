"""The secrets that a sandbox asks for: made once for each home, told to nobody but its owner."""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from reconciler.sandbox.errors import SandboxError
from reconciler.sandbox.files import write_private

MLFLOW_USER = "sandbox"


@dataclass(frozen=True, slots=True)
class Keys:
    """What lets a caller into the sandbox's AWS and its MLflow server."""

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    mlflow_password: str = field(repr=False)

    @property
    def aws(self) -> tuple[str, str]:
        """Access key id and secret access key."""
        return self.access_key_id, self.secret_access_key

    @property
    def mlflow(self) -> tuple[str, str]:
        """User and password."""
        return MLFLOW_USER, self.mlflow_password

    def for_aws(self) -> dict[str, str]:
        """The variables in which AWS's own tools look for them."""
        return {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}

    def secrets(self) -> dict[str, str]:
        """All that nobody else may see, under names that say so."""
        return {**self.for_aws(), "MLFLOW_TRACKING_PASSWORD": self.mlflow_password}

    def for_mlflow(self) -> dict[str, str]:
        """The variables in which MLflow's own client looks for them."""
        return {"MLFLOW_TRACKING_USERNAME": MLFLOW_USER, "MLFLOW_TRACKING_PASSWORD": self.mlflow_password}


def kept_keys(home: Path) -> Keys:
    """The keys of the sandbox in `home`, made the first time. Raises SandboxError when their file makes no sense."""
    path = keys_file(home)
    if not path.exists():
        write_private(path, asdict(_made()))
    try:
        return keys_of(json.loads(path.read_text()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        remedy = f"delete {path} to have new ones made"
        raise SandboxError(f"{path} does not hold the sandbox's keys", remedy) from error


def keys_of(content: Mapping[str, object]) -> Keys:
    """The keys that a record holds, under the names of their fields. Raises KeyError, TypeError, ValueError."""
    return Keys(**{one.name: _text(content[one.name]) for one in fields(Keys)})


def keys_file(home: Path) -> Path:
    """Where they are kept."""
    return home / "keys.json"


def _made() -> Keys:
    """In the shape of AWS's own: tools that look for leaked keys, our own logs among them, know them by it."""
    identifier = "AKIA" + base64.b32encode(secrets.token_bytes(10)).decode()
    return Keys(identifier, secrets.token_urlsafe(30), secrets.token_urlsafe(24))


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("not a text")
    return value
