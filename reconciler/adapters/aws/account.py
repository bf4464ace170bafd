"""Who we are in AWS, as STS says."""

from reconciler.adapters.aws.faults import reading
from reconciler.adapters.aws.session import Aws


class StsAccount:
    """The account that the credentials belong to."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def id(self) -> str:
        """Account number, 12 digits. Raises ReadFailed."""
        with reading("the AWS account"):
            return str(self._aws.client("sts").get_caller_identity()["Account"])
