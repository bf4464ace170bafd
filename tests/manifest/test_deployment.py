"""How a project's model is served, from the manifest, its defaults and the files beside it."""

import json

import pytest

from reconciler.core.desired import (
    Alarms,
    AsyncEndpoint,
    Deployment,
    RealtimeEndpoint,
    Resources,
    Rollout,
    Scaling,
    ServerlessEndpoint,
    Strategy,
)
from reconciler.errors import ManifestInvalid
from reconciler.manifest.instances import cheapest

TRAINING = "training: {resources: {vcpu: 1, memory: 2048}}"
TFVARS = "terraform/stacks/training/defaults.auto.tfvars.json"
VARIABLE = "TF_VAR_default_resource_requirements"


def listed(vcpu: float, memory: int, gpu: int = 0) -> str:
    entries = [("VCPU", vcpu), ("MEMORY", memory), ("GPU", gpu)]
    return json.dumps([{"type": kind, "value": str(value)} for kind, value in entries])


@pytest.fixture
def deployed(desired, checkout):
    """The deployment of project `a`: what its lines below `deployment` say, and what stands beside and above them."""

    def of(lines: str = "", monitoring: str = "", defaults: str = "", environment=None) -> Deployment:
        checkout.project("a")
        body = (
            f"defaults: {{deployment: {{{defaults}}}}}\n"
            f"projects: {{a: {{{TRAINING}, monitoring: {{{monitoring}}}, deployment: {{version: 3, {lines}}}}}}}"
        )
        deployment = desired(body, environment).projects[0].deployment
        assert deployment is not None
        return deployment

    return of


@pytest.fixture
def told(deployed, checkout):
    """The problems of such a deployment, with paths relative to the root."""

    def of(*lines: str, **more) -> list[str]:
        with pytest.raises(ManifestInvalid) as caught:
            deployed(*lines, **more)
        return [problem.removeprefix(f"{checkout.root}/") for problem in caught.value.problems]

    return of


def test_everything_that_a_deployment_can_say_arrives(deployed):
    found = deployed(
        "endpoint: {instance_type: ml.g5.xlarge, instances: {min: 2, max: 6, invocations_per_instance: 20}, vpc: true},"
        " rollout: {strategy: canary, size: 25%, bake: 10m}, keep_versions: 40",
        "alarms: {errors_5xx: 0.5%, errors_4xx: 10%, latency_p99: 2s}, capture: {sample: 20%}",
    )
    assert found == Deployment(
        3,
        RealtimeEndpoint("ml.g5.xlarge", 2),
        40,
        Scaling(2, 6, 20),
        Rollout(Strategy.CANARY, 25, 600),
        Alarms(0.5, 10, 2000),
        capture=20,
        vpc=True,
    )


def test_what_a_deployment_leaves_out_is_the_cores_default(deployed):
    found = deployed("endpoint: {instance_type: ml.m5.large}")
    assert found == Deployment(3, RealtimeEndpoint("ml.m5.large", 1))
    assert (found.rollout, found.alarms) == (Rollout(), Alarms())


def test_an_async_endpoint_that_scales_to_nothing_starts_with_one_instance(deployed):
    found = deployed(
        "endpoint: {type: async, instance_type: ml.g5.xlarge, max_concurrent: 8, vpc: true,"
        " instances: {min: 0, max: 4, backlog_per_instance: 5}}"
    )
    assert found.endpoint == AsyncEndpoint("ml.g5.xlarge", 1, 8)
    assert (found.scaling, found.vpc) == (Scaling(0, 4, 5), True)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{resources: {vcpu: 2, memory: 4096}}", RealtimeEndpoint("ml.t2.medium", 1)),
        ("{type: async, resources: {vcpu: 2, memory: 4096}, instances: 3}", AsyncEndpoint("ml.t2.medium", 3, 4)),
        (
            "{resources: {vcpu: 2, memory: 4096}, instances: {min: 1, max: 2, invocations_per_instance: 9}}",
            RealtimeEndpoint("ml.c5.large", 1),
        ),
        ("{resources: {vcpu: 4, memory: 16384, gpu: 1}}", RealtimeEndpoint("ml.g4dn.xlarge", 1)),
    ],
)
def test_resources_of_an_endpoint_get_the_cheapest_instance_that_holds_them_and_can_be_scaled(
    deployed, written, expected
):
    assert deployed(f"endpoint: {written}").endpoint == expected


