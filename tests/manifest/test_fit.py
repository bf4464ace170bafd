"""AWS Batch's rules on what a job may ask for."""

import pytest

from reconciler.core.desired import Compute, Resources
from reconciler.manifest.fit import FARGATE_MEMORY, default_compute, misfits

PAIRS = [(vcpu, memory) for vcpu, memories in FARGATE_MEMORY.items() for memory in memories]


def fields(resources: Resources, compute: Compute, max_vcpus: int = 64) -> list[str]:
    return [field for field, _ in misfits(resources, compute, max_vcpus)]


def test_there_are_77_legal_pairs_on_fargate():
    assert len(PAIRS) == len(set(PAIRS)) == 77


def test_the_table_has_the_ends_that_aws_documents():
    ends = {vcpu: (memories[0], memories[-1], len(memories)) for vcpu, memories in FARGATE_MEMORY.items()}
    assert ends == {
        0.25: (512, 2048, 3),
        0.5: (1024, 4096, 4),
        1: (2048, 8192, 7),
        2: (4096, 16384, 13),
        4: (8192, 30720, 23),
        8: (16384, 61440, 12),
        16: (32768, 122880, 12),
        32: (61440, 249856, 3),
    }


def test_every_legal_pair_fits_and_its_neighbours_do_not():
    for vcpu, memory in PAIRS:
        assert fields(Resources(vcpu, memory), Compute.FARGATE) == []
        assert fields(Resources(vcpu, memory + 1), Compute.FARGATE_SPOT) == ["memory"]
        assert fields(Resources(vcpu, memory - 1), Compute.FARGATE) == ["memory"]


@pytest.mark.parametrize(
    ("resources", "compute", "wrong"),
    [
        (Resources(3, 8192), Compute.FARGATE, ["vcpu"]),
        (Resources(64, 249856), Compute.FARGATE, ["vcpu"]),
        (Resources(1, 2048, gpu=1), Compute.FARGATE, ["gpu"]),
        (Resources(1, 2048, gpu=1), Compute.FARGATE_SPOT, ["gpu"]),
        (Resources(1, 2048, gpu=1), Compute.SPOT, []),
        (Resources(0.5, 1000), Compute.ON_DEMAND, ["vcpu"]),
        (Resources(3, 1000), Compute.ON_DEMAND, []),
        (Resources(65, 1000), Compute.SPOT, ["vcpu"]),
        (Resources(64, 1000), Compute.SPOT, []),
    ],
)
def test_what_does_not_fit_is_told_by_its_field(resources, compute, wrong):
    assert fields(resources, compute) == wrong


@pytest.mark.parametrize(
    ("resources", "compute"),
    [
        (Resources(1, 2048), Compute.FARGATE),
        (Resources(32, 249856), Compute.FARGATE),
        (Resources(3, 5000), Compute.FARGATE),
        (Resources(1, 2048, gpu=1), Compute.ON_DEMAND),
        (Resources(33, 2048), Compute.ON_DEMAND),
        (Resources(1, 249857), Compute.ON_DEMAND),
    ],
)
def test_fargate_is_the_default_for_all_that_it_can_hold(resources, compute):
    assert default_compute(resources) == compute


def test_the_nearest_legal_memory_is_named():
    ((_, sentence),) = misfits(Resources(2, 5000), Compute.FARGATE, 64)
    assert "4096 to 16384 in steps of 1024" in sentence
    assert "the nearest is 5120" in sentence
