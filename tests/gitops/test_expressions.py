"""The expressions of workflows, by table."""

import pytest

from support.workflows.expressions import Scope, evaluate, holds, interpolate, resolve
from support.workflows.values import Wrong

SCOPE = Scope(
    {
        "github": {
            "event_name": "push",
            "ref": "refs/heads/main",
            "event": {"labels": [{"name": "one"}, {"name": "two"}], "number": 7, "fork": False},
        },
        "needs": {"plan": {"result": "success", "outputs": {"pending": "true", "list": '[{"name": "prod"}]'}}},
        "inputs": {"dry": True, "empty": ""},
        "steps": {"read-it": {"outputs": {"code": "2"}}},
    },
    {"success": True, "failure": False, "always": True, "cancelled": False},
)
FAILED = Scope(SCOPE.contexts, {"success": False, "failure": True, "always": True, "cancelled": False})


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("null", None),
        ("true", True),
        ("711", 711),
        ("-9.2", -9.2),
        ("0xff", 255),
        ("-2.99e-2", -0.0299),
        ("'It''s open source!'", "It's open source!"),
        ("'}}'", "}}"),
        ("github.event_name", "push"),
        ("GitHub.Event_Name", "push"),
        ("github['event_name']", "push"),
        ("github.event.labels[1].name", "two"),
        ("github.event.labels[5].name", None),
        ("github.event.labels.*.name", ["one", "two"]),
        ("github.nothing.of.that", None),
        ("steps.read-it.outputs.code", "2"),
        ("fromJSON(needs.plan.outputs.list)[0].name", "prod"),
        ("fromJSON('3')", 3),
        ("toJSON(github.event.fork)", "false"),
        ("format('{0}/{1} {{0}}', 'a', 2)", "a/2 {0}"),
        ("join(github.event.labels.*.name, ' and ')", "one and two"),
        ("startsWith(github.ref, 'REFS/heads')", True),
        ("endsWith(github.ref, '/main')", True),
        ("contains(github.ref, 'Heads')", True),
        ("contains(github.event.labels.*.name, 'two')", True),
        ("contains(fromJSON('[\"push\"]'), github.event_name)", True),
        ("'' || 'other'", "other"),
        ("inputs.empty && 'yes' || 'no'", "no"),
        ("inputs.dry && '--dry-run' || ''", "--dry-run"),
        ("1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 4", False),
        ("!inputs.dry == false", True),
        ("!(inputs.dry == false)", True),
        ("'a' == 'A'", True),
        ("'1' == 1", True),
        ("true == 'true'", False),
        ("null == ''", True),
        ("github.event == github.event", True),
        ("github.event.number != 7", False),
        ("'abc' < 'ABD'", True),
        ("false || false || 'x' && 'y'", "y"),
    ],
)
def test_an_expression_has_the_value_that_github_gives_it(expression, value):
    assert evaluate(expression, SCOPE) == value


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("github.", "'its end' is not expected"),
        ("(1", "'its end' is not expected"),
        ("1 2", "'2' is not expected"),
        ("a = b", "'= b' is not understood"),
        ('"double"', "is not understood"),
        ("secrets.TOKEN", "`secrets` cannot be spoken of here"),
        ("explode()", "explode() is not known here"),
        ("contains('a')", "takes no 1 arguments"),
        ("format('{1}', 'a')", "has no value for {1}"),
        ("fromJSON('{')", "cannot read"),
    ],
)
def test_what_github_would_refuse_is_refused(expression, reason):
    with pytest.raises(Wrong) as refused:
        evaluate(expression, SCOPE)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("condition", "runs", "runs_after_a_failure"),
    [
        (False, False, False),
        (True, True, False),
        ("github.event_name == 'push'", True, False),
        ("${{ github.event_name == 'push' }}", True, False),
        ("github.event_name == 'schedule'", False, False),
        ("always()", True, True),
        ("failure()", False, True),
        ("!cancelled()", True, True),
        ("success() || failure()", True, True),
        ("always() && needs.plan.outputs.pending == 'true'", True, True),
        ("!cancelled() && inputs.empty", False, False),
    ],
)
def test_a_condition_asks_for_success_unless_it_asks_for_something_else(condition, runs, runs_after_a_failure):
    assert (holds(condition, SCOPE), holds(condition, FAILED)) == (runs, runs_after_a_failure)


def test_a_condition_with_text_around_its_braces_would_always_be_true_and_is_refused():
    with pytest.raises(Wrong, match="always true"):
        holds("${{ github.event_name }} == 'push'", SCOPE)


def test_a_status_is_asked_for_only_where_there_is_one():
    with pytest.raises(Wrong, match="cannot be asked here"):
        evaluate("always()", SCOPE.narrowed(("github",)))


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("plain", "plain"),
        ("${{ inputs.dry }} and ${{ github.event.number }}", "true and 7"),
        ("${{ github.event.labels }}${{ github.event }}", "ArrayObject"),
        ("a ${{ '}}' }} b", "a }} b"),
        ("${{ inputs.nothing }}", ""),
    ],
)
def test_holes_in_a_text_are_filled(template, filled):
    assert interpolate(template, SCOPE) == filled


def test_a_hole_that_is_not_closed_is_refused():
    with pytest.raises(Wrong, match="not closed"):
        interpolate("${{ inputs.dry }", SCOPE)


def test_a_text_that_is_one_hole_alone_becomes_what_it_holds():
    template = {"include": "${{ fromJSON(needs.plan.outputs.list) }}", "plain": ["${{ inputs.dry }}", 1]}
    assert resolve(template, SCOPE) == {"include": [{"name": "prod"}], "plain": [True, 1]}