@pytest.mark.parametrize(
    ("endpoint", "kind"),
    [
        ("", RealtimeEndpoint),
        ("endpoint: {type: realtime}", RealtimeEndpoint),
        ("endpoint: {type: async}", AsyncEndpoint),
    ],
)
def test_an_endpoint_that_says_nothing_of_its_instances_fits_the_first_place_that_says_what_the_project_needs(
    deployed, checkout, endpoint, kind
):
    in_file, in_environment, in_stack = (4, 30000), (8, 60000), (16, 120000)
    checkout.write(TFVARS, f'{{"default_resource_requirements": {listed(*in_stack)}}}')
    requirements = checkout.write("ml-projects/a/resource-requirements.json", listed(*in_file))
    environment = {VARIABLE: listed(*in_environment)}
    first = deployed(endpoint, environment=environment).endpoint
    requirements.unlink()
    second = deployed(endpoint, environment=environment).endpoint
    third = deployed(endpoint).endpoint
    chosen = [cheapest(Resources(*needs), elastic=False) for needs in (in_file, in_environment, in_stack)]
    assert [one.instance_type for one in (first, second, third)] == chosen
    assert len(set(chosen)) == 3
    assert {type(one) for one in (first, second, third)} == {kind}


def test_what_a_training_asks_for_in_the_manifest_says_nothing_of_the_endpoint(told):
    (problem,) = told()
    assert problem.startswith(
        "manifests/prod.yaml:8: projects.a.deployment.endpoint: nothing says what an instance needs; write an endpoint"
    )


def test_needs_that_no_instance_holds_are_told_with_their_origin(told, checkout):
    checkout.write("ml-projects/a/resource-requirements.json", listed(2, 10_000_000))
    (problem,) = told()
    assert problem.startswith(
        "manifests/prod.yaml:8: projects.a.deployment.endpoint: no SageMaker instance that we know has 2 vCPU, "
        "10000000 MiB, as ml-projects/a/resource-requirements.json asks for; write an endpoint with an instance_type"
    )


def test_a_requirements_file_that_cannot_be_read_is_told_once(told, checkout):
    checkout.write("ml-projects/a/resource-requirements.json", "[]")
    problems = told()
    assert len(problems) == 2
    assert all(one.startswith("ml-projects/a/resource-requirements.json:1: has no ") for one in problems)


def test_a_project_takes_the_endpoint_and_the_rollout_of_the_defaults_whole_or_not_at_all(deployed):
    defaults = "endpoint: {type: async, instance_type: ml.m5.xlarge}, rollout: {strategy: linear, size: 10%, bake: 1m}"
    taken = deployed(defaults=defaults)
    assert taken.endpoint == AsyncEndpoint("ml.m5.xlarge", 1, 4)
    assert taken.rollout == Rollout(Strategy.LINEAR, 10, 60)
    own = deployed("endpoint: {type: serverless}, rollout: {}", defaults=defaults)
    assert own.endpoint == ServerlessEndpoint(2048, 10)
    assert own.rollout == Rollout()


@pytest.mark.parametrize("strategy", ["canary", "linear", "rolling"])
def test_an_async_endpoint_takes_every_rollout_and_capture(deployed, strategy):
    found = deployed(
        f"endpoint: {{type: async, instance_type: ml.m5.large}}, rollout: {{strategy: {strategy}, size: 50%}}",
        "capture: {sample: 100%}",
    )
    assert found.rollout == Rollout(Strategy(strategy), 50, 120)
    assert found.capture == 100


def test_monitoring_may_stay_when_the_deployment_goes(desired, checkout):
    checkout.project("a")
    (project,) = desired(f"projects: {{a: {{{TRAINING}, monitoring: {{capture: {{sample: 5%}}}}}}}}").projects
    assert project.deployment is None
