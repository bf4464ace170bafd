"""How AWS's services tell what they refuse, each in its own words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reconciler.sandbox.aws.shapes.difference import HIDDEN, Difference, Kind, Path

Wording = Callable[[Sequence[Difference]], str]

CONSTRAINTS: Mapping[tuple[Kind, str], str] = {
    (Kind.MISSING, ""): "not be null",
    (Kind.ENUM, ""): "satisfy enum value set: {asked}",
    (Kind.PATTERN, ""): "satisfy regular expression pattern: {asked}",
    (Kind.LENGTH, "at least"): "have length greater than or equal to {asked}",
    (Kind.LENGTH, "at most"): "have length less than or equal to {asked}",
    (Kind.RANGE, "at least"): "have value greater than or equal to {asked}",
    (Kind.RANGE, "at most"): "have value less than or equal to {asked}",
}


def common(differences: Sequence[Difference]) -> str:
    """Most services' words.

    Two at once: https://github.com/Nordstrom/serverless-artillery/pull/148. An item of a list:
    https://github.com/aws/amazon-sagemaker-examples/issues/2236. Values that there are:
    https://github.com/aws-samples/aws-sagemaker-heart-disease-prediction/issues/1. What is missing:
    https://github.com/pulumi/pulumi-aws/issues/2357. Lengths: https://github.com/NixOS/nixops/issues/328.
    """
    number = len(differences)
    return f"{number} validation error{'s' if number > 1 else ''} detected: {'; '.join(map(_one, differences))}"


def ecr(differences: Sequence[Difference]) -> str:
    """ECR tells of one: https://github.com/jenkins-x/jx/issues/1344, aws/aws-dotnet-deploy/issues/549."""
    first = differences[0]
    quoted = f"satisfy regular expression '{first.asked}'" if first.kind is Kind.PATTERN else _constraint(first)
    return f"Invalid parameter at '{place(first.path)}' failed to satisfy constraint: 'must {quoted}'"


def ec2(differences: Sequence[Difference]) -> str:
    """EC2's and RDS's: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html."""
    first = differences[0]
    name = str(first.path[-1]) if first.path else ""
    match first.kind:
        case Kind.MISSING:
            return f"The request must contain the parameter {name}"
        case Kind.UNKNOWN:  # https://github.com/aws/aws-sdk-cpp/issues/327
            return f"The parameter {name} is not recognized"
    return f"Value ({_shown(first.value)}) for parameter {name} is invalid. Member must {_constraint(first)}"


def s3(_: Sequence[Difference]) -> str:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html."""
    return "The XML you provided was not well-formed or did not validate against our published schema"


def place(path: Path) -> str:
    """`productionVariants.1.member.modelName`."""
    return ".".join(f"{part}.member" if isinstance(part, int) else part[:1].lower() + part[1:] for part in path)


def _one(one: Difference) -> str:
    return f"{_value(one)} at '{place(one.path)}' failed to satisfy constraint: Member must {_constraint(one)}"


def _value(one: Difference) -> str:
    if one.value is HIDDEN:
        return "Value"
    return "Value null" if one.kind is Kind.MISSING else f"Value '{_shown(one.value)}'"


def _shown(value: Any) -> str:
    if value is HIDDEN:
        return "hidden"
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _constraint(one: Difference) -> str:
    bound, asked = one.asked if isinstance(one.asked, tuple) else ("", one.asked)
    listed = f"[{', '.join(map(str, asked))}]" if isinstance(asked, list) else asked
    return CONSTRAINTS.get((one.kind, bound), "be {asked}").format(asked=listed)
