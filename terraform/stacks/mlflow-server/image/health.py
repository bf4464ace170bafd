"""Exit 0 while the server answers and the database takes the password that this container was started with.

RDS changes the password every seven days. Connections that are open stay open, new ones are refused: the orchestrator
then replaces the container, and the next one is started with the new password.
"""

import os
import urllib.request

import entrypoint
import sqlalchemy

SECONDS = 5


def check(env: dict[str, str]) -> None:
    """Raise whatever shows that the container should be replaced."""
    port = env.get("MLFLOW_PORT", entrypoint.DEFAULTS["MLFLOW_PORT"])
    urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=SECONDS).close()
    with sqlalchemy.create_engine(entrypoint.store_uri(env), poolclass=sqlalchemy.pool.NullPool).connect():
        pass


if __name__ == "__main__":
    check(dict(os.environ))
