"""Start MLflow's server as the container's environment says.

The database's password goes from one environment into the next and never onto a command line: `ps` shows those.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

CERTIFICATES = "/app/rds.pem"
MIGRATE = Path(__file__).with_name("migrate.py")
SERVER = ("-m", "mlflow", "server")

# Names are SQLAlchemy's. Either driver refuses a server whose certificate is not for its name.
DRIVERS = {
    "mysql": ("mysql+pymysql", {"ssl_ca": CERTIFICATES, "connect_timeout": "5"}),
    "postgres": (
        "postgresql+psycopg2",
        {"sslmode": "verify-full", "sslrootcert": CERTIFICATES, "connect_timeout": "5"},
    ),
}

DEFAULTS = {
    # The security group decides who calls, not the network interface.
    "MLFLOW_HOST": "0.0.0.0",  # noqa: S104
    "MLFLOW_PORT": "5000",
    "MLFLOW_SERVE_ARTIFACTS": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # Eight idle worker processes and 1.3 GB otherwise, for evaluation jobs that nobody here asks for.
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    # For each worker process. The smallest databases take some 60 connections, and a rollout doubles the tasks.
    "MLFLOW_SQLALCHEMYSTORE_POOL_SIZE": "3",
    "MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW": "4",
}


def store_uri(env: Mapping[str, str]) -> str:
    """SQLAlchemy's address of the database, with the password: the one that is given, or made of its parts.

    Raises SystemExit when a part is missing or the engine is not known.
    """
    if given := env.get("MLFLOW_BACKEND_STORE_URI"):
        return given
    engine = _required(env, "DATABASE_ENGINE")
    if engine not in DRIVERS:
        raise SystemExit(f"DATABASE_ENGINE is {engine!r}: set it to {' or '.join(DRIVERS)}")
    driver, options = DRIVERS[engine]
    user, password = (quote(_required(env, f"DATABASE_{part}"), safe="") for part in ("USER", "PASSWORD"))
    host, port, name = (_required(env, f"DATABASE_{part}") for part in ("HOST", "PORT", "NAME"))
    return f"{driver}://{user}:{password}@{host}:{port}/{name}?{urlencode(options)}"


def allowed_hosts(tracking_uri: str) -> str:
    """Host headers that MLflow answers to, on whatever port. Raises SystemExit when there is no host."""
    host = urlsplit(tracking_uri).hostname
    if not host:
        raise SystemExit(f"TRACKING_URI is {tracking_uri!r}: set it to the address that clients use")
    return f"{host},{host}:*"


def allowed_origin(tracking_uri: str) -> str:
    """The one origin whose pages may change anything: MLflow's own, which it refuses unless it is named."""
    parts = urlsplit(tracking_uri)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def server_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Environment of the server. Raises SystemExit when something is missing in `env`."""
    tracking_uri = _required(env, "TRACKING_URI")
    return {
        **DEFAULTS,
        **env,
        "MLFLOW_BACKEND_STORE_URI": store_uri(env),
        "MLFLOW_SERVER_ALLOWED_HOSTS": allowed_hosts(tracking_uri),
        "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS": allowed_origin(tracking_uri),
    }


def _required(env: Mapping[str, str], name: str) -> str:
    if value := env.get(name):
        return value
    raise SystemExit(f"{name} is missing in the container's environment: the task definition sets it")


def main() -> None:
    """Bring the database's schema up to date, then become the server."""
    env = server_environment(os.environ)
    migration = subprocess.run((sys.executable, str(MIGRATE)), env=env, check=False)
    if migration.returncode:
        raise SystemExit(migration.returncode)
    os.execve(sys.executable, (sys.executable, *SERVER), env)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
