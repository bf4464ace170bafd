"""What the planner hands in is what the stacks give back, under the names by which the adapters look for it.

The planner's own values go through the stacks here, with a mocked AWS.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.core import names
from reconciler.core.actions import Deploy, ProvisionDeployment, ProvisionPlatform, ProvisionTraining, Update
from reconciler.core.desired import (
    Alarms,
    AsyncEndpoint,
    GitHub,
    Rollout,
    Scaling,
    ServerlessEndpoint,
    Strategy,
)
from reconciler.core.foundation import plan_bootstrap, plan_server
from reconciler.core.observed import ModelVersion, ObservedProject
from reconciler.core.plan import plan
from reconciler.core.release import Release
from reconciler.core.server import Server
from support.builders import (
    ACCOUNT,
    CODE,
    PLATFORM,
    converged,
    deployment_stack,
    desired,
    observed,
    project,
    release,
    version_of,
)

CONTRACT = Path(__file__).parent / "contract"
NAME = "churn"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"
SERVERLESS = ServerlessEndpoint(memory=2048, max_concurrency=5)
HEADER = {"platform": PLATFORM.name, "environment": PLATFORM.environment}


def planned(kind: type, seen: ObservedProject, *, platform: bool = True, **more: Any) -> Mapping[str, Any]:
    """The specification in the first action of a kind that the planner plans."""
    actions = plan(desired(project(NAME, **more)), observed(seen, platform=platform)).actions
    return next(action.spec for action in actions if isinstance(action, kind))


def platform_case() -> tuple[dict[str, Any], dict[str, Any]]:
    spec = planned(ProvisionPlatform, ObservedProject(NAME), platform=False)
    return {**HEADER, **spec}, {"spec": spec, "queues": names.queues(PLATFORM)}


def training_case() -> tuple[dict[str, Any], dict[str, Any]]:
    spec = planned(ProvisionTraining, ObservedProject(NAME), owner="search-ml", protect=True)
    expected = {
        "spec": spec,
        "job_definition": names.job_definition(PLATFORM, NAME),
        "repository": names.training_repository(PLATFORM, NAME),
    }
    return {**HEADER, "project": NAME, **spec}, expected


def deployment_case(spec: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    retained = [Release.from_variable(value) for value in spec["releases"]]
    told = [{"env": {}, **value} for value in spec["releases"]]  # the stack says what a release leaves out
    expected = {
        "spec": {**spec, "releases": told},
        "endpoint": names.endpoint(PLATFORM, NAME) if spec["live"] else "",
        "configurations": [names.configuration(PLATFORM, NAME, one.name) for one in retained],
        "repository": names.model_repository(PLATFORM, NAME),
    }
    return {**HEADER, "project": NAME, **spec}, expected


def empty_deployment() -> tuple[dict[str, Any], dict[str, Any]]:
    seen = ObservedProject(NAME, versions=(ModelVersion(1, "run-1"),))
    return deployment_case(planned(ProvisionDeployment, seen))


def first_deployment() -> tuple[dict[str, Any], dict[str, Any]]:
    seen = ObservedProject(NAME, versions=(version_of("first"),))
    return deployment_case(planned(Deploy, seen, endpoint=SERVERLESS, owner="search-ml"))


def rolled_back_deployment() -> tuple[dict[str, Any], dict[str, Any]]:
    seen = converged(project(NAME, pin=2), kept=(1,))
    return deployment_case(planned(Update, seen, pin=1))


def serving_deployment() -> tuple[dict[str, Any], dict[str, Any]]:
    """Everything that a deployment can say, and a release of each other kind kept beside the live one."""
    serving = {
        "scaling": Scaling(0, 4, 5),
        "rollout": Rollout(Strategy.CANARY, 25, 600),
        "alarms": Alarms(1.5, 10.0, 400),
        "capture": 20,
        "vpc": True,
    }
    wanted = project(NAME, pin=3, endpoint=AsyncEndpoint("ml.m5.large", 1, 8), serving=serving)
    kept = deployment_stack(release(2), release(1, endpoint=SERVERLESS), wanted=project(NAME))
    seen = replace(
        converged(project(NAME, pin=2)),
        deployment=kept,
        endpoint=None,
        versions=(ModelVersion(3, "run-3"),),
        metrics={"accuracy": 0.9666666, "loss": 1e-9},
    )
    spec = plan(desired(wanted), observed(seen)).projects[0].actions[-1].spec
    return deployment_case(spec)


def scheduled_training() -> tuple[dict[str, Any], dict[str, Any]]:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/${project}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    wanted = project(NAME)
    wanted = replace(wanted, training=replace(wanted.training, schedule="cron(0 3 ? * MON *)", policy=policy))
    actions = plan(desired(wanted), observed(ObservedProject(NAME))).actions
    spec = next(action.spec for action in actions if isinstance(action, ProvisionTraining))
    assert "data/churn/" in spec["policy"]
    expected = {
        "spec": spec,
        "job_definition": names.job_definition(PLATFORM, NAME),
        "repository": names.training_repository(PLATFORM, NAME),
    }
    return {**HEADER, "project": NAME, **spec}, expected


VPN = {"server_certificate_arn": CERTIFICATE, "authority_arn": CERTIFICATE}


def server_case(server: Server, vpn: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    platform = replace(PLATFORM, server=server)
    asked = replace(desired(), platform=platform, code=replace(CODE, server="s" * 12, server_image="i" * 12))
    spec = plan_server(asked, None, (), ACCOUNT, vpn)[-1].spec
    expected = {
        "spec": spec,
        "uri": names.server_uri(platform),
        "repository": names.server_repository(platform),
        "bucket": names.server_bucket(platform, ACCOUNT),
    }
    return {**HEADER, **spec}, expected


def private_server() -> tuple[dict[str, Any], dict[str, Any]]:
    return server_case(Server(vpn_cidr="10.31.0.0/22"), VPN)


def public_name_server() -> tuple[dict[str, Any], dict[str, Any]]:
    return server_case(Server(domain="mlflow.acme.example", certificate_arn=CERTIFICATE), {})


def bootstrap_case() -> tuple[dict[str, Any], dict[str, Any]]:
    platform = replace(PLATFORM, github=GitHub("acme/models", "prod"))
    [step] = plan_bootstrap(replace(desired(), platform=platform), None, {}, bucket=False, provider="")
    return {**HEADER, **step.spec}, {"spec": step.spec, "bucket": PLATFORM.state_bucket}


CASES = {
    "bootstrap": ("bootstrap", bootstrap_case),
    "private server": ("mlflow-server", private_server),
    "server with a name of its own": ("mlflow-server", public_name_server),
    "platform": ("platform", platform_case),
    "training": ("training", training_case),
    "scheduled training": ("training", scheduled_training),
    "everything in a deployment": ("deployment", serving_deployment),
    "deployment without an endpoint": ("deployment", empty_deployment),
    "first deployment": ("deployment", first_deployment),
    "rollback": ("deployment", rolled_back_deployment),
}


@pytest.mark.e2e
@pytest.mark.parametrize(("kind", "case"), CASES.values(), ids=CASES.keys())
def test_a_stack_gives_back_what_the_planner_hands_in(
    kind: str,
    case: Callable[[], tuple[dict[str, Any], dict[str, Any]]],
    make_stack: Callable[[str], Any],
    shared_provider: Callable[[Any], Mapping[str, str]],
) -> None:
    stack = make_stack(kind)
    variables, expected = case()
    (stack.folder / "planned.auto.tfvars.json").write_text(json.dumps(variables))
    (stack.folder / "expected.json").write_text(json.dumps(expected))
    shutil.copy(CONTRACT / f"{kind}.tftest.hcl", stack.folder / "tests" / "contract.tftest.hcl")
    ran = stack.terraform("test", "-no-color", "-filter=tests/contract.tftest.hcl", **shared_provider(stack))
    assert ran.code == 0, ran


def test_the_names_of_releases_are_those_that_the_stack_takes() -> None:
    taken = r"^v[0-9]{1,4}-[0-9a-f]{7}$"
    code = (Path(__file__).resolve().parents[2] / "terraform/stacks/deployment/variables_releases.tf").read_text()
    assert f'regex("{taken}", release.name)' in code
    for version in (1, 42, 9999):
        assert len(release(version).name) <= len("v9999-1234567")
        assert release(version).name.startswith(f"v{version}-")
