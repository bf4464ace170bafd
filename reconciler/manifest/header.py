"""The header: what the environment may fill in, and what has to be there in the end."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from reconciler.core.desired import Platform
from reconciler.manifest.problem import Problem, Where
from reconciler.manifest.schema import ManifestFile, Network

VARIABLES = {
    "platform": "TF_VAR_project",
    "environment": "TF_VAR_env_name",
    "region": "TF_VAR_region",
    "state_bucket": "TF_VAR_state_bucket_name",
}
TRACKING_VARIABLE = "MLFLOW_TRACKING_URI"
SANDBOX_REGION = "eu-west-1"


def borrow(written: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """What the environment says of header keys that are not written."""
    found: dict[str, Any] = {key: environment[name] for key, name in VARIABLES.items() if environment.get(name)}
    if environment.get(TRACKING_VARIABLE) and written.get("sandbox") is not True:
        found["mlflow"] = {"tracking_uri": environment[TRACKING_VARIABLE]}
    return {key: value for key, value in found.items() if key not in written}


def attribute(problem: Problem, borrowed: Mapping[str, Any]) -> Problem:
    """The problem, with the name of the variable that the value came from."""
    key = problem.where[0] if problem.where else None
    if key not in borrowed:
        return problem
    return replace(problem, what=f"{problem.what} (from {VARIABLES.get(str(key), TRACKING_VARIABLE)})")


def missing(file: ManifestFile) -> Iterator[Problem]:
    """Header keys that are needed and given nowhere."""
    if file.version is None:
        yield Problem(("version",), "is missing; a manifest starts with `version: 1`")
    if file.projects is None:
        yield Problem(("projects",), "is missing; write `projects: {}` when there are none, because that retires all")
    sandbox: tuple[Where, ...] = (("sandbox",),)
    for key, variable in VARIABLES.items():
        optional = file.sandbox and key in ("region", "state_bucket")
        if getattr(file, key) is None and not optional:
            yield Problem((key,), f"is missing; write it in the header, or set {variable}", touches=sandbox)
    if file.mlflow is None and not file.sandbox:
        what = f"is missing; write mlflow: {{tracking_uri: https://…}} here, or set {TRACKING_VARIABLE}"
        yield Problem(("mlflow",), what, touches=sandbox)


def platform_of(file: ManifestFile) -> Platform:
    """The environment, once `missing` has nothing to say; `tracking_uri` is empty for the sandbox's own server."""
    network = file.network or Network(vpc_id="")
    return Platform(
        name=file.platform or "",
        environment=file.environment or "",
        region=file.region or SANDBOX_REGION,
        state_bucket=file.state_bucket or f"{file.platform}-{file.environment}-tfstate",
        tracking_uri=file.mlflow.tracking_uri if file.mlflow else "",
        account=file.account,
        vpc_id=network.vpc_id,
        subnet_ids=network.subnet_ids,
        max_vcpus=file.max_vcpus,
    )
