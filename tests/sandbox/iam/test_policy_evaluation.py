"""The truth table of AWS's evaluation logic: statements, questions, verdicts."""

import json

import pytest

from reconciler.sandbox.aws.iam.conditions import UnknownOperator, hold
from reconciler.sandbox.aws.iam.patterns import action_matches, arn_matches
from reconciler.sandbox.aws.iam.policy import Question, Verdict, decide, read

BUCKET = "arn:aws:s3:::acme-tfstate"
ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}
DENY = {"Effect": "Deny", "Action": "s3:*", "Resource": f"{BUCKET}/prod/bootstrap*"}


def verdict(statements, action="s3:GetObject", resource=f"{BUCKET}/prod/x", **context) -> Verdict:
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    named = {key.replace("__", ":"): value if isinstance(value, tuple) else (value,) for key, value in context.items()}
    return decide(read(document), Question(action, resource, named)).verdict


@pytest.mark.parametrize(
    ("statements", "question", "expected"),
    [
        ([], {}, Verdict.NOT_ALLOWED),
        ([ALLOW], {}, Verdict.ALLOWED),
        (ALLOW, {}, Verdict.ALLOWED),
        ([ALLOW], {"action": "s3:PutObject"}, Verdict.NOT_ALLOWED),
        ([ALLOW], {"action": "S3:getobject"}, Verdict.ALLOWED),
        ([ALLOW], {"resource": "arn:aws:s3:::other/x"}, Verdict.NOT_ALLOWED),
        ([ALLOW, DENY], {}, Verdict.ALLOWED),
        ([ALLOW, DENY], {"resource": f"{BUCKET}/prod/bootstrap.tfstate"}, Verdict.DENIED),
        ([DENY, ALLOW], {"resource": f"{BUCKET}/prod/bootstrap.tfstate"}, Verdict.DENIED),
        ([DENY], {"resource": f"{BUCKET}/prod/bootstrap.tfstate"}, Verdict.DENIED),
        ([{**ALLOW, "Resource": "*"}], {}, Verdict.ALLOWED),
        ([{**ALLOW, "Resource": BUCKET}], {}, Verdict.NOT_ALLOWED),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], {}, Verdict.ALLOWED),
        ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], {}, Verdict.NOT_ALLOWED),
        ([{"Effect": "Allow", "Action": "s3:*", "NotResource": f"{BUCKET}/prod/*"}], {}, Verdict.NOT_ALLOWED),
        ([{"Effect": "Allow", "Action": "s3:*", "NotResource": f"{BUCKET}/dev/*"}], {}, Verdict.ALLOWED),
        ([ALLOW, {**ALLOW, "Effect": "Deny", "Condition": {"Null": {"s3:if-match": "true"}}}], {}, Verdict.DENIED),
        (
            [ALLOW, {**ALLOW, "Effect": "Deny", "Condition": {"Null": {"s3:if-match": "true"}}}],
            {"s3__if-match": "etag"},
            Verdict.ALLOWED,
        ),
        ([{**ALLOW, "Condition": {"StringSounds": {"s3:prefix": "x"}}}], {}, Verdict.NOT_ALLOWED),
        ([ALLOW, {**ALLOW, "Effect": "Deny", "Condition": {"StringSounds": {"a": "x"}}}], {}, Verdict.DENIED),
    ],
)
def test_an_explicit_deny_wins_and_what_nothing_allows_is_refused(statements, question, expected):
    assert verdict(statements, **question) is expected


