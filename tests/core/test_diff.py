"""What differs between two specifications."""

from reconciler.core.actions import Change
from reconciler.core.diff import changes


def test_specifications_that_share_hardly_anything_differ_field_by_field():
    before = {"disk": 50, "gone": {"a": 1}, "old": "x"}
    after = {"disk": 100, "cidr": "", "zones": 2, "vpc_id": "", "max_vcpus": 64}
    assert [change.field for change in changes(before, after)] == [
        "cidr", "disk", "gone", "max_vcpus", "old", "vpc_id", "zones",
    ]  # fmt: skip


def test_a_field_in_a_list_of_objects_has_its_place():
    assert changes({"a": [{"b": 1, "c": 2}]}, {"a": [{"b": 1.0, "c": 3}]}) == (Change("a[0].c", 2, 3),)


def test_equal_numbers_of_another_type_are_no_difference():
    assert changes({"vcpu": 1}, {"vcpu": 1.0}) == ()
