"""Parameters that somebody gives a training by hand."""

from dataclasses import replace

import pytest

from reconciler.commands.parameters import check_parameters, given_parameters
from reconciler.core.desired import Demands, Inputs
from reconciler.errors import ReconcilerError
from support.builders import desired, project

KNOWN = (("alpha", "float"), ("data", "uri"), ("name", "string"))


def check(given, entry_point="", of_manifest=()):
    wanted = project()
    training = replace(wanted.training, inputs=Inputs(entry_point, of_manifest))
    wanted = replace(wanted, training=training, source=replace(wanted.source, parameters=KNOWN))
    demands = Demands(train=frozenset({wanted.title}), parameters=given_parameters(given))
    check_parameters(demands, desired(wanted))


@pytest.mark.parametrize("given", [(), ("alpha=1e-3",), ("data=file:/x", "name="), ("name=a=b", "alpha=inf")])
def test_what_the_entry_point_takes_passes(given):
    check(given)


def test_a_script_is_given_whatever_there_is():
    check(["epochs=3", "alpha=high"], entry_point="train.py")


def test_of_one_parameter_that_is_given_twice_the_last_counts():
    assert given_parameters(["a=1", "b=", "a=2=3"]) == (("a", "2=3"), ("b", ""))


@pytest.mark.parametrize(
    ("given", "told", "remedy"),
    [
        (["alpha"], "-P alpha is no parameter", "write KEY=VALUE"),
        (["=1"], "-P =1 is no parameter", "write KEY=VALUE"),
        (["alhpa=1"], "-P alhpa: is no parameter of main; did you mean alpha?", "churn takes: alpha, data, name"),
        (["x=1"], "-P x: is no parameter of main; there are alpha, data, name", "churn takes"),
        (["alpha=high"], "-P alpha: 'high' is no number, and main asks for a float", "churn takes"),
        (["data=here"], "-P data: 'here' is no URI", "churn takes"),
        (["name=" + "x" * 3500], "churn would be given more than 3500 characters of parameters", "the name of a file"),
    ],
)
def test_what_the_entry_point_does_not_take_is_refused_before_anything_is_asked(given, told, remedy):
    with pytest.raises(ReconcilerError) as refused:
        check(given)
    assert told in refused.value.what
    assert remedy in refused.value.remedy


def test_the_parameters_of_the_manifest_count_as_well_for_what_is_handed_over():
    with pytest.raises(ReconcilerError, match="more than 3500 characters"):
        check(["alpha=1"], of_manifest=(("name", "x" * 3500),))
