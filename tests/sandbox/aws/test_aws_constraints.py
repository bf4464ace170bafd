"""What AWS's models ask of values: their regular expressions, in Java's dialect, their bounds and enumerations."""

from typing import Any

import pytest

from reconciler.sandbox.aws.faults import routes
from reconciler.sandbox.aws.shapes import patterns
from reconciler.sandbox.aws.shapes.constraints import breaches
from reconciler.sandbox.aws.shapes.difference import Difference, Kind
from reconciler.sandbox.aws.shapes.model import operation
from reconciler.sandbox.aws.shapes.wording import common, ec2, ecr

TAGS = r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)"
PAIRS = r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*"


@pytest.mark.parametrize(
    ("pattern", "taken", "refused"),
    [
        ("[a-z]+", ["abc"], ["Abc", "abc ", "a\nb", ""]),
        ("^[a-zA-Z0-9](-*[a-zA-Z0-9])*", ["a-b", "a--b"], ["-a", "a-", "a'b"]),
        (r"[\w+=,.@-]+", ["a_b@c"], ["ä", "a b"]),
        (r"\d{12}", ["123456789012"], ["١٢٣٤٥٦٧٨٩٠١٢"]),
        (TAGS, ["größe 名前", ""], ["a?", "a\tb"]),
        (PAIRS, ["text\n", "\U0001f600"], ["\x00"]),
        (r"\p{Print}+", ["a ~"], ["a\n"]),
        (r"\p{ASCII}*", ["a\n"], ["ä"]),
        (r"[\w-_]*", ["a-_"], ["ä", "a b"]),
        (r"\A\S[\p{Print}]*\z", ["a b"], [" a", "a\n"]),
    ],
)
def test_a_pattern_holds_the_whole_value(pattern: str, taken: list[str], refused: list[str]) -> None:
    assert [one for one in taken if not patterns.matches(pattern, one)] == []
    assert [one for one in refused if patterns.matches(pattern, one)] == []


@pytest.mark.parametrize(
    "service", ["sagemaker", "ssm", "iam", "events", "logs", "sts", "application-autoscaling", "route53"]
)
def test_every_pattern_of_the_models_can_be_used(service: str) -> None:
    written = {shape["pattern"] for shape in routes.model(service)["shapes"].values() if "pattern" in shape}
    assert written
    for pattern in written:
        patterns.compiled(pattern)


def broken(service: str, name: str, members: dict[str, Any]) -> list[str]:
    described = operation(service, name)
    assert described
    return [f"{one.kind.name.lower()} {one.place}" for one in breaches(members, described.input_shape)]


@pytest.mark.parametrize(
    ("service", "name", "members", "found"),
    [
        ("sagemaker", "DescribeEndpoint", {"EndpointName": "a"}, []),
        ("sagemaker", "DescribeEndpoint", {}, ["missing EndpointName"]),
        (
            "sagemaker",
            "ListTags",
            {"ResourceArn": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/a", "MaxResults": 1},
            ["range MaxResults"],
        ),
        (
            "logs",
            "CreateLogGroup",
            {"logGroupName": "a", "tags": {"": "", "k": "x" * 257}},
            ["length tags.", "pattern tags.", "length tags.k"],
        ),
        (
            "ecr",
            "CreateRepository",
            {"repositoryName": "ab", "imageTagMutability": "NEVER"},
            ["enum imageTagMutability"],
        ),
        ("ecr", "DescribeRepositories", {"repositoryNames": []}, ["length repositoryNames"]),
        ("kms", "Encrypt", {"KeyId": "a", "Plaintext": b"x" * 4097}, ["length Plaintext"]),
    ],
)
def test_all_that_a_request_breaks_is_found(service: str, name: str, members: dict[str, Any], found: list[str]) -> None:
    assert broken(service, name, members) == found


def test_each_service_tells_in_its_own_words() -> None:
    long = Difference(Kind.LENGTH, ("RoleName",), "x" * 3, ("at most", 2))
    deep = Difference(Kind.PATTERN, ("ProductionVariants", 1, "ModelName"), "b c", "[a-z]+")
    missing = Difference(Kind.MISSING, ("VpcId",))
    assert common([long]) == (
        "1 validation error detected: Value 'xxx' at 'roleName' failed to satisfy constraint: "
        "Member must have length less than or equal to 2"
    )
    assert common([deep, missing]) == (
        "2 validation errors detected: Value 'b c' at 'productionVariants.1.member.modelName' failed to satisfy "
        "constraint: Member must satisfy regular expression pattern: [a-z]+; Value null at 'vpcId' failed to satisfy "
        "constraint: Member must not be null"
    )
    assert ecr([deep]).endswith("failed to satisfy constraint: 'must satisfy regular expression '[a-z]+''")
    assert ec2([missing]) == "The request must contain the parameter VpcId"
    assert ec2([Difference(Kind.UNKNOWN, ("Description",))]) == "The parameter Description is not recognized"
