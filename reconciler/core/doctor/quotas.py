"""What AWS lets an account have of what the manifest asks for."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.core.desired import Compute, Deployment, DesiredState, ServerlessEndpoint
from reconciler.core.doctor.finding import Finding, ok, warning

QUOTAS = "quotas"
_POOLS = {
    (Compute.FARGATE, False): ("fargate", "Fargate On-Demand vCPU resource count"),
    (Compute.FARGATE_SPOT, False): ("fargate", "Fargate Spot vCPU resource count"),
    (Compute.ON_DEMAND, False): ("ec2", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"),
    (Compute.SPOT, False): ("ec2", "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests"),
    (Compute.ON_DEMAND, True): ("ec2", "Running On-Demand G and VT instances"),
    (Compute.SPOT, True): ("ec2", "All G and VT Spot Instance Requests"),
}
"""Service and quota, in vCPUs, of each kind of job queue, with GPUs or without; the platform's GPUs are of g4dn and g5.

https://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html
"""
SERVICES = ("sagemaker", "fargate", "ec2")


@dataclass(frozen=True, slots=True)
class Want:
    """What the manifest asks for at the most at one time."""

    service: str
    quota: str
    """Its name in Service Quotas."""
    amount: float
    why: str


@dataclass(frozen=True, slots=True)
class Quota:
    """What the account may have."""

    code: str
    value: float


def wants(desired: DesiredState) -> tuple[Want, ...]:
    """Everything that a quota may refuse: endpoints' instances, and vCPUs of the largest training job."""
    return (*_endpoints(desired), *_jobs(desired))


def judge_quota(want: Want, quota: Quota | None, region: str) -> Finding:
    """Whether there is enough; None: AWS tells of no such quota."""
    if quota is None:
        remedy = f"look for it in the console: Service Quotas, {want.service}"
        return warning(QUOTAS, f"AWS does not tell what {want.quota!r} is here", remedy)
    if quota.value >= want.amount:
        return ok(QUOTAS, f"{want.quota}: {quota.value:g}")
    raise_it = (
        f"aws service-quotas request-service-quota-increase --region {region} --service-code {want.service}"
        f" --quota-code {quota.code} --desired-value {want.amount:g}"
    )
    return warning(QUOTAS, f"{want.quota}: {quota.value:g}, and {want.amount:g} may be needed: {want.why}", raise_it)


def _endpoints(desired: DesiredState) -> Iterator[Want]:
    fleets: defaultdict[str, list[int]] = defaultdict(list)
    for project in desired.projects:
        if project.deployment and not isinstance(project.deployment.endpoint, ServerlessEndpoint):
            fleets[project.deployment.endpoint.instance_type].append(_most(project.deployment))
    for kind, sizes in sorted(fleets.items()):
        live, largest = sum(sizes), max(sizes)
        why = f"{live} live, and {largest} more while the largest endpoint is rolled out"
        yield Want("sagemaker", f"{kind} for endpoint usage", live + largest, why)


def _most(deployment: Deployment) -> int:
    """Instances that an endpoint may grow to."""
    if deployment.scaling:
        return deployment.scaling.max
    return 0 if isinstance(deployment.endpoint, ServerlessEndpoint) else deployment.endpoint.instances


def _jobs(desired: DesiredState) -> Iterator[Want]:
    largest: dict[tuple[Compute, bool], tuple[float, str]] = {}
    for project in desired.projects:
        training = project.training
        pool = (training.compute, training.resources.gpu > 0)
        largest[pool] = max(largest.get(pool, (0.0, "")), (training.resources.vcpu, project.title))
    for pool, (vcpu, title) in sorted(largest.items()):
        service, quota = _POOLS[pool]
        yield Want(service, quota, vcpu, f"the training of {title}")
