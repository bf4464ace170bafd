"""The partitions of AWS: what stands second in every ARN of a region, and how its addresses end.

Sources: "Amazon Resource Names", https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html; the beginnings
of the regions' names are those of botocore's `data/partitions.json`, which a test compares.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Partition:
    """One of them."""

    name: str
    """As ARNs have it."""
    suffix: str
    """Of its services' addresses."""


COMMERCIAL = Partition("aws", "amazonaws.com")
_OTHERS = {
    "us-gov-": Partition("aws-us-gov", "amazonaws.com"),
    "cn-": Partition("aws-cn", "amazonaws.com.cn"),
    "eusc-": Partition("aws-eusc", "amazonaws.eu"),
    "us-iso-": Partition("aws-iso", "c2s.ic.gov"),
    "us-isob-": Partition("aws-iso-b", "sc2s.sgov.gov"),
    "eu-isoe-": Partition("aws-iso-e", "cloud.adc-e.uk"),
    "us-isof-": Partition("aws-iso-f", "csp.hci.ic.gov"),
}
"""By what the names of their regions begin with."""


def partition(region: str) -> Partition:
    """The one that a region is in."""
    return next((found for start, found in _OTHERS.items() if region.startswith(start)), COMMERCIAL)
