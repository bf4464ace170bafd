"""The partition of every region that botocore knows, and of everything of ours whose name holds one."""

import json
from dataclasses import replace
from importlib.resources import files

import pytest

from reconciler.core import names
from reconciler.core.partitions import Partition, partition
from reconciler.core.specs import training_spec
from support.builders import PLATFORM, desired, project

KNOWN = json.loads((files("botocore") / "data" / "partitions.json").read_text())["partitions"]
REGIONS = [
    (region, Partition(one["id"], one["outputs"]["dnsSuffix"]))
    for one in KNOWN
    for region in one["regions"]
    if not region.endswith("-global")
]


def test_the_partitions_that_botocore_knows_are_those_that_have_a_beginning_here():
    assert len(KNOWN) >= 8
    assert {found.name for _, found in REGIONS} >= {"aws", "aws-cn", "aws-us-gov"}


@pytest.mark.parametrize(("region", "expected"), REGIONS)
def test_a_region_is_in_the_partition_that_botocore_says(region, expected):
    assert partition(region) == expected


@pytest.mark.parametrize(
    ("region", "arn", "registry"),
    [
        ("eu-west-1", "arn:aws:sns:", "amazonaws.com"),
        ("us-gov-west-1", "arn:aws-us-gov:sns:", "amazonaws.com"),
        ("cn-north-1", "arn:aws-cn:sns:", "amazonaws.com.cn"),
    ],
)
def test_what_is_named_before_aws_was_asked_is_in_the_partition_of_its_region(region, arn, registry):
    assert names.alerts_topic(replace(PLATFORM, region=region), "1").startswith(arn)
    assert names.image("1", region, "a/b", "v1") == f"1.dkr.ecr.{region}.{registry}/a/b:v1"


def test_a_policy_of_training_jobs_is_rendered_in_the_partition_of_its_region():
    wanted = project()
    wanted = replace(wanted, training=replace(wanted.training, policy='"arn:${partition}:s3:::data/*"'))
    for region, expected in (("eu-west-1", "aws"), ("us-gov-west-1", "aws-us-gov")):
        state = desired(wanted)
        state = replace(state, platform=replace(state.platform, region=region))
        assert training_spec(wanted, state, "1", "image")["policy"] == f'"arn:{expected}:s3:::data/*"'
