"""The table of what AWS checks beside an operation names operations, members, actions and resources that there are."""

import re

import boto3
import pytest

from reconciler.sandbox.aws.iam import reference
from reconciler.sandbox.aws.iam.dependent import DEPENDENT, LINKED, SCALED, SCALING, dependent
from reconciler.sandbox.aws.iam.operations import PREFIXES

CLIENTS = {"application-autoscaling": "application-autoscaling", **{prefix: name for name, prefix in PREFIXES.items()}}
ENTRIES = [
    *((operation, one) for operation, ones in DEPENDENT.items() for one in ones),
    *((SCALING, one) for ones in SCALED.values() for one in ones),
]


def members(operation: str) -> set[str]:
    service, _, name = operation.partition(":")
    client = boto3.client(CLIENTS.get(service, service), region_name="eu-west-1")
    return set(client.meta.service_model.operation_model(name).input_shape.members)


@pytest.mark.parametrize(("operation", "one"), ENTRIES)
def test_the_operation_its_member_and_the_action_exist(operation, one):
    assert not one.when or one.when in members(operation)
    assert reference.action(one.action)


@pytest.mark.parametrize(("operation", "one"), ENTRIES)
def test_the_action_knows_the_resource(operation, one):
    kinds = reference.action(one.action).kinds
    if one.on == "*":
        assert not kinds
        return
    asked = re.sub(r"\{\w+\}", "x", one.on).split(":", 5)
    known = [re.sub(r"\$\{\w+\}", ".+", kind.arn).split(":", 5) for kind in kinds]
    assert any(asked[2] == arn[2] and re.fullmatch(arn[5], asked[5]) for arn in known), known


@pytest.mark.parametrize(("operation", "one"), ENTRIES)
def test_its_source_is_an_address(operation, one):
    assert re.match(r"https://(docs\.aws\.amazon|github)\.com/", one.source)


def test_a_member_that_is_missing_or_false_asks_for_nothing():
    managed = {"DBInstanceIdentifier": "x", "ManageMasterUserPassword": "true"}
    assert "kms:DescribeKey" in {one.action for one in dependent("rds:CreateDBInstance", managed)}
    for sent in ({}, {"ManageMasterUserPassword": "false"}, {"ManageMasterUserPassword": False}):
        assert {one.action for one in dependent("rds:CreateDBInstance", sent)} == {LINKED}


def test_a_target_asks_for_what_its_service_does():
    asked = dependent(SCALING, {"ServiceNamespace": "sagemaker"})
    assert [one.context for one in asked if one.action == LINKED] == [
        {"iam:awsservicename": "sagemaker.application-autoscaling.amazonaws.com"}
    ]


def test_what_nobody_listed_asks_for_nothing():
    assert dependent("sts:GetCallerIdentity", {}) == ()
