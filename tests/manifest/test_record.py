"""The classes that the schema is written in are as good as frozen dataclasses."""

import pytest

from reconciler.manifest.record import Record, fields, is_record


class Shape(Record):
    """Something to draw."""

    name: str
    sides: int = 4


class Filled(Shape):
    """Something to paint."""

    colour: str = "grey"


def test_a_record_is_made_by_keyword_and_fills_in_what_is_left_out():
    found = Filled(name="square", colour="red")
    assert (found.name, found.sides, found.colour) == ("square", 4, "red")
    assert repr(found) == "Filled(name='square', sides=4, colour='red')"


def test_records_of_one_kind_with_the_same_values_are_equal_and_others_are_not():
    assert Shape(name="square") == Shape(name="square", sides=4)
    assert hash(Shape(name="square")) == hash(Shape(name="square", sides=4))
    assert Shape(name="square") != Shape(name="square", sides=5)
    assert Shape(name="square") != Filled(name="square")


def test_a_record_is_never_changed():
    shape = Shape(name="square")
    with pytest.raises(AttributeError, match=r"Shape\.sides cannot be changed"):
        shape.sides = 5  # type: ignore[misc]


@pytest.mark.parametrize("given", [{}, {"name": "square", "angle": 90}])
def test_a_record_takes_no_unknown_key_and_does_without_none_that_it_needs(given):
    with pytest.raises(TypeError, match="Shape: unknown or missing"):
        Shape(**given)


def test_the_keys_of_a_record_are_those_of_its_base_first():
    assert [(one.name, one.type) for one in fields(Filled)] == [("name", str), ("sides", int), ("colour", str)]
    assert is_record(Filled)
    assert not is_record("Filled")
    assert not is_record(int)
