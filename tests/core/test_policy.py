"""Policy templates: our variables are replaced, IAM's are not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.policy import VARIABLES, render, variables

VALUES = {
    "platform": "acme",
    "environment": "prod",
    "region": "eu-west-1",
    "project": "churn",
    "account": "123456789012",
    "partition": "aws",
    "artifact_bucket": "acme-artifacts",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_characters="$")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_characters="$")), inner),
)


def test_there_is_a_value_for_every_variable():
    assert set(VALUES) == set(VARIABLES)


def test_every_variable_is_replaced_by_its_value():
    template = json.dumps([f"${{{name}}}" for name in VARIABLES])
    assert json.loads(render(template, VALUES)) == [VALUES[name] for name in VARIABLES]


def test_several_variables_in_one_text_are_replaced():
    arn = '"arn:${partition}:s3:::${artifact_bucket}/${project}/*"'
    assert render(arn, VALUES) == '"arn:aws:s3:::acme-artifacts/churn/*"'


def test_variables_in_keys_are_replaced():
    assert render('{"aws:ResourceTag/${platform}": 1}', VALUES) == '{"aws:ResourceTag/acme":1}'


@pytest.mark.parametrize(
    "variable", ["${aws:username}", "${s3:prefix}", "${aws:PrincipalTag/team, 'none'}", "${*}", "${?}", "${$}"]
)
def test_variables_of_iam_stay_as_they_are(variable):
    assert json.loads(render(json.dumps(f"{variable}/${{project}}"), VALUES)) == f"{variable}/churn"


def test_a_dollar_and_braces_apart_are_plain_text():
    assert render('"$project {project} $ {project} ${project"', VALUES) == '"$project {project} $ {project} ${project"'


def test_the_result_is_compact_and_keeps_the_order_of_the_keys():
    template = '{\n  "Version": "2012-10-17",\n  "Statement": [ {"Sid": "B", "Action": "s3:GetObject"} ]\n}\n'
    assert render(template, VALUES) == '{"Version":"2012-10-17","Statement":[{"Sid":"B","Action":"s3:GetObject"}]}'


def test_letters_beyond_ascii_are_not_escaped():
    assert render(r'"caf\u00e9"', VALUES) == '"café"'


def test_a_value_with_quotes_cannot_break_out_of_its_text():
    rendered = render('["${platform}"]', {**VALUES, "platform": '", "*'})
    assert json.loads(rendered) == ['", "*']


def test_a_value_is_not_looked_through_for_variables_again():
    assert render('"${platform}"', {**VALUES, "platform": "${project}"}) == '"${project}"'


def test_a_variable_without_a_value_is_an_error():
    with pytest.raises(KeyError, match="bucket"):
        render('"${bucket}"', VALUES)


def test_the_variables_that_iam_does_not_replace_are_named():
    assert list(variables("${platform}/${aws:userid}/${oops}/${*}/${}")) == ["platform", "oops", ""]


@given(JSON)
def test_whatever_holds_no_variable_is_the_same_after_rendering(value):
    assert json.loads(render(json.dumps(value), VALUES)) == value


@given(JSON)
def test_rendering_what_was_rendered_changes_nothing(value):
    once = render(json.dumps(value), VALUES)
    assert render(once, VALUES) == once
