"""The header: what the environment may fill in, and what has to be there in the end."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from reconciler.manifest.problem import Problem, Where
from reconciler.manifest.schema import ManifestFile

VARIABLES = {
    "platform": "TF_VAR_project",
    "environment": "TF_VAR_env_name",
    "region": "TF_VAR_region",
    "state_bucket": "TF_VAR_state_bucket_name",
}
TRACKING_VARIABLE = "MLFLOW_TRACKING_URI"
NO_PROJECTS = "write `projects: {}` when there are none, because that retires all"


def borrow(written: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """What the environment says of header keys that are not written."""
    found: dict[str, Any] = {key: environment[name] for key, name in VARIABLES.items() if environment.get(name)}
    borrowed = {key: value for key, value in found.items() if key not in written}
    mlflow = written.get("mlflow", {})
    knows_server = not isinstance(mlflow, dict) or {"tracking_uri", "server"} & mlflow.keys()
    if environment.get(TRACKING_VARIABLE) and written.get("sandbox") is not True and not knows_server:
        borrowed["mlflow"] = {**mlflow, "tracking_uri": environment[TRACKING_VARIABLE]}
    return borrowed


def attribute(problem: Problem, borrowed: Mapping[str, Any]) -> Problem:
    """The problem, with the name of the variable that the value came from."""
    key = problem.where[0] if problem.where else None
    if key not in borrowed or (key == "mlflow" and problem.where[1:] != ("tracking_uri",)):
        return problem
    return replace(problem, what=f"{problem.what} (from {VARIABLES.get(str(key), TRACKING_VARIABLE)})")


def missing(file: ManifestFile) -> Iterator[Problem]:
    """Header keys that are needed and given nowhere."""
    if file.version is None:
        yield Problem(("version",), "is missing; a manifest starts with `version: 1`")
    if file.projects is None:
        yield Problem(("projects",), f"is missing; {NO_PROJECTS}")
    sandbox: tuple[Where, ...] = (("sandbox",),)
    for key, variable in VARIABLES.items():
        optional = file.sandbox and key in ("region", "state_bucket")
        if getattr(file, key) is None and not optional:
            yield Problem((key,), f"is missing; write it in the header, or set {variable}", touches=sandbox)
    if not file.sandbox and not (file.mlflow and (file.mlflow.tracking_uri or file.mlflow.server)):
        ways = "mlflow: {tracking_uri: https://…} or mlflow: {server: {}}"
        yield Problem(("mlflow",), f"is missing; write {ways} here, or set {TRACKING_VARIABLE}", touches=sandbox)
