"""Who we are in AWS, as STS says."""

from reconciler.adapters.aws.faults import reading
from reconciler.adapters.aws.session import Aws


class StsAccount:
    """The account that the credentials belong to, and what it has once for all environments."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def id(self) -> str:
        """Account number, 12 digits. Raises ReadFailed."""
        with reading("the AWS account"):
            return str(self._aws.client("sts").get_caller_identity()["Account"])

    def oidc_provider(self, host: str) -> str:
        """ARN of the identity provider for `host`; empty when there is none. Raises ReadFailed."""
        with reading("the identity providers of the account"):
            found = self._aws.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
        return next((provider["Arn"] for provider in found if provider["Arn"].endswith(f":oidc-provider/{host}")), "")
