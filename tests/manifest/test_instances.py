"""The cheapest instance that holds a model, and the table that it is looked up in."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.desired import Resources
from reconciler.manifest.aws_tables import INSTANCE_TYPES
from reconciler.manifest.instance_prices import DATE, INSTANCES, SOURCE
from reconciler.manifest.instances import cheapest

HELD = {name: (vcpu, memory, gpus) for name, vcpu, memory, gpus, _ in INSTANCES}
PRICE = {name: price for name, *_, price in INSTANCES}
RESOURCES = st.builds(
    Resources,
    st.sampled_from([0.25, 1, 2, 3, 4, 16, 48, 96, 192]),
    st.sampled_from([4, 2048, 4096, 4097, 8192, 60_000, 393_216, 1_572_864]),
    st.sampled_from([0, 1, 2, 4, 8]),
)


@pytest.mark.parametrize(
    ("resources", "elastic", "name"),
    [
        (Resources(0.25, 512), False, "ml.t2.medium"),
        (Resources(2, 4096), False, "ml.t2.medium"),
        (Resources(2, 4096), True, "ml.c5.large"),
        (Resources(2, 4097), False, "ml.t2.large"),
        (Resources(2, 4097), True, "ml.m5.large"),
        (Resources(2.5, 4096), True, "ml.c5.xlarge"),
        (Resources(2, 16384), True, "ml.r5.large"),
        (Resources(1, 1024, gpu=1), False, "ml.g4dn.xlarge"),
        (Resources(1, 1024, gpu=2), True, "ml.g4dn.12xlarge"),
        (Resources(1, 1024, gpu=8), True, "ml.g6.48xlarge"),
        (Resources(192, 2 * 1024 * 1024), True, "ml.p5.48xlarge"),
    ],
)
def test_the_cheapest_type_that_holds_the_resources_is_chosen(resources, elastic, name):
    assert cheapest(resources, elastic=elastic) == name


@pytest.mark.parametrize("resources", [Resources(193, 4), Resources(1, 2**22), Resources(1, 4, gpu=9)])
def test_nothing_is_chosen_when_no_type_is_large_enough(resources):
    assert cheapest(resources, elastic=False) is None


@given(RESOURCES, st.booleans())
def test_what_is_chosen_holds_the_resources(resources, elastic):
    name = cheapest(resources, elastic=elastic)
    if name is not None:
        vcpu, memory, gpus = HELD[name]
        assert vcpu >= resources.vcpu
        assert memory >= resources.memory
        assert gpus >= resources.gpu
        assert not (elastic and name.startswith("ml.t2."))


@given(RESOURCES, st.booleans(), st.sampled_from(["vcpu", "memory", "gpu"]))
def test_asking_for_less_never_costs_more(resources, elastic, field):
    whole = {"vcpu": resources.vcpu, "memory": resources.memory, "gpu": resources.gpu}
    less = Resources(**{**whole, field: whole[field] // 2})
    chosen = cheapest(resources, elastic=elastic)
    if chosen is not None:
        assert PRICE[cheapest(less, elastic=elastic)] <= PRICE[chosen]


@given(RESOURCES, st.booleans())
def test_chips_that_need_a_model_compiled_for_them_are_never_chosen(resources, elastic):
    assert not re.match(r"ml\.(inf|trn)", cheapest(resources, elastic=elastic) or "")


def test_every_type_of_the_table_can_host_an_endpoint():
    assert set(HELD) <= INSTANCE_TYPES
    assert len(HELD) == len(INSTANCES)


def test_no_type_of_the_table_has_an_arm_processor():
    assert not [name for name in HELD if re.match(r"ml\.[a-z]+[0-9]+g", name)]


def test_the_common_families_are_in_the_table():
    assert {name.split(".")[1] for name in HELD} >= {"t2", "m5", "c5", "r5", "g4dn", "g5"}


def test_within_a_family_more_memory_costs_more():
    for family in {name.rpartition(".")[0] for name in HELD if HELD[name][2] == 0}:
        sizes = sorted((HELD[name][1], PRICE[name]) for name in HELD if name.rpartition(".")[0] == family)
        assert sizes == sorted(sizes, key=lambda pair: pair[1]), family


def test_the_table_says_where_and_when_its_prices_are_from():
    assert "us-east-1" in SOURCE
    assert date(2026, 1, 1) <= date.fromisoformat(DATE) <= date(2026, 11, 23)
