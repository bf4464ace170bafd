"""Bring the database's schema to that of the installed MLflow.

The server itself makes the tables of an empty database, but refuses one that an older MLflow has made.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy
from mlflow.db import commands

SECONDS = 600
# The database's own locks, gone with the connection that holds them. PostgreSQL's have numbers: any that is ours.
LOCKS = {
    "mysql": f"SELECT GET_LOCK('mlflow-migration', {SECONDS})",
    "postgresql": "SELECT pg_advisory_lock(3172)",
}


@contextmanager
def alone(uri: str) -> Iterator[None]:
    """Hold the database's own lock: tasks that start together migrate one after another. Raises SystemExit."""
    engine = sqlalchemy.create_engine(uri, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.pool.NullPool)
    lock = LOCKS.get(engine.dialect.name)
    if lock is None:
        yield
        return
    with engine.connect() as connection:
        if connection.scalar(sqlalchemy.text(lock)) == 0:
            raise SystemExit(f"another task has been migrating the database for {SECONDS} seconds: see its log")
        yield


def main() -> None:
    """Migrate the database that the environment names. Raises what SQLAlchemy raises."""
    uri = os.environ["MLFLOW_BACKEND_STORE_URI"]
    with alone(uri):
        commands.main(["upgrade", uri], standalone_mode=False)


if __name__ == "__main__":
    main()
