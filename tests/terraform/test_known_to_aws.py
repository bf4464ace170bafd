"""What a policy says that AWS does not know is found: a statement of that kind never allows, and AWS is silent."""

import json

import pytest

from support.known_to_aws import faults

BATCH = "arn:aws:batch:eu-west-1:123456789012"


def state(*statements):
    policy = json.dumps({"Statement": [{"Sid": "One", "Effect": "Allow", **one} for one in statements]})
    return {"resources": [{"type": "aws_iam_role_policy", "instances": [{"attributes": {"policy": policy}}]}]}


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ({"Action": "batch:StopJob", "Resource": "*"}, "One: batch:StopJob is no action"),
        ({"Action": "batch:ListJobs", "Resource": f"{BATCH}:job-queue/a"}, "One: batch:ListJobs knows none of"),
        ({"Action": ["batch:DeleteJobQueue"], "Resource": f"{BATCH}:job/*"}, "One: batch:DeleteJobQueue knows none of"),
        ({"Action": "batch:DeleteJobQueue", "Resource": "*"}, "One: batch:DeleteJobQueue knows resources"),
        (
            {
                "Action": "sagemaker:DeleteModel",
                "Resource": "arn:aws:sagemaker:eu-west-1:123456789012:model/*",
                "Condition": {"StringEquals": {"sagemaker:ModelArn": "x"}},
            },
            "One: sagemaker:DeleteModel does not know sagemaker:ModelArn of model",
        ),
        (
            {"Action": "batch:SubmitJob", "Resource": f"{BATCH}:job-definition/*"},
            "batch:SubmitJob needs arn:${Partition}:batch:${Region}:${Account}:job-queue/${JobQueueName}",
        ),
    ],
)
def test_it_is_told(statement, fault):
    assert any(one.startswith(fault) for one in faults(state(statement))), faults(state(statement))


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "batch:ListJobs", "Resource": "*"},
        {"Action": "batch:SubmitJob", "Resource": [f"{BATCH}:job-queue/a-*", f"{BATCH}:job/*"]},
        {
            "Action": "batch:TerminateJob",
            "Resource": f"{BATCH}:job/*",
            "Condition": {"StringEquals": {"aws:ResourceTag/a": "b"}},
        },
        {"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::a", "Condition": {"StringLike": {"s3:prefix": "a/*"}}},
    ],
)
def test_what_aws_knows_is_not(statement):
    assert faults(state(statement)) == []
