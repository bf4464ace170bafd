"""What the container's environment turns into."""

from types import SimpleNamespace

import pytest
from sqlalchemy.engine import make_url

DATABASE = {
    "DATABASE_ENGINE": "mysql",
    "DATABASE_HOST": "db.example",
    "DATABASE_PORT": "3306",
    "DATABASE_NAME": "mlflow",
    "DATABASE_USER": "admin",
    "DATABASE_PASSWORD": "secret",
}
TASK = {**DATABASE, "TRACKING_URI": "http://mlflow.acme-prod.internal", "MLFLOW_ARTIFACTS_DESTINATION": "s3://bucket"}


@pytest.mark.parametrize("password", ["secret", "p@ss/w:rd?#%1", "ünïcode +&= ", "%41"])
@pytest.mark.parametrize("engine", ["mysql", "postgres"])
def test_every_password_arrives_as_it_is(entrypoint: SimpleNamespace, engine: str, password: str) -> None:
    uri = entrypoint.store_uri({**DATABASE, "DATABASE_ENGINE": engine, "DATABASE_PASSWORD": password})
    url = make_url(uri)
    assert (url.username, url.password) == ("admin", password)
    assert (url.host, url.port, url.database) == ("db.example", 3306, "mlflow")


@pytest.mark.parametrize(
    ("engine", "driver", "options"),
    [
        ("mysql", "mysql+pymysql", {"ssl_ca": "/app/rds.pem"}),
        ("postgres", "postgresql+psycopg2", {"sslmode": "verify-full", "sslrootcert": "/app/rds.pem"}),
    ],
)
def test_the_database_is_asked_for_its_certificate(
    entrypoint: SimpleNamespace, engine: str, driver: str, options: dict[str, str]
) -> None:
    url = make_url(entrypoint.store_uri({**DATABASE, "DATABASE_ENGINE": engine}))
    assert url.drivername == driver
    assert dict(url.query) == {**options, "connect_timeout": "5"}


def test_a_store_that_is_given_whole_is_taken_as_it_is(entrypoint: SimpleNamespace) -> None:
    given = "sqlite:////data/mlflow.db"
    assert entrypoint.store_uri({**DATABASE, "MLFLOW_BACKEND_STORE_URI": given}) == given


@pytest.mark.parametrize(
    ("tracking_uri", "hosts", "origin"),
    [
        ("http://mlflow.acme.io", "mlflow.acme.io,mlflow.acme.io:*", "http://mlflow.acme.io"),
        ("https://mlflow.acme.io", "mlflow.acme.io,mlflow.acme.io:*", "https://mlflow.acme.io"),
        ("http://MLflow.Acme.io:8080/", "mlflow.acme.io,mlflow.acme.io:*", "http://mlflow.acme.io:8080"),
    ],
)
def test_only_the_name_that_clients_use_is_answered(
    entrypoint: SimpleNamespace, tracking_uri: str, hosts: str, origin: str
) -> None:
    env = entrypoint.server_environment({**TASK, "TRACKING_URI": tracking_uri})
    assert env["MLFLOW_SERVER_ALLOWED_HOSTS"] == hosts
    assert env["MLFLOW_SERVER_CORS_ALLOWED_ORIGINS"] == origin


def test_the_server_keeps_what_it_is_given_and_adds_what_it_needs(entrypoint: SimpleNamespace) -> None:
    env = entrypoint.server_environment({**TASK, "MLFLOW_WORKERS": "2", "MLFLOW_PORT": "5001"})
    assert (env["MLFLOW_WORKERS"], env["MLFLOW_PORT"], env["MLFLOW_HOST"]) == ("2", "5001", "0.0.0.0")
    assert env["MLFLOW_ARTIFACTS_DESTINATION"] == "s3://bucket"
    assert env["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert env["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"


@pytest.mark.parametrize("name", [*DATABASE, "TRACKING_URI"])
@pytest.mark.parametrize("value", [None, ""])
def test_what_is_missing_is_named(entrypoint: SimpleNamespace, name: str, value: str | None) -> None:
    env = {key: kept for key, kept in TASK.items() if key != name} | ({} if value is None else {name: value})
    with pytest.raises(SystemExit, match=f"^{name} is missing"):
        entrypoint.server_environment(env)


@pytest.mark.parametrize(
    ("name", "value"), [("DATABASE_ENGINE", "oracle"), ("TRACKING_URI", "mlflow.acme.io"), ("TRACKING_URI", "http://")]
)
def test_what_cannot_be_is_refused_by_name(entrypoint: SimpleNamespace, name: str, value: str) -> None:
    with pytest.raises(SystemExit, match=f"^{name} is '{value}': set it to "):
        entrypoint.server_environment({**TASK, name: value})


def test_a_message_never_shows_the_password(entrypoint: SimpleNamespace) -> None:
    with pytest.raises(SystemExit) as refused:
        entrypoint.server_environment({**TASK, "DATABASE_NAME": ""})
    assert "secret" not in str(refused.value)