@pytest.mark.parametrize(
    ("pattern", "arn", "matches"),
    [
        ("*", "arn:aws:s3:::b/k", True),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/k/deeper", True),
        ("arn:aws:s3:::b/?", "arn:aws:s3:::b/kk", False),
        ("arn:aws:batch:*:1:job/*", "arn:aws:batch:eu-west-1:1:job/x", True),
        ("arn:aws:batch:*", "arn:aws:batch:eu-west-1:1:job/x", False),
        ("arn:aws:iam::1:role/a-*", "arn:aws:iam::1:role/A-b", False),
        ("arn:aws:logs:r:1:log-group:/a/*", "arn:aws:logs:r:1:log-group:/a/b:log-stream:c", True),
        ("arn:aws:s3:::b/[x]*", "arn:aws:s3:::b/[x]y", True),
        ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/alice/k", True),
        ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/bob/k", False),
        ("arn:aws:s3:::b/${aws:nobody}/*", "arn:aws:s3:::b//k", False),
        ("arn:aws:s3:::b/${aws:nobody, 'any'}/*", "arn:aws:s3:::b/any/k", True),
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/k", False),
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", True),
        ("arn:aws:s3:::b/${aws:star}", "arn:aws:s3:::b/k", False),
    ],
)
def test_wildcards_of_arns_stay_in_their_segment_and_variables_are_taken_to_the_letter(pattern, arn, matches):
    assert arn_matches(pattern, arn, {"aws:username": ("alice",), "aws:star": ("*",)}) is matches


@pytest.mark.parametrize(
    ("pattern", "matches"), [("batch:SubmitJob", True), ("BATCH:submit*", True), ("*", True), ("batch:Submit", False)]
)
def test_actions_are_compared_in_any_capitals(pattern, matches):
    assert action_matches(pattern, "batch:SubmitJob") is matches


@pytest.mark.parametrize(
    ("operator", "wanted", "found", "expected"),
    [
        ("StringEquals", ["a", "b"], ("b",), True),
        ("StringEquals", ["a*"], ("ab",), False),
        ("StringEquals", ["a"], None, False),
        ("StringEqualsIfExists", ["a"], None, True),
        ("StringEqualsIgnoreCase", ["A"], ("a",), True),
        ("StringNotEquals", ["a"], None, True),
        ("StringNotEquals", ["a", "b"], ("b",), False),
        ("StringLike", ["prod/*"], ("prod/x",), True),
        ("StringNotLike", ["prod/*"], ("prod/x",), False),
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "b"), True),
        ("ForAllValues:StringEquals", ["a"], ("a", "b"), False),
        ("ForAllValues:StringLike", ["*.prod.internal"], None, True),
        ("ForAnyValue:StringEquals", ["a"], ("a", "b"), True),
        ("ForAnyValue:StringEquals", ["a"], None, False),
        ("Null", ["true"], None, True),
        ("Null", ["true"], ("x",), False),
        ("Null", ["false"], ("x",), True),
        ("Bool", ["false"], ("true",), False),
        ("Bool", ["true"], ("true",), True),
        ("ArnEquals", ["arn:aws:iam::aws:policy/service-role/X"], ("arn:aws:iam::aws:policy/service-role/X",), True),
        ("ArnLike", ["arn:aws:ecs:r:1:*"], ("arn:aws:ecs:r:1:task/x",), True),
        ("ArnNotLike", ["arn:aws:ecs:r:1:*"], ("arn:aws:ecs:r:1:task/x",), False),
        ("NumericLessThanEquals", ["10"], ("10",), True),
        ("NumericGreaterThan", ["10"], ("10",), False),
        ("NumericEquals", ["ten"], ("10",), False),
        ("DateLessThan", ["2026-01-01T00:00:00Z"], ("2025-12-31T00:00:00Z",), True),
        ("IpAddress", ["10.0.0.0/8"], ("10.1.2.3",), True),
        ("NotIpAddress", ["10.0.0.0/8"], ("10.1.2.3",), False),
    ],
)
def test_condition_operators_hold_as_iam_documents_them(operator, wanted, found, expected):
    assert hold({operator: {"aws:Key": wanted}}, {} if found is None else {"aws:key": found}) is expected


def test_every_condition_of_a_statement_has_to_hold():
    block = {"StringEquals": {"a": ["1"], "b": ["2"]}, "Null": {"c": ["true"]}}
    assert hold(block, {"a": ("1",), "b": ("2",)})
    assert not hold(block, {"a": ("1",), "b": ("3",)})
    assert not hold(block, {"a": ("1",), "b": ("2",), "c": ("3",)})


@pytest.mark.parametrize("operator", ["StringSounds", "NotStringEquals", "StringNotNotEquals", "BoolNot", "NullNot"])
def test_an_operator_that_iam_has_not_is_told(operator):
    with pytest.raises(UnknownOperator):
        hold({operator: {"a": ["1"]}}, {"a": ("1",)})
