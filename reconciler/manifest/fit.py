"""AWS Batch's own rules on vCPU, memory and GPU, told before AWS tells them minutes later."""

from collections.abc import Iterator

from reconciler.core.desired import Compute, Resources

FARGATE_MEMORY: dict[float, tuple[int, ...]] = {
    0.25: (512, 1024, 2048),
    0.5: tuple(range(1024, 4096 + 1, 1024)),
    1: tuple(range(2048, 8192 + 1, 1024)),
    2: tuple(range(4096, 16384 + 1, 1024)),
    4: tuple(range(8192, 30720 + 1, 1024)),
    8: tuple(range(16384, 61440 + 1, 4096)),
    16: tuple(range(32768, 122880 + 1, 8192)),
    32: (61440, 122880, 249856),
}
"""Legal MiB for each vCPU: https://docs.aws.amazon.com/batch/latest/APIReference/API_ResourceRequirement.html"""
UNITS = 1024
"""Fargate CPU units of one vCPU."""
MOST_SERVER_VCPU = 16
MOST_VCPU = max(FARGATE_MEMORY)
MOST_MEMORY = max(max(memory) for memory in FARGATE_MEMORY.values())


def default_compute(resources: Resources) -> Compute:
    """Fargate, which costs nothing while idle, for all that it can hold."""
    beyond = resources.gpu > 0 or resources.vcpu > MOST_VCPU or resources.memory > MOST_MEMORY
    return Compute.ON_DEMAND if beyond else Compute.FARGATE


def misfits(resources: Resources, compute: Compute, max_vcpus: int) -> Iterator[tuple[str, str]]:
    """(field, sentence) for each of `vcpu`, `memory` and `gpu` that no job on `compute` can have."""
    yield from _on_fargate(resources, compute) if compute.serverless else _on_ec2(resources, compute)
    if resources.vcpu > max_vcpus:
        yield "vcpu", f"{resources.vcpu:g} is more than max_vcpus ({max_vcpus}), because the job would wait for ever"


def _on_fargate(resources: Resources, compute: Compute) -> Iterator[tuple[str, str]]:
    legal = FARGATE_MEMORY.get(resources.vcpu)
    if resources.gpu:
        remedy = "use compute: on_demand or spot"
        yield "gpu", f"{resources.gpu} on {compute.value}, because AWS Fargate has no GPUs; {remedy}"
    elif legal is None:
        sizes = ", ".join(f"{size:g}" for size in FARGATE_MEMORY)
        remedy = "use one of them, or compute: on_demand or spot"
        yield "vcpu", f"{resources.vcpu:g} on {compute.value}, because AWS Fargate has {sizes} vCPU only; {remedy}"
    elif resources.memory not in legal:
        yield "memory", _wrong_pair(resources.vcpu, resources.memory, compute, legal)


def server_misfits(cpu: int, memory: int) -> Iterator[tuple[str, str]]:
    """(field, sentence) for each of `cpu` (units) and `memory` (MiB) that no ECS task on Fargate can have."""
    legal = FARGATE_MEMORY.get(cpu / UNITS)
    if legal is None:
        sizes = ", ".join(f"{size * UNITS:g}" for size in FARGATE_MEMORY if size <= MOST_SERVER_VCPU)
        yield "cpu", f"{cpu} on fargate, because AWS Fargate has {sizes} CPU units only; use one of them"
    elif memory not in legal:
        yield "memory", _wrong_pair(cpu / UNITS, memory, Compute.FARGATE, legal)


def _wrong_pair(vcpu: float, memory: int, compute: Compute, legal: tuple[int, ...]) -> str:
    pair = f"{memory} MiB with {vcpu:g} vCPU on {compute.value}"
    remedy = f"the nearest is {_nearest(memory, legal)}"
    return f"{pair}, because AWS Fargate takes {_spelled(legal)} MiB there; {remedy}"


def _on_ec2(resources: Resources, compute: Compute) -> Iterator[tuple[str, str]]:
    if resources.vcpu % 1:
        remedy = "use a whole number, or compute: fargate"
        yield "vcpu", f"{resources.vcpu:g} on {compute.value}, because AWS Batch gives whole vCPUs on EC2; {remedy}"


def _spelled(legal: tuple[int, ...]) -> str:
    if len(legal) <= 4:
        return ", ".join(map(str, legal))
    return f"{legal[0]} to {legal[-1]} in steps of {legal[1] - legal[0]}"


def _nearest(memory: int, legal: tuple[int, ...]) -> int:
    return min(legal, key=lambda size: (abs(size - memory), -size))
